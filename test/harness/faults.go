package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// A Fault is what the server is to do instead of its duty. What it leaves out stays as it is.
type Fault struct {
	// Offline has it answer nothing; so it does at a whole origin, where that is what the fault is of.
	Offline bool
	// Hold has the answer wait until something is posted to this channel. That it waits is told to the channel
	// "… asked".
	Hold    string
	Status  int
	Headers map[string]string
	Body    *string
}

// faults are those of a site, until the case ends that asked for them.
type faults struct {
	mu sync.Mutex
	of map[string]Fault // by host and path, or by host
}

func (f *faults) set(url string, fault Fault) error {
	_, place, ok := strings.Cut(url, "://")
	if !ok {
		return fmt.Errorf("%q is no URL", url)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]Fault{}
	}
	f.of[place] = fault
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of = nil
}

// find returns the fault of a request's URL, if there is one.
func (f *faults) find(r *http.Request) (fault Fault, broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of[r.Host].Offline {
		return Fault{Offline: true}, true
	}
	fault, broken = f.of[r.Host+r.URL.Path]
	return fault, broken
}

// serveFaulty has next answer, but for what a fault says.
func (s *Site) serveFaulty(w http.ResponseWriter, r *http.Request, next http.Handler) {
	fault, broken := s.faults.find(r)
	if !broken {
		next.ServeHTTP(w, r)
		return
	}
	if fault.Offline {
		panic(http.ErrAbortHandler)
	}
	// Nothing of it is kept, nor mixed with what a cache has of the same URL.
	r.Header.Del("If-None-Match")
	r.Header.Del("If-Modified-Since")
	w.Header().Set("Cache-Control", "no-store")
	if fault.Hold != "" {
		s.Channels.Post(fault.Hold+" asked", json.RawMessage("true"))
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.ctx, cancel)()
		s.Channels.Take(ctx, fault.Hold) // Who has left needs no answer.
	}
	w = &overriding{ResponseWriter: w, headers: fault.Headers}
	if fault.Status == 0 && fault.Body == nil {
		next.ServeHTTP(w, r)
		return
	}
	if fault.Status == 0 {
		fault.Status = http.StatusOK
	}
	w.WriteHeader(fault.Status)
	if fault.Body != nil {
		io.WriteString(w, *fault.Body)
	}
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
