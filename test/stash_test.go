package test

import (
	"net/url"
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// stashService is the scope of the stashing service, which a page has installed
// and left.
func (p *pages) stashService() string {
	p.t.Helper()
	scope := p.site.SameSite + "/services/stash-service/"
	tab := p.openClientOf(scope+"?orders", "installer")
	if err := tab.Close(p.ctx); err != nil {
		p.t.Fatal(err)
	}
	return scope
}

// TestStashRestart restarts the browser under two service workers that have
// stashed the ports of the connection between them.
func TestStashRestart(t *testing.T) {
	t.Parallel()
	defer takeTurn()()
	p := newPages(t)
	scope := p.stashService()
	// order has a window tell the client's worker, and waits for an answer that
	// its port hears. What it had not confirmed before it ended may come again.
	order := func(order, want string) {
		t.Helper()
		tab := p.open(p.site.Own+"/worker-page.html", url.Values{
			"loader": {p.loader()},
			"worker": {"stashing-client"},
			"relay":  {order},
		})
		var relayed struct{ Error string }
		if p.take("relayed", &relayed); relayed.Error != "" {
			t.Fatal(relayed.Error)
		}
		for {
			var heard any
			p.take("heard", &heard)
			answer, _ := heard.(map[string]any)
			if heard == want || answer["data"] == want && answer["name"] == "both" {
				break
			}
			if answer["data"] != "before the restart" {
				t.Fatalf("the client heard %v, want %q", heard, want)
			}
		}
		if err := tab.Close(p.ctx); err != nil {
			t.Fatal(err)
		}
	}
	post := func(message string) {
		t.Helper()
		order(`{"order": "post", "name": "both", "message": "`+message+`"}`, message)
	}
	order(`{"order": "connect", "name": "both", "url": "`+scope+`?answer=accepted&name=both"}`, "You are connected!")
	post("before the restart")
	if err := browser.FaultsOf(p.browser).Restart(p.ctx); err != nil {
		t.Fatal(err)
	}
	post("after the restart")
}

// TestStashWindowless stashes a port that is no connection's with no window
// open, and so nobody to take it into custody: it works, and ends with the worker.
func TestStashWindowless(t *testing.T) {
	t.Parallel()
	defer takeTurn()()
	p := newPages(t)
	p.stashService()
	for range 3 {
		if err := browser.FaultsOf(p.browser).Push(p.ctx, p.site.SameSite, "alone"); err != nil {
			t.Fatal(err)
		}
		var counted struct {
			Before, After int
			Data          string
		}
		if p.take("alone", &counted); counted.Before != 0 || counted.After != 1 || counted.Data != "hello" {
			t.Errorf("got %+v, want one port that answers, and none of an earlier start", counted)
		}
		p.stopWorkers()
	}
}
