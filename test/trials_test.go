package test

import (
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestTrials runs the modules of pages/trials: what takes long, and what is
// hostile. What lasts begins first, and is asked for its outcome last.
func TestTrials(t *testing.T) {
	t.Parallel()
	for _, engine := range []browser.Engine{browser.Chromium, browser.Firefox} {
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
			cases := lasting.visit(t)
			for _, module := range []string{"fuzz", "hostile"} {
				t.Run(module, func(t *testing.T) {
					r := trial(module)
					defer r.leave()
					r.cases(t)
				})
			}
			t.Run("lifetimes", func(t *testing.T) { lasting.playAll(t, cases) })
		})
	}
}
