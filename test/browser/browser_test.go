package browser_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestEngines drives each engine through a visit of a few pages, which tell
// the server where they are.
func TestEngines(t *testing.T) {
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) { testEngine(t, engine) })
	}
}

func testEngine(t *testing.T, engine browser.Engine) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	goroutines := runtime.NumGoroutine()
	// The profile and all that goes with it belong here, and are gone afterwards.
	temp := shortTempDir(t)
	t.Setenv("TMPDIR", temp)

	visits := make(chan string, 10)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/shown":
			visits <- r.URL.RawQuery
		case "/frame":
			fmt.Fprint(w, `<!doctype html><script>console.error('from the frame')</script>`)
		case "/one", "/two":
			// No frame in the first: leaving it is to be as plain as can be.
			fmt.Fprintf(w, `<!doctype html><body style="background: teal"><script>
				const frame = () => new Promise(requestAnimationFrame);
				onpageshow = async () => {
					if (location.pathname === '/one') await frame().then(frame); // It is to be photographed.
					fetch('/shown?%s');
				};
				console.warn('warned by', location.pathname, 42, {a: 1});
			</script>`, r.URL.Path[1:])
			if r.URL.Path == "/two" {
				fmt.Fprintf(w, `<iframe src="http://localhost:%s/frame"></iframe>`, strings.Split(r.Host, ":")[1])
			}
		default:
			http.NotFound(w, r)
		}
	}))
	shown := func(want string) {
		t.Helper()
		select {
		case got := <-visits:
			if got != want {
				t.Fatalf("page %q shown, want %q", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("page %q is not shown", want)
		}
	}

	b, err := browser.Start(ctx, engine, browser.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	tab := open(t, ctx, b, site.URL+"/one")
	shown("one")
	check(t, tab.Navigate(ctx, site.URL+"/two"))
	shown("two")
	if engine != browser.WebKit {
		// Now, since a frame that has gone tells nothing more.
		check(t, b.Console().Wait(ctx, 0, "warned by /one 42"))
		check(t, b.Console().Wait(ctx, 0, "from the frame"))
	}
	check(t, tab.Back(ctx))
	shown("one")

	for _, line := range b.Console().Lines() {
		t.Log(line)
		if strings.Contains(line.Text, "warned by") && line.Level != "warn" || strings.Contains(line.Text, "from the frame") && line.Level != "error" {
			t.Errorf("wrong level: %s", line)
		}
	}

	shot, err := tab.Screenshot(ctx)
	check(t, err)
	if image, err := png.Decode(bytes.NewReader(shot)); err != nil {
		t.Error(err)
	} else if r, g, b, _ := image.At(10, 10).RGBA(); r>>8 != 0 || g>>8 != 128 || b>>8 != 128 {
		t.Errorf("the page is not teal but %x %x %x", r>>8, g>>8, b>>8)
	}

	var path string
	check(t, tab.Evaluate(ctx, "Promise.resolve(location.pathname)", &path))
	if err := tab.Evaluate(ctx, "Promise.reject(new TypeError('thrown'))", nil); path != "/one" || err == nil || err.Error() != "TypeError: thrown" {
		t.Errorf("evaluated to %q and the error %v", path, err)
	}
	if err := tab.Evaluate(ctx, "new Promise(() => location.assign('/two'))", nil); err == nil || ctx.Err() != nil {
		t.Errorf("a page that was left: %v", err)
	}
	shown("two")

	second := open(t, ctx, b, site.URL+"/two")
	shown("two")
	check(t, supported(t, b.StopServiceWorkers(ctx)))
	check(t, tab.Navigate(ctx, site.URL+"/two"))
	shown("two")
	check(t, tab.Close(ctx))
	check(t, second.Crash(ctx))
	check(t, second.Close(ctx))

	check(t, b.Close())
	site.Close()
	http.DefaultClient.CloseIdleConnections()
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
		t.Errorf("files left: %s", left)
	}
	if left := processes(t, temp); len(left) > 0 {
		t.Errorf("processes left: %s", left)
	}
	for runtime.NumGoroutine() > goroutines { // They end soon, or the test times out.
		if ctx.Err() != nil {
			t.Fatalf("%d goroutines, %d at the start", runtime.NumGoroutine(), goroutines)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestMissingBrowser expects of the error that it tells what to install.
func TestMissingBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for engine, debianPackage := range map[browser.Engine]string{
		browser.Chromium: "chromium",
		browser.Firefox:  "firefox-esr",
		browser.WebKit:   "webkit2gtk-driver",
	} {
		b, err := browser.Start(t.Context(), engine, browser.Options{})
		if err == nil {
			b.Close()
			t.Errorf("%s started", engine)
		} else if !strings.HasSuffix(err.Error(), "install the Debian package "+debianPackage) {
			t.Error(err)
		}
	}
}

// TestStartIsBounded expects that nothing stays when starting takes too long.
func TestStartIsBounded(t *testing.T) {
	for _, engine := range browser.Engines {
		temp := shortTempDir(t)
		t.Setenv("TMPDIR", temp)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		b, err := browser.Start(ctx, engine, browser.Options{})
		cancel()
		if err == nil {
			b.Close()
			t.Errorf("%s started within 30 ms", engine)
		}
		if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
			t.Errorf("%s: files left: %s", engine, left)
		}
	}
}

// shortTempDir is TempDir without the test's name: the path of a socket has a bound.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "")
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func open(t *testing.T, ctx context.Context, b browser.Browser, url string) browser.Tab {
	t.Helper()
	tab, err := b.Open(ctx, url)
	check(t, err)
	return tab
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// supported drops the error that tells that the engine has no means for it.
func supported(t *testing.T, err error) error {
	if unsupported, ok := errors.AsType[*browser.UnsupportedError](err); ok {
		t.Log(unsupported)
		return nil
	}
	return err
}

// processes lists the running ones whose environment mentions dir.
func processes(t *testing.T, dir string) []string {
	var found []string
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	check(t, err)
	for _, path := range environs {
		if strings.HasPrefix(path, fmt.Sprintf("/proc/%d/", os.Getpid())) {
			continue
		}
		environ, _ := os.ReadFile(path)
		if bytes.Contains(environ, []byte(dir)) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, strings.ReplaceAll(string(name), "\x00", " "))
		}
	}
	return found
}
