package origins

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDist(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"bridge.html", "bridge.mjs", "navigator-connect-service-worker.js", "navigator-connect.d.ts", "navigator-connect.js",
		"navigator-connect.js.map", "navigator-connect.mjs", "registry.js", "registry.wasm",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("content of "+name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	dist := Dist(dir)

	const script = "text/javascript; charset=utf-8"
	for _, test := range []struct {
		name, mediaType, coep, cors string
	}{
		{"bridge.html", "text/html; charset=utf-8", "require-corp", ""},
		{"bridge.mjs", script, "", ""},
		{"navigator-connect-service-worker.js", script, "", ""},
		{"navigator-connect.d.ts", "text/plain; charset=utf-8", "", "*"},
		{"navigator-connect.js", script, "", "*"},
		{"navigator-connect.js.map", "application/json", "", "*"},
		{"navigator-connect.mjs", script, "", "*"},
		{"registry.js", script, "require-corp", ""},
		{"registry.wasm", "application/wasm", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := ask(dist, http.MethodGet, Prefix+test.name, "")
			if w.Code != http.StatusOK || w.Body.String() != "content of "+test.name {
				t.Fatalf("got %d %q", w.Code, w.Body)
			}
			for key, want := range map[string]string{
				"Access-Control-Allow-Origin":  test.cors,
				"Cache-Control":                "no-cache",
				"Content-Security-Policy":      "",
				"Content-Type":                 test.mediaType,
				"Cross-Origin-Embedder-Policy": test.coep,
				"Cross-Origin-Resource-Policy": "cross-origin",
				"Last-Modified":                "",
			} {
				if got := w.Header().Get(key); got != want {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}

			tag := w.Header().Get("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Fatalf("ETag %s is not a strong validator", tag)
			}
			if again := ask(dist, http.MethodGet, Prefix+test.name, tag); again.Code != http.StatusNotModified {
				t.Errorf("with If-None-Match: got %d, want 304", again.Code)
			}
			if head := ask(dist, http.MethodHead, Prefix+test.name, ""); head.Code != http.StatusOK || head.Body.Len() != 0 {
				t.Errorf("HEAD: got %d with %d bytes", head.Code, head.Body.Len())
			}
			if err := os.WriteFile(filepath.Join(dir, test.name), []byte("rebuilt"), 0o666); err != nil {
				t.Fatal(err)
			}
			if rebuilt := ask(dist, http.MethodGet, Prefix+test.name, tag); rebuilt.Code != http.StatusOK || rebuilt.Body.String() != "rebuilt" {
				t.Errorf("after a rebuild: got %d %q", rebuilt.Code, rebuilt.Body)
			}
		})
	}
}

func TestDistRefuses(t *testing.T) {
	parent := t.TempDir()
	built, empty := filepath.Join(parent, "built"), filepath.Join(parent, "empty")
	for _, dir := range []string{built, empty} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Join(built, "navigator-connect.js"), filepath.Join(parent, "secret")} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}

	for _, test := range []struct {
		why, dir, method, path string
		status                 int
		text                   string
	}{
		{"not built", empty, "GET", Prefix + "bridge.html", 404, "run ./build.sh"},
		{"no folder", filepath.Join(parent, "nowhere"), "GET", Prefix + "bridge.html", 404, "run ./build.sh"},
		{"no such file", built, "GET", Prefix + "services.json", 404, "has no file services.json"},
		{"a folder", built, "GET", Prefix, 404, "not found"},
		{"elsewhere", built, "GET", "/navigator-connect.js", 404, "not found"},
		{"outside", built, "GET", Prefix + "../secret", 404, "not found"},
		{"POST", built, "POST", Prefix + "navigator-connect.js", 405, "only GET and HEAD"},
	} {
		t.Run(test.why, func(t *testing.T) {
			w := ask(Dist(test.dir), test.method, test.path, "")
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.text) {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, test.status, test.text)
			}
		})
	}
}

func TestListen(t *testing.T) {
	for _, host := range []string{"localhost", "a.localhost", "127.0.0.1"} {
		t.Run(host, func(t *testing.T) {
			o, err := Listen(host+":0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "from "+r.Host)
			}))
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()

			u, err := url.Parse(o.URL)
			if err != nil || u.Hostname() != host || u.Port() == "0" {
				t.Fatalf("URL is %q (%v)", o.URL, err)
			}
			addresses := []string{"127.0.0.1"}
			if host != "127.0.0.1" && hasIPv6() {
				addresses = append(addresses, "::1")
			}
			for _, address := range addresses {
				at := net.JoinHostPort(address, u.Port())
				response, err := http.Get("http://" + at)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(response.Body)
				response.Body.Close()
				if string(body) != "from "+at {
					t.Errorf("got %q", body)
				}
			}

			if _, err := Listen(u.Host, nil); err == nil {
				t.Error("listening twice succeeded")
			} else if text := err.Error(); !strings.Contains(text, "port "+u.Port()+" of "+host+" is taken") || !strings.Contains(text, "-port") {
				t.Errorf("a taken port: %v", err)
			}

			if err := o.Close(); err != nil {
				t.Error(err)
			}
			again, err := Listen(u.Host, nil)
			if err != nil {
				t.Fatalf("after Close: %v", err)
			}
			again.Close()
		})
	}
}

// A browser that tries ::1 first would meet a stranger there.
func TestListenWhereOnlyIPv6IsTaken(t *testing.T) {
	stranger, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	defer stranger.Close()
	port := portOf(stranger)
	if o, err := Listen("localhost:"+port, nil); err == nil {
		o.Close()
		t.Error("listening succeeded")
	}
	// The other address is free again.
	l, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestListenRefuses(t *testing.T) {
	for _, addr := range []string{"", ":8001", "localhost", "localhost:port"} {
		if o, err := Listen(addr, nil); err == nil {
			o.Close()
			t.Errorf("Listen(%q) succeeded", addr)
		}
	}
}

func ask(h http.Handler, method, path, tag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.URL.Path = path
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}
