package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// firefox speaks WebDriver BiDi, https://w3c.github.io/webdriver-bidi/.
type firefox struct {
	driven

	tabs sync.Mutex // a tab that is closed while another is opened can take that along
}

func startFirefox(ctx context.Context, options Options) (_ Browser, err error) {
	path, err := find("firefox-esr", "firefox-esr")
	if err != nil {
		return nil, err
	}
	b := &firefox{}
	if b.driven, err = newDriven(Firefox, options); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	if err := writePrefs(b.profile, options.Prefs); err != nil {
		return nil, err
	}

	cmd := exec.Command(path, "--no-remote", "--profile", b.profile, "--remote-debugging-port=0",
		"--remote-allow-system-access") // for the page that crashes
	if !options.Headed {
		cmd.Args = append(cmd.Args, "--headless")
	}
	cmd.Env = environ(b.profile, "MOZ_CRASHREPORTER_DISABLE=1")
	var url string
	b.process, url, err = startServer(ctx, cmd, regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`))
	if err != nil {
		return nil, err
	}
	if b.conn, err = dial(ctx, url+"/session", b.event); err != nil {
		return nil, err
	}
	if err := b.conn.call(ctx, "", "session.new", map[string]any{"capabilities": map[string]any{}}, nil); err != nil {
		return nil, err
	}
	events := map[string]any{"events": []string{"log.entryAdded"}}
	return b, b.conn.call(ctx, "", "session.subscribe", events, nil)
}

// writePrefs adds to what the browser sets by itself when it is driven from outside.
func writePrefs(profile string, more map[string]any) error {
	prefs := map[string]any{
		// Tabs in the background work as those in front.
		"dom.min_background_timeout_value":           4,
		"dom.timeout.enable_budget_timer_throttling": false,
		"dom.ipc.processPriorityManager.enabled":     false,
	}
	maps.Copy(prefs, more)
	var js strings.Builder
	for name, value := range prefs {
		literal, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("browser: preference %s: %w", name, err)
		}
		fmt.Fprintf(&js, "user_pref(%q, %s);\n", name, literal)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(js.String()), 0o600); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	return nil
}

func (b *firefox) event(_ *conn, event message) {
	var entry struct{ Type, Level, Method, Text string }
	if event.Method != "log.entryAdded" || json.Unmarshal(event.Params, &entry) != nil {
		return
	}
	level := entry.Level
	if entry.Type == "console" && entry.Method == "log" {
		level = "log" // BiDi counts it as info.
	}
	b.console.Add(level, entry.Text)
}

func (b *firefox) StopServiceWorkers(context.Context) error {
	return &UnsupportedError{Firefox, "stop service workers on demand (set dom.serviceWorkers.idle_timeout)"}
}

func (b *firefox) Open(ctx context.Context, url string) (Tab, error) {
	b.tabs.Lock()
	defer b.tabs.Unlock()
	var created struct{ Context string }
	if err := b.conn.call(ctx, "", "browsingContext.create", map[string]any{"type": "tab"}, &created); err != nil {
		return nil, err
	}
	tab := &firefoxTab{b, created.Context}
	return tab, tab.Navigate(ctx, url)
}

type firefoxTab struct {
	browser *firefox
	context string
}

func (t *firefoxTab) call(ctx context.Context, method string, more map[string]any, result any) error {
	params := map[string]any{"context": t.context}
	maps.Copy(params, more)
	return t.browser.conn.call(ctx, "", "browsingContext."+method, params, result)
}

func (t *firefoxTab) Navigate(ctx context.Context, url string) error {
	return t.call(ctx, "navigate", map[string]any{"url": url, "wait": "none"}, nil)
}

func (t *firefoxTab) Back(ctx context.Context) error {
	return t.call(ctx, "traverseHistory", map[string]any{"delta": -1}, nil)
}

func (t *firefoxTab) Evaluate(ctx context.Context, expression string, result any) error {
	var answer evaluated
	evaluate := map[string]any{
		"expression":   settling(expression),
		"target":       map[string]any{"context": t.context},
		"awaitPromise": true,
	}
	if err := t.browser.conn.call(ctx, "", "script.evaluate", evaluate, &answer); err != nil {
		return err
	}
	return answer.into(result)
}

func (t *firefoxTab) Crash(ctx context.Context) error {
	// The answer may be lost with the page's process.
	crash := map[string]any{"context": t.context, "url": "about:crashcontent", "wait": "none"}
	answer, err := t.browser.conn.send(ctx, "", "browsingContext.navigate", crash)
	_ = answer
	return err
}

func (t *firefoxTab) Freeze(context.Context, bool) error {
	return &UnsupportedError{Firefox, "freeze pages"}
}

func (t *firefoxTab) Screenshot(ctx context.Context) ([]byte, error) {
	params := map[string]any{"context": t.context}
	return t.browser.screenshot(ctx, "", "browsingContext.captureScreenshot", params)
}

func (t *firefoxTab) Close(ctx context.Context) error {
	t.browser.tabs.Lock()
	defer t.browser.tabs.Unlock()
	return t.call(ctx, "close", nil, nil)
}
