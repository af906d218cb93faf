package test

import (
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestTimes runs what measures times, and so nothing of TestBrowsers and the
// like beside it: build.sh runs it first, by itself.
func TestTimes(t *testing.T) {
	// How long connecting takes, which is printed.
	t.Run("connect", func(t *testing.T) { measure(t, "../times/connect", clients, false) })
	// How soon a service hears that its client has gone.
	t.Run("leaving", func(t *testing.T) { measure(t, "../times/leaving", []string{"same-site"}, false) })
	// What nobody may find out by the time it takes. Mostly it waits, all of it at once.
	t.Run("privacy", func(t *testing.T) { measure(t, "../times/privacy", clients, true) })
	// How long a client waits while another attempts more than it may.
	t.Run("hostile", func(t *testing.T) { measure(t, "../trials/hostile", []string{"same-site"}, false) })
}

// measure runs a module in each engine, by clients of those relations to the
// service, several at once or one after the other.
func measure(t *testing.T, module string, clients []string, atOnce bool) {
	for _, engine := range browser.Engines {
		for _, client := range clients {
			t.Run(string(engine)+"/"+client, func(t *testing.T) {
				if atOnce {
					t.Parallel()
				}
				survival{module, engine, client, nil}.test(t)
			})
		}
	}
}
