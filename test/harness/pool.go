package harness

import (
	"context"
	"errors"
	"sync"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// A Pool keeps browsers that have nothing to do, for the next run: starting one
// takes longer than most cases. A browser has one run at a time, since what a
// case stops is the browser's: all its workers.
type Pool struct {
	ctx context.Context

	mu   sync.Mutex
	idle map[string][]browser.Browser
	errs []error
}

// NewPool makes one whose browsers end with ctx.
func NewPool(ctx context.Context) *Pool {
	return &Pool{ctx: ctx, idle: map[string][]browser.Browser{}}
}

// Start returns a browser for a visit.
func (p *Pool) Start(v Visit) (browser.Browser, error) {
	if b := p.take(v); b != nil {
		return b, nil
	}
	return browser.Start(p.ctx, v.Engine, browser.Options{Prefs: v.Prefs})
}

// take returns one that is idle, if there is one and it is good for the visit.
func (p *Pool) take(v Visit) browser.Browser {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind, _ := v.browserKind()
	idle := p.idle[kind]
	if len(idle) == 0 {
		return nil
	}
	p.idle[kind] = idle[:len(idle)-1]
	return idle[len(idle)-1]
}

// End takes the browser of a run that is over.
func (p *Pool) End(r *Run) {
	r.Leave()
	var err error
	kind, keep := r.browserKind()
	keep = keep && !r.Broken()
	if !keep {
		err = r.browser.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if keep {
		p.idle[kind] = append(p.idle[kind], r.browser)
	} else if err != nil {
		p.errs = append(p.errs, err)
	}
}

// Close ends the browsers, and returns what went wrong with any of them.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, idle := range p.idle {
		for _, b := range idle {
			p.errs = append(p.errs, b.Close())
		}
	}
	p.idle = nil
	return errors.Join(p.errs...)
}
