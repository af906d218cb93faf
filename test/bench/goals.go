package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/navigator-connect/navigator-connect/js/build/sizes"
	"github.com/navigator-connect/navigator-connect/test/browser"
)

// A Verdict says whether a goal is met.
type Verdict struct {
	Engine string `json:"engine"`
	Goal   string `json:"goal"`
	Found  string `json:"found"`
	Met    bool   `json:"met"`
}

// A goal bounds the median of one row.
type goal struct {
	measure, of, subject string
	// least says that the limit is a lower bound.
	least bool
	limit float64
	text  string
}

// goals are those with a fixed limit; others compare subjects.
var goals = []goal{
	{relativeTime, small, ours, false, 1.10, "round trip at most 1.10 × the bare port's"},
	{relativeRate, small, ours, true, 0.90, "throughput at least 0.90 × the bare port's"},
	{relativeRate, "64 KiB array", ours, true, 0.80, "64 KiB copied: throughput at least 0.80 × the bare port's"},
	{relativeRate, "1 MiB array", ours, true, 0.80, "1 MiB copied: throughput at least 0.80 × the bare port's"},
	{relativeRate, "64 KiB array, transferred", ours, true, 0.95, "64 KiB transferred: throughput at least 0.95 × the bare port's"},
	{relativeRate, "1 MiB array, transferred", ours, true, 0.95, "1 MiB transferred: throughput at least 0.95 × the bare port's"},
	{"connect", "warm", ours, false, 3, "warm connect at most 3 ms"},
	{"match", "among 10,000 ports of a page", ours, false, 1, "match among 10,000 ports of a page at most 1 ms"},
	{"match", "among 10,000 ports of a service worker", ours, false, 1, "match among 10,000 ports of a service worker at most 1 ms"},
	{"registry", "heap for an idle connection", ours, false, 4, "at most 4 KiB for an idle connection in the registry"},
	{"size", "navigator-connect.js", "brotli -11", false, sizes.Loader, "loader at most 8.5 kB brotli"},
	{"size", "registry.wasm", "brotli -11", false, sizes.Registry, "registry at most 700 kB brotli"},
	{"first answer", stopped, ours, false, 50, "first answer after a stop at most 50 ms"},
}

// linear is how much ten times as many may take, with something for the noise.
const linear = 11

const (
	small        = "100 B object"
	cold         = "cold: nothing runs"
	stopped      = "after the service worker's stop"
	relativeTime = "round trip relative to the bare port"
	relativeRate = "throughput relative to the bare port"
	barePort     = "bare-port"

	grown            = "growth from a tenth"
	grownFromNothing = "growth from nothing"
)

// judge compares what was found with the goals. What was not measured is unmeasured's.
func judge(all []Row) []Verdict {
	var verdicts []Verdict
	for _, engine := range distinct(all, func(r Row) string { return r.Engine }) {
		for _, g := range goals {
			row, ok := find(all, engine, g.measure, g.of, g.subject)
			if !ok {
				continue
			}
			met := row.Median <= g.limit
			if g.least {
				met = row.Median >= g.limit
			}
			verdicts = append(verdicts, Verdict{engine, g.text, with(row), met})
		}
		verdicts = append(verdicts, ahead(all, engine, "round trip", false)...)
		verdicts = append(verdicts, ahead(all, engine, "throughput", true)...)
		for _, r := range where(all, func(r Row) bool { return r.Engine == engine && r.Measure == grown }) {
			verdicts = append(verdicts, Verdict{engine, "growth at most linear: " + r.Case, with(r), r.Median <= linear})
		}
		for _, r := range where(all, func(r Row) bool { return r.Engine == engine && r.Measure == grownFromNothing }) {
			found := fmt.Sprintf("not known in %d starts: a tenth took nothing, the whole %s", r.Starts, with(r))
			verdicts = append(verdicts, Verdict{engine, "growth at most linear: " + r.Case, found, false})
		}
		own, ok := find(all, engine, "connect", cold, ours)
		if peer, both := find(all, engine, "connect", cold, "penpal"); ok && both {
			found := fmt.Sprintf("%s, penpal %s", with(own), with(peer))
			verdicts = append(verdicts, Verdict{engine, "cold connect no slower than penpal's handshake", found, own.Median <= peer.Median})
		}
	}
	return verdicts
}

// unmeasured names the goals of which nothing was found in any of the settings
// of a browser, or without one.
func unmeasured(all []Row, browsers []browser.Engine) []Verdict {
	var verdicts []Verdict
	look := func(engine string, g goal) {
		found := where(all, func(r Row) bool {
			return strings.HasPrefix(r.Engine, engine) && r.Measure == g.measure && r.Case == g.of && r.Subject == g.subject
		})
		if len(found) == 0 {
			verdicts = append(verdicts, Verdict{engine, g.text, notMeasured, false})
		}
	}
	compared := []goal{
		{measure: "round trip", of: small, subject: ours, text: "round trip ahead of every peer"},
		{measure: "throughput", of: small, subject: ours, text: "throughput ahead of every peer"},
		{measure: "connect", of: cold, subject: ours, text: "cold connect no slower than penpal's handshake"},
	}
	for _, g := range goals {
		if g.measure == "size" {
			look(native, g)
		}
	}
	for _, b := range browsers {
		for _, g := range append(slices.Clone(goals), compared...) {
			if g.measure != "size" {
				look(string(b), g)
			}
		}
	}
	return verdicts
}

// notMeasured is found of a goal when nothing is.
const notMeasured = "not measured"

// ahead judges whether no peer is better at small messages.
func ahead(all []Row, engine, measure string, more bool) []Verdict {
	own, ok := find(all, engine, measure, small, ours)
	if !ok {
		return nil
	}
	var better []string
	for _, r := range where(all, func(r Row) bool { return r.Engine == engine && r.Measure == measure && r.Case == small }) {
		isPeer := r.Subject != ours && r.Subject != barePort
		if isPeer && (r.Median < own.Median) != more {
			better = append(better, r.Subject+" "+with(r))
		}
	}
	found := with(own)
	// Frames of one site share a thread with the page: no port to a service worker is faster than they are.
	if bare, ok := find(all, engine, measure, small, barePort); ok {
		found += ", bare port " + with(bare)
	}
	if better != nil {
		found += ", behind " + strings.Join(better, ", ")
	}
	return []Verdict{{engine, measure + " ahead of every peer", found, better == nil}}
}

// with is a row's median with its unit.
func with(r Row) string {
	return fmt.Sprintf("%s %s", number(r.Median), r.Unit)
}
