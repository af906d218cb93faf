package test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/demo/origins"
	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestSurvival runs the modules of pages/survival, which are about workers that
// end under load, each in a browser of its own: what they stop is the
// browser's, not the case's. They run one by one, before all that is parallel: how
// often a worker is stopped depends on what else the machine has to do.
func TestSurvival(t *testing.T) {
	for _, s := range []survival{
		{"stops", browser.Chromium, "same-site", nil},
		{"restored", browser.Chromium, "same-site", nil},
		{"update", browser.Chromium, "same-site", nil},
		{"registry", browser.Chromium, "same-site", nil},
		{"workers", browser.Chromium, "same-site", nil},
		{"stops", browser.Firefox, "same-site", stopsIdle},
		{"workers", browser.Firefox, "same-site", stopsIdle},
		{"update", browser.Firefox, "same-site", stopsIdle},
		{"update", browser.WebKit, "same-site", nil},
	} {
		t.Run(s.module+"/"+string(s.engine), s.test)
	}
}

// stopsIdle has Firefox stop workers after a second without an event: it stops
// none when asked to.
var stopsIdle = map[string]any{
	"dom.serviceWorkers.idle_timeout":          1_000,
	"dom.serviceWorkers.idle_extended_timeout": 1_000,
}

var (
	chaosTime = flag.Duration("chaos", 3*time.Minute, "how `long` pages, workers and the registry are killed at random")
	chaosSeed = flag.Int("chaos.seed", -1, "the `seed` of what is killed, by default a new one every time")
)

// chaos is the module of that name, which finds its settings in its URL.
func chaos(lasting time.Duration) string {
	seed := *chaosSeed
	if seed < 0 {
		seed = rand.IntN(1 << 30)
	}
	return fmt.Sprintf("chaos.test.js?seconds=%d&seed=%d#", int(lasting.Seconds()), seed)
}

// TestLong is the part of it that takes minutes, most of them idle, all at once.
func TestLong(t *testing.T) {
	for _, s := range []survival{
		{"conversation", browser.Chromium, "same-site", nil},
		{"conversation", browser.Firefox, "same-site", nil},
		{"sleep", browser.Chromium, "same-site", nil},
		{"sleep", browser.Firefox, "same-site", nil},
		{"endless", browser.Chromium, "same-site", nil},
		{"unwatched", browser.Chromium, "same-site", nil},
		{"mortal", browser.Chromium, "same-site", nil},
		{"mortal", browser.Firefox, "same-site", stopsIdle},
		{"mortal", browser.WebKit, "same-site", nil},
		{"talking", browser.Chromium, "same-site", nil},
		{"talking", browser.Firefox, "same-site", nil},
		{"update.test.js?traffic#", browser.Chromium, "same-site", nil},
		{"update.test.js?traffic#", browser.Firefox, "same-site", nil},
		{"update.test.js?traffic#", browser.WebKit, "same-site", nil},
		{chaos(*chaosTime), browser.Chromium, "same-site", nil},
		{chaos(*chaosTime / 3), browser.Firefox, "same-site", stopsIdle},
		{chaos(*chaosTime / 3), browser.WebKit, "same-site", nil},
	} {
		name, _, _ := strings.Cut(s.module, ".")
		t.Run(name+"/"+string(s.engine), func(t *testing.T) {
			t.Parallel()
			s.test(t)
		})
	}
}

// survival is a module in one engine, by one client.
type survival struct {
	module string
	engine browser.Engine
	client string
	prefs  map[string]any
}

func (s survival) test(t *testing.T) {
	ctx := beforeDeadline(t)
	b, err := browser.Start(ctx, s.engine, browser.Options{Prefs: s.prefs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	r := &run{ctx: ctx, browser: b, engine: s.engine, client: s.client, module: "../survival/" + s.module}
	defer r.leave()
	r.cases(t)
}

// TestRestart restarts the browser under a service whose clients were pages:
// they have left, and it hears so at its next start, once.
func TestRestart(t *testing.T) {
	t.Parallel()
	p := newPages(t)
	// list has a navigation into the service's scope start its worker, and
	// returns the ports that the worker found first of all, and how many it has
	// stored by now.
	list := func() (ports []string, stored int) {
		t.Helper()
		p.open(p.scope()+"page", url.Values{"list": {"list"}})
		var answer struct {
			Ports  []string
			Stored int
		}
		p.take("list", &answer)
		return answer.Ports, answer.Stored
	}

	clients := []string{"first", "second"}
	for _, client := range clients {
		p.openClient(client)
	}
	if ports, _ := list(); len(ports) != len(clients) {
		t.Fatalf("before the restart: ports %v", ports)
	}
	p.restart()
	if ports, _ := list(); len(ports) != 0 {
		t.Errorf("after the restart: ports %v", ports)
	}
	for _, client := range clients {
		p.takeClosed(client)
	}
	// A stop in the moment of a close repeats it.
	if _, stored := list(); stored != 0 {
		t.Errorf("%d ports that have closed are stored", stored)
	}
	// The next start hears nothing more.
	p.stopWorkers()
	if ports, _ := list(); len(ports) != 0 {
		t.Errorf("after the restart and a stop: ports %v", ports)
	}
	for _, client := range clients {
		p.takeNothing(client)
	}
}

// TestSleepingWorkers connects a service worker to another. Either posts while
// the other can't be reached, and is stopped, at last with the whole browser;
// then a window opens.
func TestSleepingWorkers(t *testing.T) {
	t.Parallel()
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

// pages are opened and closed by the test itself: where none may stay open,
// there is none to run a case.
type pages struct {
	t       *testing.T
	ctx     context.Context
	browser browser.Browser
	site    *site
	service string // the service's origin
}

func newPages(t *testing.T) *pages {
	b, err := browser.Start(beforeDeadline(t), browser.Chromium, browser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return newPagesIn(t, b, "same-site")
}

// newPagesIn are a site of their own, for a client of that relation to the service.
func newPagesIn(t *testing.T, b browser.Browser, client string) *pages {
	ctx, cancel := context.WithTimeoutCause(beforeDeadline(t), time.Minute, errors.New("still waiting after a minute"))
	t.Cleanup(cancel)
	s, err := newSite(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	service := map[string]string{"same-origin": s.Own, "same-site": s.SameSite, "cross-site": s.CrossSite}[client]
	return &pages{t, ctx, b, s, service}
}

// scope is the reporting service's.
func (p *pages) scope() string { return p.service + "/services/reporting-service/" }

func (p *pages) loader() string { return p.service + origins.Prefix + "navigator-connect.js" }

func (p *pages) open(path string, query url.Values) browser.Tab {
	p.t.Helper()
	tab, err := p.browser.Open(p.ctx, path+"?"+query.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	return tab
}

// openClient opens a page that connects to the reporting service, and tells the channel.
func (p *pages) openClient(channel string) browser.Tab {
	p.t.Helper()
	return p.openClientOf(p.scope()+"?channel="+channel, channel)
}

// openClientOf opens one that connects to a service.
func (p *pages) openClientOf(service, channel string) browser.Tab {
	p.t.Helper()
	tab := p.open(p.site.Own+"/client.html", url.Values{
		"channel": {channel},
		"service": {service},
		"loader":  {p.loader()},
		"install": {"true"},
	})
	var said any
	if p.take(channel, &said); said != "connected" {
		p.t.Fatalf("the client says: %v", said)
	}
	return tab
}

// take waits for what is next at the channel.
func (p *pages) take(channel string, into any) {
	p.t.Helper()
	data, err := p.site.channels.take(p.ctx, channel)
	if err != nil {
		p.t.Fatalf("nothing came to the channel %q: %v", channel, context.Cause(p.ctx))
	}
	if err := json.Unmarshal(data, into); err != nil {
		p.t.Fatalf("%s: %v", data, err)
	}
}

// takeClosed waits until the service has heard that the channel's client has left, and returns when it did.
func (p *pages) takeClosed(channel string) time.Time {
	p.t.Helper()
	var closed struct {
		Closed string
		At     int64
	}
	if p.take(channel, &closed); closed.Closed != p.scope()+"?channel="+channel {
		p.t.Errorf("%s: the service was told of %q", channel, closed.Closed)
	}
	return time.UnixMilli(closed.At)
}

// takeNothing makes sure that nothing is left at the channel.
func (p *pages) takeNothing(channel string) {
	p.t.Helper()
	p.site.channels.post(channel, json.RawMessage(`"nothing more"`))
	var more any
	if p.take(channel, &more); more != "nothing more" {
		p.t.Errorf("%s: the service was also told: %v", channel, more)
	}
}

// restart ends the browser and starts it again; no tab is open then.
func (p *pages) restart() {
	p.t.Helper()
	if err := browser.FaultsOf(p.browser).Restart(p.ctx); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pages) stopWorkers() {
	p.t.Helper()
	if err := p.browser.StopServiceWorkers(p.ctx); err != nil {
		p.t.Fatal(err)
	}
}
