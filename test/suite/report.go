package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// report prints what each test said once it has ended, and keeps what failed.
type report struct {
	out io.Writer

	mu             sync.Mutex
	said           map[string][]string
	passed, failed int
	failures_      []failure
	skipped        int
}

// failure is a test that failed, by itself and not because of one in it.
type failure struct {
	name, again string
	said        []string
}

// again finds the command that a failed test has printed to run it again.
var again = regexp.MustCompile(`(?m)^\s*again: (.*)$`)

// noise is what go test says itself.
var noise = regexp.MustCompile(`^\s*(=== |--- |PASS$|FAIL$|ok\s)`)

// take takes in an event.
func (r *report) take(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.said == nil {
		r.said = map[string][]string{}
	}
	key := e.Package + e.ImportPath + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if !noise.MatchString(e.Output) {
			r.said[key] = append(r.said[key], e.Output)
		}
		return
	case "pass", "fail", "skip", "build-fail":
	default:
		return
	}
	said := r.said[key]
	delete(r.said, key)
	failed := strings.HasSuffix(e.Action, "fail")
	if e.Test == "" && !failed {
		return
	}
	name := e.Test
	if name == "" {
		name = e.Package + e.ImportPath
	}
	fmt.Fprintf(r.out, "--- %s: %s (%.2fs)\n%s", strings.ToUpper(e.Action), name, e.Elapsed, strings.Join(said, ""))
	switch {
	case !failed && e.Action == "skip":
		r.skipped++
	case !failed:
		r.passed++
	case r.explained(name, e, said):
		// A test in it has failed, and says more.
	default:
		r.failed++
		f := failure{name: name, again: againOf(e, said), said: said}
		r.failures_ = append(r.failures_, f)
	}
}

// explained reports whether the failure of a test or package follows from that of another that was told before.
func (r *report) explained(name string, e event, said []string) bool {
	if e.Test == "" {
		return len(r.failures_) > 0 && len(said) == 0 || e.Action == "fail" && len(r.failures_) > 0
	}
	for _, f := range r.failures_ {
		if strings.HasPrefix(f.name, name+"/") {
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

// unexplained returns the error if no failure was told that it may come from.
func (r *report) unexplained(err error) error {
	if r.failures() > 0 {
		return nil
	}
	return err
}

func (r *report) failures() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures_)
}

// summarize prints all that failed once more.
func (r *report) summarize() {
	for _, f := range r.failures_ {
		fmt.Fprintf(r.out, "\nFAILED %s\n%s", f.name, strings.Join(f.said, ""))
	}
}

// count prints how many tests there were, and at last how to run again what failed.
func (r *report) count() {
	if r.skipped > 0 {
		fmt.Fprintf(r.out, "%d skipped\n", r.skipped)
	}
	for _, f := range r.failures_ {
		fmt.Fprintf(r.out, "FAILED %s\n  again: %s\n", f.name, f.again)
	}
	fmt.Fprintf(r.out, "%d passed, %d failed\n", r.passed, r.failed)
}
