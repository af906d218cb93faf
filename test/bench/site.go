package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/navigator-connect/navigator-connect/demo/origins"
	"github.com/navigator-connect/navigator-connect/test/browser"
)

// site serves the pages of the benchmark at three origins that no browser has
// seen before, and does for them what a page can't do by itself.
type site struct {
	// own is the client's origin. sameSite differs from it in the port, crossSite in the host.
	own, sameSite, crossSite string

	browser browser.Browser
	servers []*origins.Origin
	reports chan report

	mu   sync.Mutex
	tabs map[int]browser.Tab
	last int
}

// report is what a page found.
type report struct {
	Samples []Sample
	Error   string
}

// newSite serves until close is called.
func newSite(b browser.Browser) (*site, error) {
	s := &site{browser: b, reports: make(chan report, 1), tabs: map[int]browser.Tab{}}
	mux := http.NewServeMux()
	mux.Handle(origins.Prefix, origins.Dist("dist"))
	mux.Handle("/node_modules/", http.FileServerFS(os.DirFS("test")))
	mux.Handle("/js/", http.FileServerFS(os.DirFS(".")))
	mux.Handle("/", http.FileServerFS(os.DirFS("test/pages")))
	mux.HandleFunc("GET /favicon.ico", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /harness/{verb}", s.harness)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		mux.ServeHTTP(w, r)
	})
	for _, place := range []struct {
		url  *string
		host string
	}{{&s.own, "localhost"}, {&s.sameSite, "localhost"}, {&s.crossSite, "127.0.0.1"}} {
		origin, err := origins.Listen(place.host+":0", handler)
		if err != nil {
			s.close()
			return nil, err
		}
		*place.url = origin.URL
		s.servers = append(s.servers, origin)
	}
	return s, nil
}

func (s *site) close() error {
	var err error
	for _, server := range s.servers {
		err = errors.Join(err, server.Close())
	}
	return err
}

// params are what the verbs take, all of them together.
type params struct {
	report
	URL string
	Tab int
}

// harness does what a page asks for, and answers in JSON.
func (s *site) harness(w http.ResponseWriter, r *http.Request) {
	verbs := map[string]func(ctx context.Context, p params) (any, error){
		"result": func(_ context.Context, p params) (any, error) { s.reports <- p.report; return nil, nil },
		"stop-service-workers": func(ctx context.Context, _ params) (any, error) {
			return nil, s.browser.StopServiceWorkers(ctx)
		},
		"memory": func(context.Context, params) (any, error) { return browserMemory() },
		"open":   s.open,
		"close":  s.withTab(browser.Tab.Close),
		"crash":  s.withTab(browser.Tab.Crash),
	}
	do := verbs[r.PathValue("verb")]
	if do == nil {
		http.NotFound(w, r)
		return
	}
	var p params
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := do(r.Context(), p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func (s *site) open(ctx context.Context, p params) (any, error) {
	tab, err := s.browser.Open(ctx, p.URL)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.tabs[s.last] = tab
	return s.last, nil
}

func (s *site) withTab(do func(browser.Tab, context.Context) error) func(context.Context, params) (any, error) {
	return func(ctx context.Context, p params) (any, error) {
		s.mu.Lock()
		tab := s.tabs[p.Tab]
		s.mu.Unlock()
		if tab == nil {
			return nil, fmt.Errorf("there is no tab %d", p.Tab)
		}
		return nil, do(tab, ctx)
	}
}
