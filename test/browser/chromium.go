package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// chromium speaks the DevTools protocol, https://chromedevtools.github.io/devtools-protocol/.
type chromium struct {
	driven

	mu        sync.Mutex
	listeners map[string]func(message) // by session, of events that few ask for
}

// listen has every event of a session told to listener, besides what becomes
// of it else, until nil takes its place.
func (b *chromium) listen(session string, listener func(message)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if listener == nil {
		delete(b.listeners, session)
	} else {
		b.listeners[session] = listener
	}
}

func startChromium(ctx context.Context, options Options) (_ Browser, err error) {
	b := &chromium{listeners: map[string]func(message){}}
	if b.driven, err = newDriven(Chromium, options); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	return b, b.launch(ctx)
}

// launch starts the program on the profile, whatever is in there.
func (b *chromium) launch(ctx context.Context) error {
	path, err := find("chromium", "chromium")
	if err != nil {
		return err
	}
	cmd := exec.Command(path,
		"--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-breakpad", "--disable-dev-shm-usage",
		// Tabs in the background work as those in front.
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
		"--disable-renderer-backgrounding",
		// A page opens tabs to which no DevTools are attached: those disable prerendering.
		"--disable-popup-blocking",
		"--remote-debugging-port=0", "--user-data-dir="+b.profile)
	if !b.options.Headed {
		cmd.Args = append(cmd.Args, "--headless")
	}
	cmd.Args = append(cmd.Args, "about:blank")
	cmd.Env = environ(b.profile)
	var url string
	b.process, url, err = startServer(ctx, cmd, regexp.MustCompile(`DevTools listening on (ws://\S+)`))
	if err != nil {
		return err
	}
	b.conn, err = dial(ctx, url, b.event)
	return err
}

func (b *chromium) Open(ctx context.Context, url string) (Tab, error) {
	var created struct{ TargetID string }
	if err := b.conn.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank"}, &created); err != nil {
		return nil, err
	}
	var attached struct{ SessionID string }
	attach := map[string]any{"targetId": created.TargetID, "flatten": true}
	if err := b.conn.call(ctx, "", "Target.attachToTarget", attach, &attached); err != nil {
		return nil, err
	}
	for method, params := range listening {
		if err := b.conn.call(ctx, attached.SessionID, method, params, nil); err != nil {
			return nil, err
		}
	}
	tab := &chromiumTab{b, created.TargetID, attached.SessionID}
	return tab, tab.Navigate(ctx, url)
}

// listening are the calls that have a page's or frame's console reported, what
// it wrote before included. A cross-site frame has a console of its own. Of
// workers we keep away: a debugger keeps a service worker alive.
var listening = map[string]any{
	"Runtime.enable": nil,
	"Log.enable":     nil,
	"Target.setAutoAttach": map[string]any{
		"autoAttach":             true,
		"flatten":                true,
		"waitForDebuggerOnStart": false,
		"filter":                 []map[string]any{{"type": "iframe"}, {"exclude": true}},
	},
}

func (b *chromium) event(c *conn, event message) {
	b.mu.Lock()
	listener := b.listeners[event.SessionID]
	b.mu.Unlock()
	if listener != nil {
		listener(event)
	}
	var p struct {
		// Target.attachedToTarget
		SessionID string
		// Runtime.consoleAPICalled
		Type string
		Args []remoteObject
		// Runtime.exceptionThrown
		ExceptionDetails struct {
			Text      string
			Exception remoteObject
		}
		// Log.entryAdded
		Entry struct{ Level, Text, URL string }
	}
	if err := json.Unmarshal(event.Params, &p); err != nil {
		b.console.Add("error", fmt.Sprintf("browser: %s: %v", event.Method, err))
		return
	}
	switch event.Method {
	case "Target.attachedToTarget":
		for method, params := range listening {
			// The frame may be gone by now, and that is all that can go wrong.
			c.send(context.Background(), p.SessionID, method, params)
		}
	case "Runtime.consoleAPICalled":
		var text strings.Builder
		for _, arg := range p.Args {
			fmt.Fprintf(&text, "%s ", arg)
		}
		b.console.Add(p.Type, text.String())
	case "Runtime.exceptionThrown":
		b.console.Add("error", p.ExceptionDetails.Text+" "+p.ExceptionDetails.Exception.String())
	case "Log.entryAdded":
		b.console.Add(p.Entry.Level, p.Entry.Text+" "+p.Entry.URL)
	}
}

// remoteObject is a JavaScript value as DevTools describes it.
type remoteObject struct {
	Value               any
	UnserializableValue string
	Description         string
}

func (o remoteObject) String() string {
	switch {
	case o.Description != "":
		return o.Description
	case o.UnserializableValue != "":
		return o.UnserializableValue
	case o.Value == nil:
		return ""
	}
	return fmt.Sprint(o.Value)
}

// StopServiceWorkers needs a page to ask through, and opens one for it.
func (b *chromium) StopServiceWorkers(ctx context.Context) error {
	tab, err := b.Open(ctx, "about:blank")
	if err != nil {
		return err
	}
	session := tab.(*chromiumTab).session
	for _, method := range []string{"ServiceWorker.enable", "ServiceWorker.stopAllWorkers"} {
		if err := b.conn.call(ctx, session, method, nil, nil); err != nil {
			return err
		}
	}
	return tab.Close(ctx)
}

type chromiumTab struct {
	browser *chromium
	target  string
	session string
}

func (t *chromiumTab) call(ctx context.Context, method string, params, result any) error {
	return t.browser.conn.call(ctx, t.session, method, params, result)
}

func (t *chromiumTab) Navigate(ctx context.Context, url string) error {
	var result struct{ ErrorText string }
	if err := t.call(ctx, "Page.navigate", map[string]any{"url": url}, &result); err != nil {
		return err
	}
	if result.ErrorText != "" {
		return fmt.Errorf("browser: %s: %s", url, result.ErrorText)
	}
	return nil
}

func (t *chromiumTab) Back(ctx context.Context) error {
	var history struct {
		CurrentIndex int
		Entries      []struct{ ID int }
	}
	if err := t.call(ctx, "Page.getNavigationHistory", nil, &history); err != nil {
		return err
	}
	if history.CurrentIndex == 0 {
		return fmt.Errorf("browser: the tab's history begins here")
	}
	entry := history.Entries[history.CurrentIndex-1]
	return t.call(ctx, "Page.navigateToHistoryEntry", map[string]any{"entryId": entry.ID}, nil)
}

func (t *chromiumTab) Evaluate(ctx context.Context, expression string, result any) error {
	var answer evaluated
	evaluate := map[string]any{"expression": settling(expression), "awaitPromise": true}
	if err := t.call(ctx, "Runtime.evaluate", evaluate, &answer); err != nil {
		return err
	}
	return answer.into(result)
}

func (t *chromiumTab) Crash(ctx context.Context) error {
	// A crashed page answers nothing; the call's failure is its success.
	answer, err := t.browser.conn.send(ctx, t.session, "Page.crash", nil)
	_ = answer
	return err
}

func (t *chromiumTab) Freeze(ctx context.Context, frozen bool) error {
	state := "active"
	if frozen {
		state = "frozen"
	}
	return t.browser.conn.call(ctx, t.session, "Page.setWebLifecycleState", map[string]any{"state": state}, nil)
}

func (t *chromiumTab) Screenshot(ctx context.Context) ([]byte, error) {
	return t.browser.screenshot(ctx, t.session, "Page.captureScreenshot", nil)
}

func (t *chromiumTab) Close(ctx context.Context) error {
	return t.browser.conn.call(ctx, "", "Target.closeTarget", map[string]any{"targetId": t.target}, nil)
}
