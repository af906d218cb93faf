// Package origins serves several origins from one machine, each with the
// navigator-connect folder where a real site would deploy it. The demo and the
// browser tests share it.
package origins

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Prefix is where an origin that offers services hosts the built folder.
const Prefix = "/.well-known/navigator-connect/"

// mediaTypes is fixed here because the tables that package mime reads from the
// operating system differ from machine to machine; some know neither .mjs nor .wasm.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".map":  "application/json",
	".mjs":  "text/javascript; charset=utf-8",
	".ts":   "text/plain; charset=utf-8",
	".wasm": "application/wasm",
}

// Dist serves the built folder dir below [Prefix], with the headers that the
// folder wants of any host. It looks at the files anew for each request, so a
// rebuild shows at once.
func Dist(dir string) http.Handler {
	files := os.DirFS(dir)
	tags := &entityTags{known: map[string]entityTag{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, Prefix)
		if !ok || !fs.ValidPath(name) {
			http.NotFound(w, r)
			return
		}
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			http.Error(w, missing(files, dir, name), http.StatusNotFound)
			return
		}
		defer file.Close()
		tag, err := tags.of(name, file)
		if err != nil {
			http.Error(w, missing(files, dir, name), http.StatusNotFound)
			return
		}
		setHeaders(w.Header(), name)
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, name, time.Time{}, file)
	})
}

// An entityTag is good for a file until its size or time changes.
type entityTag struct {
	size int64
	time time.Time
	tag  string
}

// entityTags spares most requests from reading the file: registry.wasm is
// large, and browsers have it already.
type entityTags struct {
	mu    sync.Mutex
	known map[string]entityTag
}

// of leaves the file at its beginning.
func (t *entityTags) of(name string, file *os.File) (string, error) {
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file", name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.known[name]
	if known.tag != "" && known.size == info.Size() && known.time.Equal(info.ModTime()) {
		return known.tag, nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	tag := fmt.Sprintf(`"%x"`, hash.Sum(nil))
	t.known[name] = entityTag{info.Size(), info.ModTime(), tag}
	return tag, nil
}

func missing(files fs.FS, dir, name string) string {
	if _, err := fs.Stat(files, "navigator-connect.js"); err != nil {
		return fmt.Sprintf("%s holds no build of navigator-connect: run ./build.sh, then reload", dir)
	}
	return fmt.Sprintf("%s has no file %s", dir, name)
}

func setHeaders(h http.Header, name string) {
	if mediaType := mediaTypes[path.Ext(name)]; mediaType != "" {
		h.Set("Content-Type", mediaType)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")

	// A page with COEP takes from elsewhere only what says that it may be taken.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")

	// Such a page frames only documents with COEP, and those start only workers with COEP.
	if name == "bridge.html" || name == "registry.js" {
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	}

	// Module scripts, and classic ones with an integrity attribute, are fetched with CORS.
	if strings.HasPrefix(name, "navigator-connect.") {
		h.Set("Access-Control-Allow-Origin", "*")
	}
}

// An Origin is a running server.
type Origin struct {
	// URL is the origin as browsers serialize it, such as "http://localhost:8001".
	URL string

	server *http.Server
	serves sync.WaitGroup
}

// Listen serves h at addr, "host:port", until the origin is closed. Port 0
// picks a free one. Browsers resolve localhost and the names below it to either
// loopback address, so for those names both are served.
func Listen(addr string, h http.Handler) (*Origin, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("origins: %w", err)
	}
	if host == "" {
		return nil, fmt.Errorf("origins: address %q names no host", addr)
	}
	listeners, err := listen(host, port)
	if err != nil {
		return nil, err
	}

	o := &Origin{
		URL:    "http://" + net.JoinHostPort(host, portOf(listeners[0])),
		server: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
	}
	for _, l := range listeners {
		o.serves.Go(func() {
			if err := o.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				log.Printf("%s stopped: %v", o.URL, err)
			}
		})
	}
	return o, nil
}

// Close stops listening and drops the open connections.
func (o *Origin) Close() error {
	err := o.server.Close()
	o.serves.Wait()
	return err
}

func listen(host, port string) ([]net.Listener, error) {
	if host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return nil, explain(err, host, port)
		}
		return []net.Listener{l}, nil
	}

	// A port picked for one address can be taken on the other: pick again.
	for attempt := 1; ; attempt++ {
		listeners, err := listenLoopback(port)
		if err == nil {
			return listeners, nil
		}
		if port != "0" || attempt == 10 {
			return nil, explain(err, host, port)
		}
	}
}

func listenLoopback(port string) ([]net.Listener, error) {
	v4, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, err
	}
	v6, err := net.Listen("tcp6", net.JoinHostPort("::1", portOf(v4)))
	switch {
	case err == nil:
		return []net.Listener{v4, v6}, nil
	case errors.Is(err, syscall.EADDRINUSE):
		v4.Close()
		return nil, err
	default: // A machine without IPv6: no browser on it can reach ::1 either.
		return []net.Listener{v4}, nil
	}
}

func portOf(l net.Listener) string {
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func explain(err error, host, port string) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s of %s is taken: stop the program that uses it, or choose other ports with -port", port, host)
	}
	return fmt.Errorf("cannot serve %s: %w", net.JoinHostPort(host, port), err)
}
