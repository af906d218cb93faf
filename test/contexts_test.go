package test

import (
	"path"
	"sync"
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// atOnce is how many contexts of an engine run their cases at a time: most of it
// they wait, for the ticks on which refusals are told.
const atOnce = 2

// TestContexts runs the rows of the contract in every other kind of global that
// can be a client; TestBrowsers does so in windows.
func TestContexts(t *testing.T) {
	t.Parallel()
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			browserOf := startBrowsers(t, engine)
			contexts := []struct{ client, kind, module string }{
				{"same-site", "", "windowless"}, // the longest
				{"same-site", "worker", "rows"},
				{"same-site", "module-worker", "basics"}, // what is loaded is the same from there on
				{"same-site", "sharedworker", "rows"},
				{"same-site", "module-sharedworker", "basics"},
				{"same-site", "serviceworker", "rows"},
				{"same-site", "module-serviceworker", "basics"},
				{"same-site", "nested-worker", "basics"},
				{"same-site", "frame", "basics"},
				{"same-site", "sandboxed-frame", "basics"},
				{"same-site", "foreign-frame", "basics"},
				{"cross-site", "worker", "basics"},
				{"cross-site", "sharedworker", "basics"},
				{"cross-site", "serviceworker", "basics"},
				{"same-origin", "worker", "basics"},
				{"same-origin", "sharedworker", "basics"},
				{"same-origin", "serviceworker", "basics"},
				{"same-origin", "serviceworker", "itself"},
			}
			var all sync.WaitGroup
			turn := make(chan struct{}, atOnce)
			for _, c := range contexts {
				turn <- struct{}{}
				all.Go(func() {
					defer func() { <-turn }()
					t.Run(path.Join(c.client, c.kind, c.module), func(t *testing.T) {
						r := &run{ctx: beforeDeadline(t), browser: browserOf(t), engine: engine, client: c.client, kind: c.kind, module: "../contexts/" + c.module}
						defer r.leave()
						r.cases(t)
					})
				})
			}
			all.Wait()
		})
	}
}
