package browser

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// webKit is WebKitGTK's MiniBrowser, driven by W3C WebDriver,
// https://www.w3.org/TR/webdriver2/. It has no headless mode, and so gets an X
// server without a screen.
//
// Its console stays empty: the protocol has no call for it, and
// --enable-write-console-messages-to-stdout is without effect in the private
// sessions that automation implies. Pages can report theirs to the test.
type webKit struct {
	display *process
	driver  *process
	profile string
	session string // its URL
	home    string // the first window, which stays
	console *Console

	mu sync.Mutex // the protocol has one current window
}

// sessionTime is how long the driver may take to open a session, also on a busy
// machine.
const sessionTime = time.Minute

// errNoSession: once in thousands of starts MiniBrowser is there, its web
// process is not, and the driver waits for ever.
var errNoSession = fmt.Errorf("browser: WebKitWebDriver opened no session within %v", sessionTime)

func startWebKit(ctx context.Context, options Options) (Browser, error) {
	b, err := openWebKit(ctx, options)
	if errors.Is(err, errNoSession) {
		b, err = openWebKit(ctx, options)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func openWebKit(ctx context.Context, options Options) (_ *webKit, err error) {
	driver, err := find("WebKitWebDriver", "webkit2gtk-driver")
	if err != nil {
		return nil, err
	}
	miniBrowsers, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
	if err != nil || len(miniBrowsers) == 0 {
		return nil, missing("MiniBrowser", "libwebkit2gtk-4.1-0")
	}
	b := &webKit{console: newConsole()}
	if b.profile, err = newProfile(WebKit); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()

	display := os.Getenv("DISPLAY")
	if !options.Headed {
		if display, err = b.startDisplay(ctx); err != nil {
			return nil, err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(driver, "--port="+port)
	cmd.Env = environ(b.profile, "DISPLAY="+display, "GDK_BACKEND=x11", "NO_AT_BRIDGE=1", "GTK_A11Y=none", "DBUS_SESSION_BUS_ADDRESS=disabled:")
	if b.driver, err = start(ctx, cmd); err != nil {
		return nil, err
	}
	if err := b.awaitDriver(ctx, "http://"+address); err != nil {
		return nil, err
	}

	opening, cancel := context.WithTimeoutCause(ctx, sessionTime, errNoSession)
	defer cancel()
	var created struct{ SessionID string }
	err = b.call(opening, http.MethodPost, "http://"+address+"/session", map[string]any{
		"capabilities": map[string]any{"alwaysMatch": map[string]any{
			"browserName":      "MiniBrowser",
			"pageLoadStrategy": "none",
			"webkitgtk:browserOptions": map[string]any{
				"binary": miniBrowsers[0],
				"args":   []string{"--automation"},
			},
		}},
	}, &created)
	if err != nil {
		// Closed by our own limit, or by its context's: the cause tells.
		return nil, cmp.Or(context.Cause(opening), err)
	}
	b.session = "http://" + address + "/session/" + created.SessionID
	return b, b.call(ctx, http.MethodGet, b.session+"/window", nil, &b.home)
}

// startDisplay starts the X server, which picks a free number and says so, and returns its name.
func (b *webKit) startDisplay(ctx context.Context) (name string, err error) {
	path, err := find("Xvfb", "xvfb")
	if err != nil {
		return "", err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	defer r.Close()
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	b.display, err = start(ctx, cmd)
	w.Close()
	if err != nil {
		return "", err
	}
	said, err := io.ReadAll(r)
	if err != nil || len(said) == 0 {
		return "", fmt.Errorf("browser: Xvfb did not start (%v)", err)
	}
	return ":" + strings.TrimSpace(string(said)), nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// awaitDriver asks until the driver answers: it says nowhere that it listens.
func (b *webKit) awaitDriver(ctx context.Context, url string) error {
	for {
		err := b.call(ctx, http.MethodGet, url+"/status", nil, nil)
		if err == nil {
			return nil
		}
		select {
		case <-b.driver.exited:
			return fmt.Errorf("browser: WebKitWebDriver ended early")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// call makes a request and decodes the answer's value into result, unless that is nil.
func (b *webKit) call(ctx context.Context, method, url string, params, result any) error {
	var body io.Reader
	if method == http.MethodPost {
		if params == nil {
			params = struct{}{}
		}
		data, err := json.Marshal(params)
		if err != nil {
			return fmt.Errorf("browser: %w", err)
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("browser: %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("browser: %s: %s", url, answer.Value)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Value, result); err != nil {
		return fmt.Errorf("browser: %s: %w", url, err)
	}
	return nil
}

func (b *webKit) Console() *Console { return b.console }

func (b *webKit) StopServiceWorkers(context.Context) error {
	return &UnsupportedError{WebKit, "stop service workers"}
}

func (b *webKit) Suspend(ctx context.Context, length time.Duration) error {
	return b.driver.suspend(ctx, length)
}

func (b *webKit) Used() time.Duration {
	used := b.driver.used()
	if b.display != nil {
		used += b.display.used()
	}
	return used
}

func (b *webKit) Close() error {
	if b.driver != nil {
		b.driver.stop()
	}
	if b.display != nil {
		// It has a lock and a socket outside of our folder, and removes them at its end.
		b.display.stopGently(5 * time.Second)
	}
	http.DefaultClient.CloseIdleConnections()
	return removeProfile(b.profile)
}

func (b *webKit) Open(ctx context.Context, url string) (Tab, error) {
	tab, err := b.newWindow(ctx)
	if err != nil {
		return nil, err
	}
	return tab, tab.Navigate(ctx, url)
}

func (b *webKit) newWindow(ctx context.Context) (*webKitTab, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.renderers()
	home := &webKitTab{browser: b, handle: b.home}
	var created struct{ Handle string }
	// A window of its own is never hidden, and so never throttled.
	if err := home.callLocked(ctx, http.MethodPost, "/window/new", map[string]any{"type": "window"}, &created); err != nil {
		return nil, err
	}
	isOld := func(pid int) bool { return slices.Contains(before, pid) }
	return &webKitTab{browser: b, handle: created.Handle, renderers: slices.DeleteFunc(b.renderers(), isOld)}, nil
}

// renderers are the processes that render pages. The driver has started the
// browser, and that has started them.
func (b *webKit) renderers() []int {
	var found []int
	for _, miniBrowser := range children(b.driver.cmd.Process.Pid) {
		for _, pid := range children(miniBrowser) {
			name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
			if err == nil && strings.HasPrefix(string(name), "WebKitWebProces") {
				found = append(found, pid)
			}
		}
	}
	return found
}

type webKitTab struct {
	browser   *webKit
	handle    string
	renderers []int // that came with it
	crashed   bool
}

// call makes a request of this tab.
func (t *webKitTab) call(ctx context.Context, method, path string, params, result any) error {
	t.browser.mu.Lock()
	defer t.browser.mu.Unlock()
	return t.callLocked(ctx, method, path, params, result)
}

func (t *webKitTab) callLocked(ctx context.Context, method, path string, params, result any) error {
	b := t.browser
	if err := b.call(ctx, http.MethodPost, b.session+"/window", map[string]any{"handle": t.handle}, nil); err != nil {
		return err
	}
	return b.call(ctx, method, b.session+path, params, result)
}

func (t *webKitTab) Navigate(ctx context.Context, url string) error {
	return t.call(ctx, http.MethodPost, "/url", map[string]any{"url": url}, nil)
}

func (t *webKitTab) Back(ctx context.Context) error {
	return t.call(ctx, http.MethodPost, "/back", nil, nil)
}

func (t *webKitTab) Evaluate(ctx context.Context, expression string, result any) error {
	var text string
	evaluate := map[string]any{"script": settling(expression) + ".then(arguments[0])", "args": []any{}}
	if err := t.call(ctx, http.MethodPost, "/execute/async", evaluate, &text); err != nil {
		return err
	}
	return settled(text, result)
}

func (t *webKitTab) Crash(context.Context) error {
	if len(t.renderers) != 1 {
		return fmt.Errorf("browser: the page's process is one of %v", t.renderers)
	}
	t.crashed = true
	if err := syscall.Kill(t.renderers[0], syscall.SIGKILL); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	return nil
}

func (t *webKitTab) Freeze(context.Context, bool) error {
	return &UnsupportedError{WebKit, "freeze pages"}
}

func (t *webKitTab) Screenshot(ctx context.Context) ([]byte, error) {
	var image []byte
	err := t.call(ctx, http.MethodGet, "/screenshot", nil, &image)
	return image, err
}

func (t *webKitTab) Close(ctx context.Context) error {
	if t.crashed {
		return nil
	}
	return t.call(ctx, http.MethodDelete, "/window", nil, nil)
}
