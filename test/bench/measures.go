package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
	"github.com/navigator-connect/navigator-connect/test/harness"
)

// A part takes some of the measures: a page of pages/bench, in a browser that
// it has to itself.
type part struct {
	name   string
	page   string
	client string // its relation to the service's origin
	limit  time.Duration
	// only is the one browser that can, if not all: to frames of another site,
	// Firefox does not tell which locks are held.
	only browser.Engine
	// prefs are Firefox's.
	prefs map[string]any
	// native takes measures without a browser instead.
	native func(context.Context) ([]Sample, error)
}

// The clients differ from the service in the port, or in the host. Pages and
// frames of one site share a process and its thread.
const (
	sameSite  = "same-site"
	crossSite = "cross-site"
)

var parts = []part{
	{name: "size", native: weigh},
	{name: "core", native: core},
	{name: "messages", page: "messages", client: sameSite, limit: 5 * time.Minute},
	{name: "messages-cross-site", page: "messages", client: crossSite, limit: 5 * time.Minute},
	{name: "connect", page: "connect", client: sameSite, limit: 2 * time.Minute, prefs: sleepy},
	{name: "connect-cross-site", page: "connect", client: crossSite, limit: 2 * time.Minute, only: browser.Chromium},
	{name: "lifetimes", page: "lifetimes", client: sameSite, limit: 2 * time.Minute, prefs: sleepy},
	{name: "scale-connections", page: "scale-connections", client: sameSite, limit: 4 * time.Minute},
	{name: "scale-frames", page: "scale-frames", client: sameSite, limit: 2 * time.Minute},
	{name: "scale-queue", page: "scale-queue", client: sameSite, limit: 2 * time.Minute, prefs: sleepier},
	{name: "registry", page: "registry", client: sameSite, limit: time.Minute},
}

// Firefox can't be asked to stop service workers, but to stop them soon.
var (
	sleepy   = idle(500)
	sleepier = idle(3_000)
)

func idle(milliseconds int) map[string]any {
	return map[string]any{
		"dom.serviceWorkers.idle_timeout":          milliseconds,
		"dom.serviceWorkers.idle_extended_timeout": milliseconds,
	}
}

// exactTimes lets Firefox tell the time as finely as it can.
const exactTimes = "privacy.reduceTimerPrecision"

// report is what a page found.
type report struct {
	Samples []Sample
	Error   string
}

// take has a fresh browser take the measures of a part, once. The folder other
// holds another build, where two are compared.
func (p part) take(ctx context.Context, engine browser.Engine, other string) ([]Sample, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, fmt.Errorf("still running after %v", p.limit))
	defer cancel()
	prefs := map[string]any{exactTimes: false}
	for name, value := range p.prefs {
		prefs[name] = value
	}
	b, err := browser.Start(ctx, engine, browser.Options{Prefs: prefs})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	reports := make(chan report, 1)
	site, err := harness.NewSite(ctx, b, harness.SiteOptions{
		Other: other,
		Verbs: map[string]harness.Verb{
			"result": harness.Taking(func(_ context.Context, r report) (any, error) { reports <- r; return nil, nil }),
			"memory": harness.Taking(func(context.Context, struct{}) (any, error) { return browserMemory() }),
		},
	})
	if err != nil {
		return nil, err
	}
	defer site.Close()
	query := url.Values{
		"measure": {p.page},
		"engine":  {string(engine)},
		"client":  {p.client},
		"quick":   {fmt.Sprint(*quick)},
	}
	for name, value := range site.Facts() {
		query.Set(name, value)
	}
	if _, err := b.Open(ctx, site.Own+"/bench/run.html?"+query.Encode()); err != nil {
		return nil, err
	}
	select {
	case report := <-reports:
		if report.Error != "" {
			return nil, errors.New(report.Error + said(b))
		}
		for i := range report.Samples {
			report.Samples[i].Engine = string(engine) + ", " + p.client
		}
		return report.Samples, nil
	case <-ctx.Done():
		return nil, errors.New(context.Cause(ctx).Error() + said(b))
	}
}

// said is what the browser's console has to add to an error.
func said(b browser.Browser) string {
	text := ""
	for _, line := range b.Console().Lines() {
		text += "\n    console: " + line.String()
	}
	return text
}

// takeAll takes the measures of the wanted parts as often as they are to be.
// What fails is told with the rest, which goes on. The folder other holds the
// build that this one is compared with, if it is.
func takeAll(ctx context.Context, wanted []part, engines []browser.Engine, other string) ([]Sample, error) {
	var samples []Sample
	var errs []error
	take := func(what string, do func() ([]Sample, error)) {
		if ctx.Err() != nil {
			return
		}
		begin := time.Now()
		more, err := do()
		if err != nil {
			progress("%s failed", what)
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
			return
		}
		progress("%s took %v", what, time.Since(begin).Round(time.Second))
		samples = append(samples, more...)
	}
	for _, part := range wanted {
		if part.native != nil {
			take(part.name, func() ([]Sample, error) { return part.native(ctx) })
		}
	}
	for _, engine := range engines {
		for _, part := range wanted {
			if part.native != nil || part.only != "" && part.only != engine {
				continue
			}
			for i := range *starts {
				what := fmt.Sprintf("%s, %s, start %d of %d", engine, part.name, i+1, *starts)
				take(what, func() ([]Sample, error) { return part.take(ctx, engine, other) })
			}
		}
	}
	return samples, errors.Join(append(errs, ctx.Err())...)
}
