// Package browser starts a real browser, headless and with a fresh profile, and
// drives it just enough for tests whose pages report by themselves, or answer
// when asked: tabs, the console, crashes, stopped service workers. It needs Linux.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// An Engine is one of the browsers that can be started.
type Engine string

// The engines, by the names that tests use.
const (
	Chromium Engine = "chromium"
	Firefox  Engine = "firefox"
	WebKit   Engine = "webkit"
)

// Engines lists all of them.
var Engines = []Engine{Chromium, Firefox, WebKit}

// A Browser is a running browser.
type Browser interface {
	// Open opens a top-level tab and begins to load url in it.
	Open(ctx context.Context, url string) (Tab, error)

	// StopServiceWorkers ends every running service worker, as the browser does
	// with idle ones.
	StopServiceWorkers(ctx context.Context) error

	// Console is what the pages of all tabs, and the frames in them, wrote to
	// the console. WebKit doesn't tell.
	Console() *Console

	// Suspend has all its processes stand still for a time.
	Suspend(ctx context.Context, length time.Duration) error

	// Used is how long the machine's cores have worked for the browser so far.
	Used() time.Duration

	// Close ends the browser with all its processes and deletes its profile.
	Close() error
}

// A Tab is a top-level browsing context.
type Tab interface {
	// Navigate begins to load url.
	Navigate(ctx context.Context, url string) error

	// Back goes one step back in the tab's history.
	Back(ctx context.Context) error

	// Evaluate evaluates a JavaScript expression in the page, awaits it if it is
	// a promise, and decodes its value, as JSON, into result unless that is nil.
	// It fails with what the expression throws, and when the page is left
	// meanwhile. WebKit's other tabs obey no call before it is done.
	Evaluate(ctx context.Context, expression string, result any) error

	// Crash ends the process that renders the page. WebKit's driver gives up at
	// that: from then on, the browser's other pages live on, but obey no more.
	Crash(ctx context.Context) error

	// Freeze has the browser freeze the page, or let it go on. Only Chromium can
	// be made to.
	Freeze(ctx context.Context, frozen bool) error

	// Screenshot returns what the tab shows, as PNG.
	Screenshot(ctx context.Context) ([]byte, error)

	// Close closes the tab.
	Close(ctx context.Context) error
}

// Options are what a test may want to be different.
type Options struct {
	// Prefs are preferences for Firefox, by name. The other engines ignore them.
	Prefs map[string]any
	// Headed shows the browser's windows, on the display of the environment.
	Headed bool
}

// Start starts a browser. It ends at Close, or when ctx is done.
func Start(ctx context.Context, engine Engine, options Options) (Browser, error) {
	if options.Headed && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("browser: there is no display to show it on: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	switch engine {
	case Chromium:
		return startChromium(ctx, options)
	case Firefox:
		return startFirefox(ctx, options)
	case WebKit:
		return startWebKit(ctx, options)
	}
	return nil, fmt.Errorf("browser: there is no engine %q", engine)
}

// UnsupportedError tells that an engine has no means to do what was asked.
type UnsupportedError struct {
	Engine  Engine
	Feature string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("browser: %s can't %s", e.Engine, e.Feature)
}

// find returns the path of a program, or an error that says how to get it.
func find(program, debianPackage string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", missing(program, debianPackage)
	}
	return path, nil
}

func missing(program, debianPackage string) error {
	return fmt.Errorf("browser: %s is missing; install the Debian package %s", program, debianPackage)
}
