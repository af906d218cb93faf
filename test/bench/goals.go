package main

import (
	"fmt"
	"strings"

	"github.com/navigator-connect/navigator-connect/js/build/sizes"
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
	{"size", "navigator-connect.js", "brotli -11", false, sizes.Loader, "loader at most 8 kB brotli"},
	{"size", "registry.wasm", "brotli -11", false, sizes.Registry, "registry at most 640 kB brotli"},
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
)

// judge compares what was found with the goals. Of what was not measured, it says nothing.
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
		for _, r := range where(all, func(r Row) bool { return r.Engine == engine && r.Measure == "growth from a tenth" }) {
			verdicts = append(verdicts, Verdict{engine, "growth at most linear: " + r.Case, with(r), r.Median <= linear})
		}
		own, ok := find(all, engine, "connect", cold, ours)
		if peer, both := find(all, engine, "connect", cold, "penpal"); ok && both {
			found := fmt.Sprintf("%s, penpal %s", with(own), with(peer))
			verdicts = append(verdicts, Verdict{engine, "cold connect no slower than penpal's handshake", found, own.Median <= peer.Median})
		}
	}
	return verdicts
}

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
	if better != nil {
		found += ", behind " + strings.Join(better, ", ")
	}
	return []Verdict{{engine, measure + " ahead of every peer", found, better == nil}}
}

// with is a row's median with its unit.
func with(r Row) string {
	return fmt.Sprintf("%s %s", number(r.Median), r.Unit)
}
