package test

import (
	"context"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
	"github.com/navigator-connect/navigator-connect/test/harness"
)

// TestLeaving has a client leave that was the only page there was. Its service,
// which may share its process, hears of it once. How clients leave while
// another page is there: pages/cases/survive-leaving.test.js.
func TestLeaving(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name  string
		leave func(context.Context, *pages, browser.Tab) error
	}{
		{"closed", func(ctx context.Context, _ *pages, tab browser.Tab) error { return tab.Close(ctx) }},
		{"navigated", func(ctx context.Context, p *pages, tab browser.Tab) error {
			return tab.Navigate(ctx, p.site.Own+"/frame.html")
		}},
		{"navigated to another origin", func(ctx context.Context, p *pages, tab browser.Tab) error {
			return tab.Navigate(ctx, p.site.Bare+"/frame.html")
		}},
		{"navigated to a blank page", func(ctx context.Context, _ *pages, tab browser.Tab) error {
			return tab.Navigate(ctx, "about:blank")
		}},
	}
	for _, engine := range browser.Engines {
		for _, client := range harness.Clients {
			t.Run(string(engine)+"/"+client, func(t *testing.T) {
				t.Parallel()
				defer takeTurn()()
				b := start(t, engine)
				for _, way := range ways {
					t.Run(way.name, func(t *testing.T) {
						p := newPagesIn(t, b, client)
						tab := p.openClient("first")
						start := time.Now()
						if err := way.leave(p.ctx, p, tab); err != nil {
							t.Fatal(err)
						}
						heard := time.UnixMilli(p.takeClosed("first").At)
						t.Logf("the service heard of it after %v", heard.Sub(start).Round(time.Millisecond))
						// Another one that comes and goes shows that nothing more was on its way.
						if err := p.openClient("second").Close(p.ctx); err != nil {
							t.Fatal(err)
						}
						p.takeClosed("second")
						p.takeNothing("first")
					})
				}
			})
		}
	}
}
