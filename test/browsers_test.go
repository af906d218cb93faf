package test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// caseTime is how long a case may take that names no time of its own, on a
// machine that has others to run as well.
const caseTime = 40 * time.Second

// loadTime is how long a page may take to load its cases.
const loadTime = 20 * time.Second

// clients are the relations of a client's origin to the service's that browsers treat differently.
var clients = []string{"same-origin", "same-site", "cross-site"}

// anywhere names the modules about what is the same wherever the service is,
// and the modules of ports that have been made by then: a same-site client runs
// them for all. What differs is how they are made, to which the others see.
var anywhere = []string{
	"examples-a", "examples-b", "idl", "limits-bounds", "loader-parts", "match-ports",
	"native-ports", "stash-later", "stash-ports", "stash-stops", "stash-updates",
	"unreachable",
}

// TestBrowsers runs the cases of pages/cases in each engine, by a client of
// each relation to the service's origin:
//
//	go test ./test -run 'TestBrowsers/firefox/cross-site/messages'
//
// Most of their time the cases wait, since nobody is to tell a refusal from an
// absence by the time it takes. So these tests, and others like them, run side
// by side, after those that measure.
func TestBrowsers(t *testing.T) {
	t.Parallel()
	modules, err := filepath.Glob("pages/cases/*.test.js")
	if err != nil || len(modules) == 0 {
		t.Fatal("no cases", err)
	}
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			for _, client := range clients {
				t.Run(client, func(t *testing.T) {
					t.Parallel()
					browserOf := startBrowsers(t, engine)
					for _, path := range modules {
						module := strings.TrimSuffix(filepath.Base(path), ".test.js")
						if client != "same-site" && slices.Contains(anywhere, module) {
							continue
						}
						t.Run(module, func(t *testing.T) {
							r := &run{ctx: beforeDeadline(t), browser: browserOf(t), engine: engine, client: client, module: module}
							defer r.leave()
							r.cases(t)
						})
					}
				})
			}
		})
	}
}

// startBrowsers returns the browser of each module of t's: they share one, but
// in WebKit each has its own. There the process of an origin's workers ends
// seconds after its last page, and what another page asks of it meanwhile, of
// any origin of the same host, can wait for ever.
func startBrowsers(t *testing.T, engine browser.Engine) func(t *testing.T) browser.Browser {
	start := func(t *testing.T) browser.Browser {
		b, err := browser.Start(beforeDeadline(t), engine, browser.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	if engine == browser.WebKit {
		return start
	}
	b := start(t)
	return func(*testing.T) browser.Browser { return b }
}

// beforeDeadline is done early enough that what the test owns can still be freed.
func beforeDeadline(t *testing.T) context.Context {
	deadline, ok := t.Deadline()
	if !ok {
		return t.Context()
	}
	ctx, cancel := context.WithDeadlineCause(t.Context(), deadline.Add(-20*time.Second), errors.New("the test's time is up"))
	t.Cleanup(cancel)
	return ctx
}

// run is one module of cases, in one browser, by one client.
type run struct {
	ctx     context.Context
	browser browser.Browser
	engine  browser.Engine
	client  string
	kind    string // of the global that runs the cases; empty for a window
	module  string

	// The page and its site, while there is one fit for another case.
	site *site
	tab  browser.Tab
	used bool
}

// cases runs each case as a subtest.
func (r *run) cases(t *testing.T) { r.playAll(t, r.visit(t)) }

// playAll runs the cases that a visit returned.
func (r *run) playAll(t *testing.T, cases []testCase) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if r.used && c.Fresh {
				r.leave()
			}
			if r.site == nil {
				r.visit(t)
			}
			r.used = true
			if !r.play(t, c) || c.Fresh {
				r.leave()
			}
		})
	}
}

// visit opens a page of its own site, and returns the cases it offers.
func (r *run) visit(t *testing.T) []testCase {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(r.ctx, loadTime, errors.New("the page did not load its cases"))
	defer cancel()
	start := len(r.browser.Console().Lines())
	s, err := newSite(r.ctx, r.browser)
	if err != nil {
		t.Fatal(err)
	}
	r.site, r.used = s, false
	query := url.Values{}
	for name, value := range s.facts(r.engine, r.client, r.module) {
		query.Set(name, value)
	}
	if r.kind != "" {
		query.Set("kind", r.kind)
	}
	if r.tab, err = r.browser.Open(ctx, s.Own+"/run.html?"+query.Encode()); err != nil {
		t.Fatal(err)
	}
	select {
	case cases := <-s.cases:
		return cases
	case failed := <-s.results:
		t.Fatalf("the page did not load: %s%s", failed.Error, r.console(start))
	case <-ctx.Done():
		t.Fatalf("%v%s", context.Cause(ctx), r.console(start))
	}
	return nil
}

// leave closes the page and its site.
func (r *run) leave() {
	if r.site == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 10*time.Second)
	defer cancel()
	if r.tab != nil {
		r.tab.Close(ctx) // A tab that can't be closed is gone already, or goes with the browser.
	}
	r.site.close()
	r.site, r.tab = nil, nil
}

// play has the page run one case, and reports whether the page can run another.
func (r *run) play(t *testing.T, c testCase) bool {
	limit := caseTime
	if c.Seconds != 0 {
		limit = time.Duration(c.Seconds * float64(time.Second))
	}
	ctx, cancel := context.WithTimeoutCause(r.ctx, limit, fmt.Errorf("still running after %v", limit))
	defer cancel()
	start := len(r.browser.Console().Lines())

	var problem string
	select {
	case r.site.next <- c.Name:
		select {
		case result := <-r.site.results:
			problem = result.Error
		case <-ctx.Done():
			problem = context.Cause(ctx).Error()
		}
	case <-ctx.Done():
		problem = "the page does not ask for its next case"
	}
	usable := ctx.Err() == nil
	for _, note := range r.site.takeNotes() {
		t.Log(note)
	}
	if err := r.site.endCase(); err != nil {
		t.Log(err)
	}

	switch {
	case c.Fails != "" && problem == "":
		t.Errorf("passes, and is listed to fail: %s", c.Fails)
	case c.Fails != "":
		t.Logf("fails, as listed: %s\n%s", c.Fails, problem)
	case problem != "":
		t.Errorf("%s%s", problem, r.console(start))
	}
	return usable
}

// console is the console from line start on, to go with an error.
func (r *run) console(start int) string {
	var text strings.Builder
	for _, line := range r.browser.Console().Lines()[start:] {
		fmt.Fprintf(&text, "\n    console: %s", line)
	}
	return text.String()
}
