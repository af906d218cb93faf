package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// caseTime is how long a case may take that names no time of its own.
const caseTime = 40 * time.Second

// loadTime is how long a page may take to load its cases.
const loadTime = 30 * time.Second

// A Case is what a page says of one of its cases.
type Case struct {
	Name string
	// Fresh asks for a page, and a site, of its own.
	Fresh bool
	// Seconds is how long it may take; 0 stands for the default.
	Seconds float64
	// Fails is why it can't pass in this engine from this client; empty if it can.
	Fails string
}

type result struct {
	Name  string
	Error string
}

// A Run is one module of cases, in one browser, by one client.
type Run struct {
	Visit
	ctx     context.Context
	browser browser.Browser

	// The page and its site, while there is one fit for another case.
	site *Site
	tab  browser.Tab
	used bool
	// Patience is how many times as long each case may take, on a machine that has others to run as well; 0 stands for 1.
	Patience int
	// broken is set when a case did not end that should have: nobody else gets the browser then.
	broken bool
}

// NewRun makes a run that ends with ctx. It draws a seed, if the visit has none. Leave must be called at its end.
func NewRun(ctx context.Context, b browser.Browser, v Visit) *Run {
	if v.Facts["seed"] == "" {
		v = v.With("seed", rand.IntN(1<<30))
	}
	return &Run{Visit: v, ctx: ctx, browser: b}
}

// Broken reports whether a case did not end that should have.
func (r *Run) Broken() bool { return r.broken }

// Open opens a page of a site of its own, and returns the cases it offers.
func (r *Run) Open() ([]Case, error) {
	ctx, cancel := context.WithTimeoutCause(r.ctx, loadTime, errors.New("the page did not load its cases"))
	defer cancel()
	start := len(r.browser.Console().Lines())
	site, err := NewSite(r.ctx, r.browser, SiteOptions{Build: r.Build})
	if err != nil {
		return nil, err
	}
	r.site, r.used = site, false
	query := url.Values{}
	for _, facts := range []map[string]string{site.Facts(), r.facts()} {
		for name, value := range facts {
			query.Set(name, value)
		}
	}
	if r.tab, err = r.browser.Open(ctx, site.Own+"/run.html?"+query.Encode()); err != nil {
		return nil, err
	}
	select {
	case cases := <-site.cases:
		return cases, nil
	case failed := <-site.results:
		err = fmt.Errorf("the page did not load: %s", failed.Error)
	case <-ctx.Done():
		r.broken = true
		err = context.Cause(ctx)
	}
	return nil, fmt.Errorf("%w%s", err, r.console(start))
}

// Leave closes the page and its site.
func (r *Run) Leave() {
	if r.site == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 10*time.Second)
	defer cancel()
	if r.tab != nil {
		r.tab.Close(ctx) // A tab that can't be closed is gone already, or goes with the browser.
	}
	r.site.Close()
	r.site, r.tab = nil, nil
}

// An Outcome is what became of a case.
type Outcome struct {
	// Notes are what it wants to be read.
	Notes []string
	// Problem is why it failed, with the browser's console; empty if it passed.
	Problem string
	// Console is what was written to the browser's console meanwhile.
	Console []browser.Line
}

// Play runs a case: on the page that is there, or on one of its own.
func (r *Run) Play(c Case) Outcome {
	if r.used && c.Fresh {
		r.Leave()
	}
	if r.site == nil {
		if _, err := r.Open(); err != nil {
			r.Leave()
			return Outcome{Problem: err.Error()}
		}
	}
	r.used = true
	outcome, usable := r.play(c)
	if !usable && outcome.Problem != "" {
		r.broken = true
	}
	if !usable || c.Fresh {
		r.Leave()
	}
	return outcome
}

// play has the page run one case, and reports whether the page can run another.
func (r *Run) play(c Case) (outcome Outcome, usable bool) {
	limit := caseTime
	if c.Seconds != 0 {
		limit = time.Duration(c.Seconds * float64(time.Second))
	}
	limit *= time.Duration(max(1, r.Patience))
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
	usable = ctx.Err() == nil
	outcome.Notes = r.site.takeNotes()
	if err := r.site.endCase(); err != nil {
		outcome.Notes = append(outcome.Notes, err.Error())
	}
	outcome.Console = r.browser.Console().Lines()[start:]

	switch {
	case c.Fails != "" && problem == "":
		outcome.Problem = "passes, and is listed to fail: " + c.Fails
	case c.Fails != "":
		outcome.Notes = append(outcome.Notes, fmt.Sprintf("fails, as listed: %s\n%s", c.Fails, problem))
	case problem != "":
		outcome.Problem = problem + r.console(start)
	}
	return outcome, usable
}

// console is the console from line start on, to go with an error.
func (r *Run) console(start int) string {
	var text strings.Builder
	for _, line := range r.browser.Console().Lines()[start:] {
		fmt.Fprintf(&text, "\n    console: %s", line)
	}
	return text.String()
}
