package test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/navigator-connect/navigator-connect/demo/origins"
	"github.com/navigator-connect/navigator-connect/test/browser"
)

// site serves the test pages at several origins, on ports that no other site
// has had: whatever a browser keeps for an origin, here it starts anew. Its
// pages reach the test below /harness/, each at its own origin.
type site struct {
	// Own is where the page with the cases is; SameSite differs from it in the
	// port, and CrossSite in the host. Bare lacks navigator-connect's folder.
	Own, SameSite, CrossSite, Bare string

	browser  browser.Browser
	servers  []*origins.Origin
	files    http.Handler
	bare     http.Handler
	channels channels

	// ctx ends with the site, and with it what the pages asked for.
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	faults map[string]fault // by host and path, or by host
	tabs   map[int]browser.Tab
	last   int

	// How the page with the cases and the test take turns.
	cases   chan []testCase
	next    chan string
	results chan result

	// Of the present case.
	notes     []string
	firstLine int // of the console
}

// testCase is what a page says of one of its cases.
type testCase struct {
	Name string
	// Fresh asks for a page, and a site, of its own.
	Fresh bool
	// Seconds is how long it may take; 0 stands for the default.
	Seconds float64
	// Fails is why it can't pass in this engine from this client; empty if it can.
	Fails string
}

type result struct {
	Name  string
	Error string
}

// fault is what the server is to do instead of its duty. What it leaves out stays as it is.
type fault struct {
	// Offline has it answer nothing; so it does at a whole origin, where that is what the fault is of.
	Offline bool
	// Hold has the answer wait until something is posted to this channel. That it waits is told to the channel
	// "… asked".
	Hold    string
	Status  int
	Headers map[string]string
	Body    *string
}

// newSite serves until close is called.
func newSite(ctx context.Context, b browser.Browser) (*site, error) {
	s := &site{
		browser: b,
		faults:  map[string]fault{},
		tabs:    map[int]browser.Tab{},
		cases:   make(chan []testCase, 1),
		next:    make(chan string),
		results: make(chan result, 1),
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.bare = s.handler(http.NotFoundHandler())
	s.files = s.handler(origins.Dist("../dist"))
	for _, place := range []struct {
		url     *string
		host    string
		handler http.Handler
	}{
		{&s.Own, "localhost", s.files},
		{&s.SameSite, "localhost", s.files},
		{&s.CrossSite, "127.0.0.1", s.files},
		{&s.Bare, "localhost", s.bare},
	} {
		origin, err := origins.Listen(place.host+":0", place.handler)
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
	s.cancel()
	err := s.endCase()
	for _, server := range s.servers {
		err = errors.Join(err, server.Close())
	}
	return err
}

// endCase undoes what a case may have left behind.
func (s *site) endCase() error {
	s.mu.Lock()
	tabs := s.tabs
	s.tabs, s.faults, s.notes = map[int]browser.Tab{}, map[string]fault{}, nil
	s.mu.Unlock()
	// The site's own context may have ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 10*time.Second)
	defer cancel()
	var errs []error
	for _, tab := range tabs {
		errs = append(errs, tab.Close(ctx))
	}
	return errors.Join(errs...)
}

// takeNotes returns what the page wants to be read with its result.
func (s *site) takeNotes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// handler is what an origin serves.
func (s *site) handler(dist http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(origins.Prefix, dist)
	mux.Handle("/node_modules/", http.FileServerFS(os.DirFS(".")))
	mux.Handle("/js/", http.FileServerFS(os.DirFS("..")))
	mux.Handle("/", http.FileServerFS(os.DirFS("pages")))
	mux.HandleFunc("/services/", func(w http.ResponseWriter, r *http.Request) {
		name, _, isInScope := strings.Cut(strings.TrimPrefix(r.URL.Path, "/services/"), "/")
		if !isInScope {
			http.ServeFileFS(w, r, os.DirFS("pages/services"), name)
			return
		}
		// The header-based installation.
		w.Header().Set("Service-Worker-Script", "/services/"+name+".js")
		w.Header().Set("Service-Worker-Scope", "/services/"+name+"/")
	})
	mux.HandleFunc("GET /contexts/bundled/{script}", serveBundled)
	mux.HandleFunc("GET /favicon.ico", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /harness/{verb}", s.harness)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		s.mu.Lock()
		fault, broken := s.faults[r.Host+r.URL.Path]
		offline := fault.Offline || s.faults[r.Host].Offline
		s.mu.Unlock()
		if offline {
			panic(http.ErrAbortHandler)
		}
		if !broken {
			mux.ServeHTTP(w, r)
			return
		}
		// Nothing of it is kept, nor mixed with what a cache has of the same URL.
		r.Header.Del("If-None-Match")
		r.Header.Del("If-Modified-Since")
		w.Header().Set("Cache-Control", "no-store")
		if fault.Hold != "" {
			s.channels.post(fault.Hold+" asked", json.RawMessage("true"))
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(s.ctx, cancel)()
			s.channels.take(ctx, fault.Hold) // Who has left needs no answer.
		}
		w = &overriding{ResponseWriter: w, headers: fault.Headers}
		if fault.Status == 0 && fault.Body == nil {
			mux.ServeHTTP(w, r)
			return
		}
		if fault.Status == 0 {
			fault.Status = http.StatusOK
		}
		w.WriteHeader(fault.Status)
		if fault.Body != nil {
			io.WriteString(w, *fault.Body)
		}
	})
}

// overriding has the last word on some headers. An empty one is removed.
type overriding struct {
	http.ResponseWriter
	headers map[string]string
	done    bool
}

func (w *overriding) WriteHeader(status int) {
	if !w.done {
		w.done = true
		for name, value := range w.headers {
			w.Header().Del(name)
			if value != "" {
				w.Header().Set(name, value)
			}
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *overriding) Write(data []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(data)
}

// harness does what a page asks for, and answers in JSON.
func (s *site) harness(w http.ResponseWriter, r *http.Request) {
	verbs := map[string]func(ctx context.Context, p params) (any, error){
		"cases":  s.takeCases,
		"next":   s.giveNext,
		"result": s.takeResult,
		"note":   s.takeNote,

		"open":     s.openTab,
		"close":    s.closeTab,
		"navigate": s.withTab(func(ctx context.Context, tab browser.Tab, p params) error { return tab.Navigate(ctx, p.URL) }),
		"back":     s.withTab(func(ctx context.Context, tab browser.Tab, _ params) error { return tab.Back(ctx) }),
		"crash":    s.withTab(func(ctx context.Context, tab browser.Tab, _ params) error { return tab.Crash(ctx) }),

		"stop-service-workers": func(ctx context.Context, _ params) (any, error) { return nil, s.browser.StopServiceWorkers(ctx) },
		"fault":                s.setFault,
		"log":                  s.takeLog,
		"console":              s.giveConsole,

		"end-shared-workers": s.withFaults(func(ctx context.Context, f browser.Faults, _ params) error { return f.EndSharedWorkers(ctx) }),
		"stop-one":           s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.StopServiceWorkersOf(ctx, p.URL) }),
		"push":               s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.Push(ctx, p.URL, p.Text) }),
		"clear-data":         s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.ClearData(ctx, p.Key) }),

		"post": func(_ context.Context, p params) (any, error) { s.channels.post(p.Channel, p.Data); return nil, nil },
		"take": func(ctx context.Context, p params) (any, error) { return s.channels.take(ctx, p.Channel) },
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
	// A page that asked and left gets no answer; neither does anyone once the site closes.
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	answer, err := do(ctx, p)
	if _, unsupported := errors.AsType[*browser.UnsupportedError](err); unsupported {
		http.Error(w, err.Error(), http.StatusNotImplemented)
	} else if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	} else {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer)
	}
}

// params are what the verbs take, all of them together.
type params struct {
	Cases    []testCase
	Name     string
	Error    string
	Text     string
	Level    string
	URL      string
	Tab      int
	Fault    fault
	Contains string
	Channel  string
	Key      string
	Data     json.RawMessage
}

func (s *site) takeCases(_ context.Context, p params) (any, error) {
	select {
	case s.cases <- p.Cases:
	default: // Reloaded: nobody asks any more.
	}
	return nil, nil
}

func (s *site) giveNext(ctx context.Context, _ params) (any, error) {
	select {
	case name := <-s.next:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.firstLine = len(s.browser.Console().Lines())
		return name, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *site) takeResult(ctx context.Context, p params) (any, error) {
	select {
	case s.results <- result{p.Name, p.Error}:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *site) takeNote(_ context.Context, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, p.Text)
	return nil, nil
}

func (s *site) openTab(ctx context.Context, p params) (any, error) {
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

func (s *site) closeTab(ctx context.Context, p params) (any, error) {
	s.mu.Lock()
	tab := s.tabs[p.Tab]
	delete(s.tabs, p.Tab)
	s.mu.Unlock()
	if tab == nil {
		return nil, fmt.Errorf("there is no tab %d", p.Tab)
	}
	return nil, tab.Close(ctx)
}

func (s *site) withTab(do func(context.Context, browser.Tab, params) error) func(context.Context, params) (any, error) {
	return func(ctx context.Context, p params) (any, error) {
		s.mu.Lock()
		tab := s.tabs[p.Tab]
		s.mu.Unlock()
		if tab == nil {
			return nil, fmt.Errorf("there is no tab %d", p.Tab)
		}
		return nil, do(ctx, tab, p)
	}
}

func (s *site) withFaults(do func(context.Context, browser.Faults, params) error) func(context.Context, params) (any, error) {
	return func(ctx context.Context, p params) (any, error) {
		faults := browser.FaultsOf(s.browser)
		if faults == nil {
			return nil, errors.New("only Chromium can do that")
		}
		return nil, do(ctx, faults, p)
	}
}

func (s *site) setFault(_ context.Context, p params) (any, error) {
	_, place, ok := strings.Cut(p.URL, "://")
	if !ok {
		return nil, fmt.Errorf("%q is no URL", p.URL)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[place] = p.Fault
	return nil, nil
}

// takeLog takes a line of the console where the browser keeps it to itself.
func (s *site) takeLog(_ context.Context, p params) (any, error) {
	s.browser.Console().Add(p.Level, p.Text)
	return nil, nil
}

// giveConsole answers with what the console has of the present case, once a line contains a text.
func (s *site) giveConsole(ctx context.Context, p params) (any, error) {
	s.mu.Lock()
	first := s.firstLine
	s.mu.Unlock()
	console := s.browser.Console()
	if err := console.Wait(ctx, first, p.Contains); err != nil {
		return nil, err
	}
	var lines []string
	for _, line := range console.Lines()[first:] {
		lines = append(lines, line.String())
	}
	return lines, nil
}

// facts is what the pages are told about the run, by their URL.
func (s *site) facts(engine browser.Engine, client, module string) map[string]string {
	return map[string]string{
		"engine":    string(engine),
		"client":    client,
		"module":    module,
		"own":       s.Own,
		"sameSite":  s.SameSite,
		"crossSite": s.CrossSite,
		"bare":      s.Bare,
	}
}

// channels are queues by name, through which pages and workers of any origin
// tell one another things.
type channels struct {
	mu      sync.Mutex
	waiting map[string][]json.RawMessage
	changed chan struct{} // closed when something was posted
}

func (c *channels) post(name string, data json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = map[string][]json.RawMessage{}
	}
	c.waiting[name] = append(c.waiting[name], data)
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *channels) take(ctx context.Context, name string) (json.RawMessage, error) {
	for {
		c.mu.Lock()
		if queue := c.waiting[name]; len(queue) > 0 {
			c.waiting[name] = queue[1:]
			c.mu.Unlock()
			return queue[0], nil
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
