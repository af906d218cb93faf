package test

import (
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// tooLong says what an engine does not run, and why.
var tooLong = map[browser.Engine]map[string]string{
	browser.WebKit: {
		"crowd":     "WebKitGTK takes more than two minutes for 16,384 connections",
		"lifetimes": "in WebKitGTK not all of this ends within 150 s; which of it does not is not known",
	},
}

// TestTrials runs the other modules of pages/trials: what takes long. What lasts
// begins first, and is asked for its outcome last.
func TestTrials(t *testing.T) {
	t.Parallel()
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			ctx := beforeDeadline(t)
			b, err := browser.Start(ctx, engine, browser.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}()
			trial := func(module string) *run {
				return &run{ctx: ctx, browser: b, engine: engine, client: "same-site", module: "../trials/" + module}
			}
			lasting := trial("lifetimes")
			defer lasting.leave()
			var cases []testCase
			if tooLong[engine]["lifetimes"] == "" {
				cases = lasting.visit(t)
			}
			for _, module := range []string{"fuzz", "crowd", "lifetimes"} {
				t.Run(module, func(t *testing.T) {
					if reason := tooLong[engine][module]; reason != "" {
						t.Skip(reason)
					}
					if module == "lifetimes" {
						lasting.playAll(t, cases)
						return
					}
					r := trial(module)
					defer r.leave()
					r.cases(t)
				})
			}
		})
	}
}
