package test

import (
	"path"
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestContexts runs the rows of the contract in every other kind of global that
// can be a client; TestBrowsers does so in windows.
func TestContexts(t *testing.T) {
	t.Parallel()
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
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
			for _, c := range []struct{ client, kind, module string }{
				{"same-site", "worker", "rows"},
				{"same-site", "sharedworker", "rows"},
				{"same-site", "serviceworker", "rows"},
				{"same-site", "module-worker", "basics"},
				{"same-site", "module-sharedworker", "basics"},
				{"same-site", "nested-worker", "basics"},
				{"same-site", "frame", "basics"},
				{"same-site", "sandboxed-frame", "basics"},
				{"cross-site", "worker", "basics"},
				{"cross-site", "sharedworker", "basics"},
				{"cross-site", "serviceworker", "basics"},
				{"same-origin", "worker", "basics"},
				{"same-origin", "sharedworker", "basics"},
				{"same-origin", "serviceworker", "basics"},
				{"same-origin", "serviceworker", "itself"},
				{"same-site", "", "windowless"},
			} {
				t.Run(path.Join(c.client, c.kind, c.module), func(t *testing.T) {
					t.Parallel()
					r := &run{ctx: ctx, browser: b, engine: engine, client: c.client, kind: c.kind, module: "../contexts/" + c.module}
					defer r.leave()
					r.cases(t)
				})
			}
		})
	}
}
