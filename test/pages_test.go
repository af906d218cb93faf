package test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/demo/origins"
	"github.com/navigator-connect/navigator-connect/test/browser"
	"github.com/navigator-connect/navigator-connect/test/harness"
)

// pages are opened and closed by the test itself: where none may stay open,
// there is none to run a case.
type pages struct {
	t       *testing.T
	ctx     context.Context
	browser browser.Browser
	site    *harness.Site
	service string // the service's origin
}

// start starts a browser, which ends with the test.
func start(t *testing.T, engine browser.Engine) browser.Browser {
	t.Helper()
	awaitSpareTime()
	b, err := browser.Start(beforeDeadline(t), engine, browser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func newPages(t *testing.T) *pages {
	return newPagesIn(t, start(t, browser.Chromium), "same-site")
}

// pagesTime is how long a test may take that opens and closes pages, on a machine that has others to run as well.
const pagesTime = 6 * time.Minute

// newPagesIn are a site of their own, for a client of that relation to the service.
func newPagesIn(t *testing.T, b browser.Browser, client string) *pages {
	ctx, cancel := context.WithTimeoutCause(beforeDeadline(t), pagesTime, fmt.Errorf("still waiting after %v", pagesTime))
	t.Cleanup(cancel)
	s, err := harness.NewSite(ctx, b, harness.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
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
	data, err := p.site.Channels.Take(p.ctx, channel)
	if err != nil {
		p.t.Fatalf("nothing came to the channel %q: %v", channel, context.Cause(p.ctx))
	}
	if err := json.Unmarshal(data, into); err != nil {
		p.t.Fatalf("%s: %v", data, err)
	}
}

// closing is what the service tells when it hears that a client has left.
type closing struct {
	Closed   string // the client's target URL
	At       int64  // in milliseconds
	Instance string // the start of the worker that heard
}

// takeClosed waits until the service has heard that the channel's client has left.
func (p *pages) takeClosed(channel string) closing {
	p.t.Helper()
	var heard closing
	if p.take(channel, &heard); heard.Closed != p.scope()+"?channel="+channel {
		p.t.Errorf("%s: the service was told of %q", channel, heard.Closed)
	}
	return heard
}

// takeRest returns what else the service has told of the channel's client by now.
func (p *pages) takeRest(channel string) []closing {
	p.t.Helper()
	p.site.Channels.Post(channel, json.RawMessage(`{}`))
	var rest []closing
	for {
		var heard closing
		if p.take(channel, &heard); heard.Closed == "" {
			return rest
		}
		rest = append(rest, heard)
	}
}

// takeNothing makes sure that nothing is left at the channel.
func (p *pages) takeNothing(channel string) {
	p.t.Helper()
	if more := p.takeRest(channel); more != nil {
		p.t.Errorf("%s: the service was also told %+v", channel, more)
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
