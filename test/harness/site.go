// Package harness is what stands between the tests and the pages that run their
// cases: it serves the pages, does for them what a page can't do by itself, and
// has a browser run them case by case. The tests, the benchmark and
// `./build.sh try` share it. It knows nothing of package testing.
package harness

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/navigator-connect/navigator-connect/demo/origins"
	"github.com/navigator-connect/navigator-connect/test/browser"
)

// A Site serves the test pages at several origins, on ports that no other site
// has had: whatever a browser keeps for an origin, here it starts anew. Its
// pages reach the test below /harness/, each at its own origin.
type Site struct {
	// Own is where the page with the cases is; SameSite differs from it in the
	// port, and CrossSite in the host. Bare lacks navigator-connect's folder.
	Own, SameSite, CrossSite, Bare string
	// Other is another origin of the same site that hosts the other build, if there is one.
	Other string

	Channels Channels

	browser browser.Browser
	options SiteOptions
	servers []*origins.Origin
	faults  faults

	// ctx ends with the site, and with it what the pages asked for.
	ctx    context.Context
	cancel context.CancelFunc

	mu   sync.Mutex
	tabs map[int]browser.Tab
	last int

	// How the page with the cases and the test take turns.
	cases   chan []Case
	next    chan string
	results chan result

	// Of the present case.
	notes     []string
	firstLine int // of the console
}

// SiteOptions are what a site may have that others don't.
type SiteOptions struct {
	// Build is the build that the origins host.
	Build Build
	// Other is the folder of another build of dist/, which [Site.Other] hosts.
	Other string
	// Verbs are what pages may ask for besides what they can at every site.
	Verbs map[string]Verb
}

// NewSite serves until Close is called, or ctx is done.
func NewSite(ctx context.Context, b browser.Browser, options SiteOptions) (*Site, error) {
	dist, limits, err := options.Build.files()
	if err != nil {
		return nil, err
	}
	s := &Site{
		browser: b,
		options: options,
		tabs:    map[int]browser.Tab{},
		cases:   make(chan []Case, 1),
		next:    make(chan string),
		results: make(chan result, 1),
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	files := s.handler(origins.Dist(dist), limits)
	places := []struct {
		url     *string
		host    string
		handler http.Handler
	}{
		{&s.Own, "localhost", files},
		{&s.SameSite, "localhost", files},
		{&s.CrossSite, "127.0.0.1", files},
		{&s.Bare, "localhost", s.handler(http.NotFoundHandler(), limits)},
	}
	if options.Other != "" {
		places = append(places, places[1])
		places[4].url, places[4].handler = &s.Other, s.handler(origins.Dist(options.Other), limits)
	}
	for _, place := range places {
		origin, err := origins.Listen(place.host+":0", place.handler)
		if err != nil {
			s.Close()
			return nil, err
		}
		*place.url = origin.URL
		s.servers = append(s.servers, origin)
	}
	return s, nil
}

// Close stops serving, and closes the tabs that the pages have opened.
func (s *Site) Close() error {
	s.cancel()
	err := s.endCase()
	for _, server := range s.servers {
		err = errors.Join(err, server.Close())
	}
	return err
}

// handler is what an origin serves. The limits stand in for js/limits.js.
func (s *Site) handler(dist http.Handler, limits string) http.Handler {
	root := Root()
	pages := os.DirFS(filepath.Join(root, "test/pages"))
	mux := http.NewServeMux()
	mux.Handle(origins.Prefix, dist)
	mux.Handle("/node_modules/", http.FileServerFS(os.DirFS(filepath.Join(root, "test"))))
	mux.Handle("/js/", http.FileServerFS(os.DirFS(root)))
	mux.HandleFunc("/js/limits.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, limits) })
	mux.Handle("/", http.FileServerFS(pages))
	mux.HandleFunc("/services/", func(w http.ResponseWriter, r *http.Request) {
		name, _, isInScope := strings.Cut(strings.TrimPrefix(r.URL.Path, "/services/"), "/")
		if !isInScope {
			http.ServeFileFS(w, r, pages, "services/"+name)
			return
		}
		// The header-based installation.
		w.Header().Set("Service-Worker-Script", "/services/"+name+".js")
		w.Header().Set("Service-Worker-Scope", "/services/"+name+"/")
	})
	mux.HandleFunc("GET /contexts/bundled/{script}", func(w http.ResponseWriter, r *http.Request) { serveBundled(w, r, limits) })
	mux.HandleFunc("GET /favicon.ico", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /harness/{verb}", s.answer)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		s.serveFaulty(w, r, mux)
	})
}

// Facts is what the pages are told about the site, by their URL.
func (s *Site) Facts() map[string]string {
	return map[string]string{
		"own":       s.Own,
		"sameSite":  s.SameSite,
		"crossSite": s.CrossSite,
		"bare":      s.Bare,
		"other":     s.Other,
	}
}

// Root is the repository's folder. The programs that use this package run below it.
var Root = sync.OnceValue(func() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			break
		}
		dir = above
	}
	panic("harness: run it inside the repository: there is no go.mod here, nor above")
})
