package test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestRestart restarts the browser under a service whose clients were pages:
// they have left, and it hears so at its next start, once.
func TestRestart(t *testing.T) {
	t.Parallel()
	defer takeTurn()()
	p := newPages(t)
	// listing is what a start of the worker found first of all, and how many ports it has stored by now.
	type listing struct {
		Ports    []string
		Stored   int
		Instance string
	}
	// list has a navigation into the service's scope start its worker.
	list := func() (found listing) {
		t.Helper()
		p.open(p.scope()+"page", url.Values{"list": {"list"}})
		p.take("list", &found)
		return found
	}

	clients := []string{"first", "second"}
	for _, client := range clients {
		p.openClient(client)
	}
	before := list()
	if len(before.Ports) != len(clients) {
		t.Fatalf("before the restart: ports %v", before.Ports)
	}
	p.restart()
	if after := list(); len(after.Ports) != 0 {
		t.Errorf("after the restart: ports %v", after.Ports)
	}
	first := map[string]closing{}
	for _, client := range clients {
		first[client] = p.takeClosed(client)
	}
	// A stop in the moment of a close repeats it.
	if after := list(); after.Stored != 0 {
		t.Errorf("%d ports that have closed are stored", after.Stored)
	}
	// The next start hears nothing more.
	p.stopWorkers()
	if after := list(); len(after.Ports) != 0 {
		t.Errorf("after the restart and a stop: ports %v", after.Ports)
	}
	for _, client := range clients {
		// The browser ends its pages before its workers. One that hears so in its last moment, and is ended before it
		// has put that down, is followed by one that hears it again.
		if again := p.takeRest(client); len(again) > 1 ||
			len(again) == 1 && (first[client].Instance != before.Instance || again[0].Instance == before.Instance) {
			t.Errorf("%s: the service was told %+v, and then %+v", client, first[client], again)
		}
	}
}

// TestSleepingWorkers connects a service worker to another. Either posts while
// the other can't be reached, and is stopped, at last with the whole browser;
// then a window opens.
func TestSleepingWorkers(t *testing.T) {
	t.Parallel()
	defer takeTurn()()
	p := newPages(t)
	installer := p.openClient("installer")
	window := func(relay string) browser.Tab {
		t.Helper()
		query := url.Values{"loader": {p.loader()}}
		if relay != "" {
			query.Set("relay", relay)
		}
		return p.open(p.site.Own+"/worker-page.html", query)
	}
	shut := func(tab browser.Tab) {
		t.Helper()
		if err := tab.Close(p.ctx); err != nil {
			t.Fatal(err)
		}
	}
	// hear waits until the client's worker has heard text. What it had heard when
	// it was stopped may come again, if it had not confirmed that yet.
	earlier := map[string]bool{}
	hear := func(text string) {
		t.Helper()
		for {
			var data struct{ Text string }
			p.take("heard", &data)
			if data.Text == text {
				earlier[text] = true
				return
			}
			if !earlier[data.Text] {
				t.Fatalf("the client heard %q, want %q", data.Text, text)
			}
		}
	}
	// No other window may be the worker's courier.
	shut(installer)
	tab := window(`{"connect": "` + p.scope() + `?name=worker"}`)
	var relayed struct{ Error string }
	if p.take("relayed", &relayed); relayed.Error != "" {
		t.Fatal(relayed.Error)
	}
	// Having heard an answer, the worker has stored its port.
	second := window(`{"message": {"text": "hello"}}`)
	if p.take("relayed", &relayed); relayed.Error != "" {
		t.Fatal(relayed.Error)
	}
	hear("hello")
	earlier["hello"] = true
	shut(second)
	for round, end := range []func(){p.stopWorkers, p.stopWorkers, p.restart} {
		shut(tab)
		p.stopWorkers()
		text := fmt.Sprintf("of the service %d", round)
		page := p.open(p.scope()+"page", url.Values{"list": {"list"}, "tell": {"worker"}, "text": {text}})
		p.take("list", new(any))
		shut(page)
		end()
		start := time.Now()
		tab = window("")
		hear(text)
		t.Logf("the service's message arrived %v after a window opened", time.Since(start).Round(time.Millisecond))

		shut(tab)
		p.stopWorkers()
		text = fmt.Sprintf("of the client %d", round)
		if err := browser.FaultsOf(p.browser).Push(p.ctx, p.site.Own, text); err != nil {
			t.Fatal(err)
		}
		p.take("pushed", new(any))
		end()
		start = time.Now()
		tab = window("")
		hear(text) // The service sends it back.
		t.Logf("the client's message was answered %v after a window opened", time.Since(start).Round(time.Millisecond))
	}
}
