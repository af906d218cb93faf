package test

import (
	"context"
	"errors"
	"flag"
	"sync"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/harness"
)

var (
	chaosTime = flag.Duration("chaos", 0, "how `long` pages, workers and the registry are killed at random, if not as long as usual")
	seed      = flag.String("seed", "", "the `seed` of whatever is left to chance, by default a new one for each module")
)

// TestTimes runs the modules that measure times, one after the other, with the
// machine to themselves. It comes before all that is parallel.
func TestTimes(t *testing.T) {
	pool := newPool(t)
	isPrivacy := func(v harness.Visit) bool { return v.Module == "times/privacy" }
	play(t, pool, 1, func(v harness.Visit) bool { return v.Alone && !isPrivacy(v) })
	// Between its ticks nothing happens: all of it at once.
	play(t, pool, 9, isPrivacy)
}

// TestModules runs the other modules:
//
//	go test ./test -run 'TestModules/firefox/cross-site/connect-messages'
//
// Most of their time they wait, since nobody is to tell a refusal from an absence by the time it takes. So several of
// them run side by side, and those that wait for minutes beside all others.
func TestModules(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	var both sync.WaitGroup
	both.Go(func() { play(t, pool, 64, func(v harness.Visit) bool { return v.Waits }) })
	both.Go(func() { play(t, pool, atOnce, func(v harness.Visit) bool { return !v.Waits && !v.Alone }) })
	both.Wait()
}

// newPool makes one that ends with the test.
func newPool(t *testing.T) *harness.Pool {
	pool := harness.NewPool(beforeDeadline(t))
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool
}

// play makes those visits that are wanted, in their order, so many at a time.
func play(t *testing.T, pool *harness.Pool, atOnce int, wanted func(harness.Visit) bool) {
	visits := make(chan harness.Visit)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for v := range visits {
				// Its name has slashes: one level of tests for each part would start them out of order.
				t.Run(v.Name(), func(t *testing.T) {
					if !v.Waits && !v.Alone {
						defer takeTurn()()
					}
					visit(t, pool, v)
				})
			}
		})
	}
	for _, v := range harness.Visits() {
		if wanted(v) {
			visits <- v
		}
	}
	close(visits)
	all.Wait()
}

// visit runs each case of a module as a subtest.
func visit(t *testing.T, pool *harness.Pool, v harness.Visit) {
	if *seed != "" {
		v = v.With("seed", *seed)
	}
	if *chaosTime != 0 && v.Facts["seconds"] != "" {
		v = v.With("seconds", chaosTime.Seconds())
	}
	awaitSpareTime()
	b, err := pool.Start(v)
	if err != nil {
		t.Fatal(err)
	}
	before := b.Used()
	r := harness.NewRun(beforeDeadline(t), b, v)
	if !v.Alone {
		r.Patience = 3
	}
	defer func() {
		t.Logf("%.1f core-seconds", (b.Used() - before).Seconds())
		pool.End(r)
	}()
	cases, err := r.Open()
	if err != nil {
		t.Fatalf("%v\nagain: %s", err, r.Again(""))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			outcome := r.Play(c)
			for _, note := range outcome.Notes {
				t.Log(note)
			}
			if outcome.Problem != "" {
				t.Errorf("%s\nagain: %s", outcome.Problem, r.Again(c.Name))
			}
		})
	}
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
