package test

import (
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestTrials runs the other modules of pages/trials: what takes long. What lasts
// begins first, and is asked for its outcome last.
func TestTrials(t *testing.T) {
	t.Parallel()
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			// What lasts has a browser of its own, where nothing else keeps a worker awake or busy.
			trial := func(module string) *run {
				ctx := beforeDeadline(t)
				b, err := browser.Start(ctx, engine, browser.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := b.Close(); err != nil {
						t.Error(err)
					}
				})
				return &run{ctx: ctx, browser: b, engine: engine, client: "same-site", module: "../trials/" + module}
			}
			lasting := trial("lifetimes")
			defer lasting.leave()
			cases := lasting.visit(t)
			for _, module := range []string{"fuzz", "crowd", "lifetimes"} {
				t.Run(module, func(t *testing.T) {
					switch {
					case module == "lifetimes":
						lasting.playAll(t, cases)
					case module == "crowd" && engine != browser.Chromium:
						t.Skip("it takes minutes for 16,384 connections, where Chromium takes half a minute")
					default:
						r := trial(module)
						defer r.leave()
						r.cases(t)
					}
				})
			}
		})
	}
}
