package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// A Verb does what a page asks for, with parameters in JSON, and returns the answer.
type Verb func(ctx context.Context, params json.RawMessage) (any, error)

// Taking makes a verb of a function whose parameters have a type.
func Taking[P any](do func(ctx context.Context, p P) (any, error)) Verb {
	return func(ctx context.Context, params json.RawMessage) (any, error) {
		var p P
		if err := json.Unmarshal(params, &p); err != nil {
			return nil, err
		}
		return do(ctx, p)
	}
}

// params are what the verbs take, all of them together.
type params struct {
	Cases    []Case
	Name     string
	Error    string
	Text     string
	Level    string
	URL      string
	Tab      int
	Fault    Fault
	Contains string
	Channel  string
	Key      string
	Frozen   bool
	Time     int // in milliseconds
	Data     json.RawMessage
}

// verbs are what the pages of every site may ask for.
func (s *Site) verbs() map[string]func(context.Context, params) (any, error) {
	return map[string]func(ctx context.Context, p params) (any, error){
		"cases":  s.takeCases,
		"next":   s.giveNext,
		"result": s.takeResult,
		"note":   s.takeNote,

		"open":     s.openTab,
		"close":    s.closeTab,
		"navigate": s.withTab(func(ctx context.Context, tab browser.Tab, p params) error { return tab.Navigate(ctx, p.URL) }),
		"back":     s.withTab(func(ctx context.Context, tab browser.Tab, _ params) error { return tab.Back(ctx) }),
		"crash":    s.withTab(func(ctx context.Context, tab browser.Tab, _ params) error { return tab.Crash(ctx) }),
		"freeze":   s.withTab(func(ctx context.Context, tab browser.Tab, p params) error { return tab.Freeze(ctx, p.Frozen) }),

		"suspend": func(ctx context.Context, p params) (any, error) {
			return nil, s.browser.Suspend(ctx, time.Duration(p.Time)*time.Millisecond)
		},
		"stop-service-workers": func(ctx context.Context, _ params) (any, error) { return nil, s.browser.StopServiceWorkers(ctx) },
		"fault":                func(_ context.Context, p params) (any, error) { return nil, s.faults.set(p.URL, p.Fault) },
		"log":                  s.takeLog,
		"console":              s.giveConsole,

		"end-shared-workers": s.withFaults(func(ctx context.Context, f browser.Faults, _ params) error { return f.EndSharedWorkers(ctx) }),
		"stop-one":           s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.StopServiceWorkersOf(ctx, p.URL) }),
		"push":               s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.Push(ctx, p.URL, p.Text) }),
		"clear-data":         s.withFaults(func(ctx context.Context, f browser.Faults, p params) error { return f.ClearData(ctx, p.Key) }),

		"post": func(_ context.Context, p params) (any, error) { s.Channels.Post(p.Channel, p.Data); return nil, nil },
		"take": func(ctx context.Context, p params) (any, error) { return s.Channels.Take(ctx, p.Channel) },
	}
}

// answer does what a page asks for, and answers in JSON.
func (s *Site) answer(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("verb")
	verb := s.options.Verbs[name]
	if do := s.verbs()[name]; verb == nil && do != nil {
		verb = Taking(do)
	}
	if verb == nil {
		http.NotFound(w, r)
		return
	}
	var p json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// A page that asked and left gets no answer; neither does anyone once the site closes.
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	answer, err := verb(ctx, p)
	if _, unsupported := errors.AsType[*browser.UnsupportedError](err); unsupported {
		http.Error(w, err.Error(), http.StatusNotImplemented)
	} else if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	} else {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer)
	}
}

func (s *Site) takeCases(_ context.Context, p params) (any, error) {
	select {
	case s.cases <- p.Cases:
	default: // Reloaded: nobody asks any more.
	}
	return nil, nil
}

func (s *Site) giveNext(ctx context.Context, _ params) (any, error) {
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

func (s *Site) takeResult(ctx context.Context, p params) (any, error) {
	select {
	case s.results <- result{p.Name, p.Error}:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Site) takeNote(_ context.Context, p params) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, p.Text)
	return nil, nil
}

func (s *Site) openTab(ctx context.Context, p params) (any, error) {
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

func (s *Site) closeTab(ctx context.Context, p params) (any, error) {
	s.mu.Lock()
	tab := s.tabs[p.Tab]
	delete(s.tabs, p.Tab)
	s.mu.Unlock()
	if tab == nil {
		return nil, fmt.Errorf("there is no tab %d", p.Tab)
	}
	return nil, tab.Close(ctx)
}

func (s *Site) withTab(do func(context.Context, browser.Tab, params) error) func(context.Context, params) (any, error) {
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

func (s *Site) withFaults(do func(context.Context, browser.Faults, params) error) func(context.Context, params) (any, error) {
	return func(ctx context.Context, p params) (any, error) {
		faults := browser.FaultsOf(s.browser)
		if faults == nil {
			return nil, errors.New("only Chromium can do that")
		}
		return nil, do(ctx, faults, p)
	}
}

// takeLog takes a line of the console where the browser keeps it to itself.
func (s *Site) takeLog(_ context.Context, p params) (any, error) {
	s.browser.Console().Add(p.Level, p.Text)
	return nil, nil
}

// giveConsole answers with what the console has of the present case, once a line contains a text.
func (s *Site) giveConsole(ctx context.Context, p params) (any, error) {
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

// takeNotes returns what the page wants to be read with its result.
func (s *Site) takeNotes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// endCase undoes what a case may have left behind.
func (s *Site) endCase() error {
	s.faults.clear()
	s.mu.Lock()
	tabs := s.tabs
	s.tabs, s.notes = map[int]browser.Tab{}, nil
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
