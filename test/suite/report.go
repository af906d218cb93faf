package main

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// report prints what each test said once it has ended, and keeps what failed.
type report struct {
	out io.Writer

	mu              sync.Mutex
	said            map[string][]string // by package and test, until it ends
	passed, skipped int
	failed          []failure
}

// failure is a test that failed by itself, and not because of one in it.
type failure struct {
	pkg, name, again string
	said             []string
}

// again finds the command that a failed test has printed to run it again.
var again = regexp.MustCompile(`(?m)^\s*again: (.*)$`)

// framing is what go test prints around what tests say.
var framing = regexp.MustCompile(`^\s*(=== |--- |PASS$|FAIL$|ok\s)`)

// take takes in an event.
func (r *report) take(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.said == nil {
		r.said = map[string][]string{}
	}
	name := cmp.Or(e.Test, e.Package, e.ImportPath)
	key := cmp.Or(e.Package, e.ImportPath) + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if !framing.MatchString(e.Output) {
			r.said[key] = append(r.said[key], e.Output)
		}
		return
	case "pass", "skip", "fail", "build-fail":
	default:
		return
	}
	said := r.said[key]
	delete(r.said, key)
	failed := strings.HasSuffix(e.Action, "fail")
	if e.Test == "" && !failed {
		return // A package is no test.
	}
	fmt.Fprintf(r.out, "--- %s: %s (%.2fs)\n%s", strings.ToUpper(e.Action), name, e.Elapsed, strings.Join(said, ""))
	switch {
	case e.Action == "pass":
		r.passed++
	case e.Action == "skip":
		r.skipped++
	case !r.explains(e):
		r.failed = append(r.failed, failure{e.Package, name, againOf(e, said), said})
	}
}

// explains reports whether a test or a package failed because of a test in it, which was told before and says more.
func (r *report) explains(e event) bool {
	for _, f := range r.failed {
		if e.Action == "fail" && f.pkg == e.Package && (e.Test == "" || strings.HasPrefix(f.name, e.Test+"/")) {
			return true
		}
	}
	return false
}

// againOf is the command that runs a failed test again.
func againOf(e event, said []string) string {
	if found := again.FindStringSubmatch(strings.Join(said, "")); found != nil {
		return found[1]
	}
	if e.Test == "" {
		return "go vet ./..."
	}
	parts := strings.Split(e.Test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return fmt.Sprintf("./build.sh test -run '%s'", strings.ReplaceAll(strings.Join(parts, "/"), "'", "."))
}

// failures is how many tests have failed.
func (r *report) failures() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failed)
}

// explain prints what those tests said that failed.
func (r *report) explain() {
	for _, f := range r.failed {
		fmt.Fprintf(r.out, "\nFAILED %s\n%s", f.name, strings.Join(f.said, ""))
	}
}

// conclude prints how many tests there were, and how to run again what failed.
func (r *report) conclude() {
	for _, f := range r.failed {
		fmt.Fprintf(r.out, "FAILED %s\n  again: %s\n", f.name, f.again)
	}
	if r.skipped > 0 {
		fmt.Fprintf(r.out, "%d skipped\n", r.skipped)
	}
	fmt.Fprintf(r.out, "%d passed, %d failed\n", r.passed, len(r.failed))
}
