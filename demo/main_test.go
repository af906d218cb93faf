package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSite(t *testing.T) {
	urls := []string{"http://localhost:8001", "http://localhost:8002", "http://127.0.0.1:8003"}
	site := newSite(urls, t.TempDir())

	for _, test := range []struct {
		path, mediaType, text string
		page                  bool
	}{
		{"/", "text/html", "<h1>navigator-connect", true},
		{"/1-echo/", "text/html", "<h1>Echo", true},
		{"/1-echo/registry.html", "text/html", "snapshot", true},
		{"/1-echo/echo.js", "text/javascript", "navigator.services.connect", false},
		{"/style.css", "text/css", "color-scheme", false},
		{"/icon.svg", "image/svg+xml", "<svg", false},
		{"/services/echo/service-worker.js", "text/javascript", "importScripts", false},
		{"/origins.json", "application/json", urls[2], false},
	} {
		t.Run(test.path, func(t *testing.T) {
			w := get(site, test.path)
			body, header := w.Body.String(), w.Header()
			if w.Code != http.StatusOK || !strings.Contains(body, test.text) {
				t.Fatalf("got %d %q", w.Code, body)
			}
			if got := header.Get("Content-Type"); !strings.HasPrefix(got, test.mediaType) {
				t.Errorf("Content-Type is %q", got)
			}
			if got := header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("Cache-Control is %q", got)
			}
			// A policy on a worker's script would bind the worker.
			if got := header.Get("Content-Security-Policy"); (got != "") != test.page {
				t.Errorf("Content-Security-Policy is %q", got)
			} else if test.page && !strings.Contains(got, "frame-src 'self' "+strings.Join(urls, " ")) {
				t.Errorf("the policy forbids a frame: %q", got)
			}
		})
	}

	var got []string
	if err := json.Unmarshal(get(site, "/origins.json").Body.Bytes(), &got); err != nil || !slices.Equal(got, urls) {
		t.Errorf("origins.json: got %q (%v)", got, err)
	}
	for path, text := range map[string]string{
		"/nowhere": "not found",
		"/.well-known/navigator-connect/bridge.html": "run ./build.sh",
		"/main.go": "not found",
	} {
		if w := get(site, path); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s: got %d %q", path, w.Code, w.Body)
		}
	}
}

func TestServiceSaysHowToInstallIt(t *testing.T) {
	header := get(newSite(nil, ""), "/services/echo/").Header()
	for key, want := range map[string]string{
		"Service-Worker-Script": "/services/echo/service-worker.js",
		"Service-Worker-Scope":  "/services/echo/",
	} {
		if got := header.Get(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

func TestRun(t *testing.T) {
	port := freePorts(t)
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-port", strconv.Itoa(port), "-dist", t.TempDir()}, in)
		in.Close()
	}()

	printed := make([]byte, 0, 1024)
	for !strings.Contains(string(printed), "Ctrl+C") {
		n, err := out.Read(printed[len(printed):cap(printed)])
		printed = printed[:len(printed)+n]
		if err != nil {
			t.Fatalf("after %q: %v; run: %v", printed, err, <-done)
		}
	}
	go io.Copy(io.Discard, out)
	for i, host := range []string{"localhost", "localhost", "127.0.0.1"} {
		url := "http://" + net.JoinHostPort(host, strconv.Itoa(port+i))
		if !strings.Contains(string(printed), url) {
			t.Errorf("%s is not in what was printed: %s", url, printed)
		}
		response, err := http.Get(url + "/1-echo/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, response.Status)
		}
	}

	// A second program, whose last port is the first one's first.
	err := run(t.Context(), []string{"-port", strconv.Itoa(port - 2)}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "port "+strconv.Itoa(port)+" of 127.0.0.1 is taken") {
		t.Errorf("on a taken port: %v", err)
	}

	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it does not stop")
	}
}

func TestRunRefuses(t *testing.T) {
	for _, port := range []string{"0", "-1", "65534"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := run(ctx, []string{"-port", port}, io.Discard)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "-port "+port) {
			t.Errorf("-port %s: %v", port, err)
		}
	}
}

// freePorts returns the third of five consecutive ports that nobody uses.
func freePorts(t *testing.T) int {
	t.Helper()
	for port := 18001; port < 19000; port += 5 {
		free := true
		for i := range 5 {
			l, err := net.Listen("tcp", "localhost:"+strconv.Itoa(port+i))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return port + 2
		}
	}
	t.Fatal("no free ports")
	return 0
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
