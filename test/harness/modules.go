package harness

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// A Visit is a module of cases in one engine, by one client.
type Visit struct {
	// Module is its path below test/pages/, without ".test.js".
	Module string
	Engine browser.Engine
	// Client is the relation of the client's origin to the service's, one of [Clients].
	Client string
	// Kind is that of the global that runs the cases; empty for a window.
	Kind string
	// Prefs are Firefox's preferences.
	Prefs map[string]any
	// Facts are what the module is told besides what all are, such as its seed.
	Facts map[string]string
	// Build is what the origins host.
	Build Build
	// Alone says that nothing may run beside it, mostly since it measures times.
	Alone bool
	// Waits says that it does nothing most of the time: it may run beside all else.
	Waits bool
}

// Clients are the relations of a client's origin to the service's that browsers treat differently.
var Clients = []string{sameOrigin, sameSite, crossSite}

const (
	sameOrigin = "same-origin"
	sameSite   = "same-site"
	crossSite  = "cross-site"
)

// Name names the visit among all of them, as a path: engine, client, kind and module.
func (v Visit) Name() string {
	return path.Join(string(v.Engine), v.Client, v.Kind, path.Base(v.Module))
}

// With returns the visit with another fact.
func (v Visit) With(name string, value any) Visit {
	v.Facts = maps.Clone(v.Facts)
	if v.Facts == nil {
		v.Facts = map[string]string{}
	}
	v.Facts[name] = fmt.Sprint(value)
	return v
}

// Again is the command that plays one of its cases again.
func (v Visit) Again(name string) string {
	command := fmt.Sprintf("./build.sh try %s %s '%s'", v.Engine, v.Module, strings.ReplaceAll(name, "'", `'\''`))
	if v.Client != sameSite {
		command += " -client " + v.Client
	}
	if v.Kind != "" {
		command += " -kind " + v.Kind
	}
	if seed := v.Facts["seed"]; seed != "" {
		command += " -seed " + seed
	}
	return command
}

// browserKind is that of the browser: who has the same may have it one after the other. In WebKit there is none: the process
// of an origin's workers ends seconds after its last page, and what another page asks of it meanwhile, of any origin
// of the same host, can wait for ever.
func (v Visit) browserKind() (kind string, shared bool) {
	return fmt.Sprint(v.Engine, v.Prefs), v.Engine != browser.WebKit
}

// facts are what its page is told, by its URL.
func (v Visit) facts() map[string]string {
	facts := map[string]string{"engine": string(v.Engine), "client": v.Client, "module": v.Module}
	if v.Kind != "" {
		facts["kind"] = v.Kind
	}
	maps.Copy(facts, v.Facts)
	return facts
}

// StopsIdle has Firefox stop workers after a second without an event: it stops
// none when asked to.
var StopsIdle = map[string]any{
	"dom.serviceWorkers.idle_timeout":          1_000,
	"dom.serviceWorkers.idle_extended_timeout": 1_000,
}

// anywhere names the modules about what is the same wherever the service is,
// and the modules of ports that have been made by then: a same-site client runs
// them for all. What differs is how they are made, to which the others see.
var anywhere = []string{
	"examples-a", "examples-b", "idl", "limits-bounds", "loader-parts", "match-ports",
	"native-ports", "stash-later", "stash-ports", "stash-stops", "stash-updates",
	"unreachable",
}

// Visits lists all that `./build.sh test` makes, those first that take longest.
func Visits() []Visit {
	var all []Visit
	for _, list := range [][]Visit{times(), long(), survival(), trials(), contexts(), probes(), cases()} {
		all = append(all, list...)
	}
	return all
}

// times measures: how long connecting takes, how soon a service hears that its
// client has gone, what nobody may find out by the time it takes, and how long a
// client waits while another attempts more than it may.
func times() []Visit {
	var all []Visit
	for _, engine := range browser.Engines {
		for _, client := range Clients {
			all = append(all,
				Visit{Module: "times/connect", Engine: engine, Client: client},
				Visit{Module: "times/privacy", Engine: engine, Client: client})
		}
		all = append(all,
			Visit{Module: "times/leaving", Engine: engine, Client: sameSite},
			Visit{Module: "times/bridges", Engine: engine, Client: crossSite},
			Visit{Module: "times/hostile", Engine: engine, Client: sameSite})
	}
	// Only Chromium stops a worker when asked to.
	all = append(all, Visit{Module: "times/first-answer", Engine: browser.Chromium, Client: sameSite})
	for i := range all {
		all[i].Alone = true
	}
	return all
}

// long are workers that live for minutes, and what never ends.
func long() []Visit {
	all := []Visit{
		{Module: "survival/conversation", Engine: browser.Chromium},
		{Module: "survival/conversation", Engine: browser.Firefox},
		{Module: "survival/endless", Engine: browser.Chromium},
		{Module: "survival/sleep", Engine: browser.Chromium},
		{Module: "survival/sleep", Engine: browser.Firefox},
		{Module: "survival/talking", Engine: browser.Chromium},
		{Module: "survival/talking", Engine: browser.Firefox},
		{Module: "survival/unwatched", Engine: browser.Chromium},
	}
	for _, engine := range browser.Engines {
		all = append(all,
			Visit{Module: "trials/lifetimes", Engine: engine},
			Visit{Module: "survival/standstill", Engine: engine, Build: Impatient})
	}
	for i := range all {
		all[i].Client, all[i].Waits = sameSite, true
	}
	return all
}

// survival are workers that end under load, or are killed for minutes.
func survival() []Visit {
	all := []Visit{
		// What may go wrong together is the simulator's; here the engines show that they do what it takes them for.
		{Module: "survival/chaos", Engine: browser.Chromium, Facts: map[string]string{"seconds": "20"}},
		{Module: "survival/chaos", Engine: browser.Firefox, Prefs: StopsIdle, Facts: map[string]string{"seconds": "20"}},
		{Module: "survival/chaos", Engine: browser.WebKit, Facts: map[string]string{"seconds": "20"}},
		{Module: "survival/stops", Engine: browser.Chromium},
		{Module: "survival/stops", Engine: browser.Firefox, Prefs: StopsIdle},
		{Module: "survival/mortal", Engine: browser.Firefox, Prefs: StopsIdle},
		{Module: "survival/mortal", Engine: browser.Chromium},
		{Module: "survival/mortal", Engine: browser.WebKit},
		{Module: "survival/workers", Engine: browser.Chromium},
		{Module: "survival/workers", Engine: browser.Firefox, Prefs: StopsIdle},
		{Module: "survival/update-traffic", Engine: browser.Firefox},
		{Module: "survival/update-traffic", Engine: browser.Chromium},
		// With much else to do, it loses or repeats one of some thousand messages in one of ten runs; nobody knows why yet.
		{Module: "survival/update-traffic", Engine: browser.WebKit, Alone: true},
		{Module: "survival/registry", Engine: browser.Chromium},
		{Module: "survival/restored", Engine: browser.Chromium},
		{Module: "survival/update", Engine: browser.Chromium},
		{Module: "survival/update", Engine: browser.Firefox, Prefs: StopsIdle},
		{Module: "survival/update", Engine: browser.WebKit},
		{Module: "survival/stash", Engine: browser.Firefox, Client: sameOrigin, Prefs: StopsIdle},
	}
	for _, client := range Clients {
		all = append(all,
			Visit{Module: "survival/last-words", Engine: browser.Chromium, Client: client},
			Visit{Module: "survival/last-words", Engine: browser.Firefox, Client: client, Prefs: StopsIdle})
	}
	for i := range all {
		if all[i].Client == "" {
			all[i].Client = sameSite
		}
	}
	return all
}

// trials are hostile messages and crowds.
func trials() []Visit {
	all := []Visit{
		// It takes minutes for 16,384 connections elsewhere.
		{Module: "trials/crowd", Engine: browser.Chromium, Client: sameSite},
		// What they are poured at is our code, the same in every engine; how an engine takes them shows in fewer.
		{Module: "trials/fuzz", Engine: browser.Chromium, Client: sameSite, Facts: map[string]string{"count": "2500"}},
		{Module: "trials/fuzz", Engine: browser.Firefox, Client: sameSite, Facts: map[string]string{"count": "1000"}},
		{Module: "trials/fuzz", Engine: browser.WebKit, Client: sameSite, Facts: map[string]string{"count": "1000"}},
	}
	return all
}

// waitInFull are the visits, by name, that wait once for the whole of the bounds in test/limits.json.
var waitInFull = []string{
	"chromium/same-site/limits-bounds",
	"firefox/same-site/unreachable",
}

// patient has those visits play on the shipped build.
func patient(v Visit) Visit {
	if slices.Contains(waitInFull, v.Name()) {
		v.Build = Shipped
	}
	return v
}

// contexts runs the rows of the contract in every other kind of global that
// can be a client; cases does so in windows.
func contexts() []Visit {
	var all []Visit
	for _, engine := range browser.Engines {
		for _, v := range []Visit{
			{Client: sameSite, Module: "windowless"},
			{Client: sameSite, Kind: "worker", Module: "rows"},
			{Client: sameSite, Kind: "module-worker", Module: "basics"}, // what is loaded is the same from there on
			{Client: sameSite, Kind: "sharedworker", Module: "rows"},
			{Client: sameSite, Kind: "module-sharedworker", Module: "basics"},
			{Client: sameSite, Kind: "serviceworker", Module: "rows"},
			{Client: sameSite, Kind: "module-serviceworker", Module: "basics"},
			{Client: sameSite, Kind: "nested-worker", Module: "basics"},
			{Client: sameSite, Kind: "frame", Module: "basics"},
			{Client: sameSite, Kind: "sandboxed-frame", Module: "basics"},
			{Client: sameSite, Kind: "foreign-frame", Module: "basics"},
			{Client: crossSite, Kind: "worker", Module: "basics"},
			{Client: crossSite, Kind: "sharedworker", Module: "basics"},
			{Client: crossSite, Kind: "serviceworker", Module: "basics"},
			{Client: sameOrigin, Kind: "worker", Module: "basics"},
			{Client: sameOrigin, Kind: "sharedworker", Module: "basics"},
			{Client: sameOrigin, Kind: "serviceworker", Module: "basics"},
			{Client: sameOrigin, Kind: "serviceworker", Module: "itself"},
		} {
			v.Engine, v.Module, v.Build = engine, "contexts/"+v.Module, Impatient
			all = append(all, patient(v))
		}
	}
	return all
}

// probes find out what an engine does, so that the box in test/simulator can be held to it.
func probes() []Visit {
	var all []Visit
	for _, engine := range browser.Engines {
		all = append(all,
			Visit{Module: "probes/probes", Engine: engine, Client: sameSite},
			Visit{Module: "probes/probes-of-ends", Engine: engine, Client: sameSite, Prefs: StopsIdle, Waits: true})
	}
	return all
}

// cases are the rows of the contract, and what surrounds them, in windows.
func cases() []Visit {
	paths, err := filepath.Glob(filepath.Join(Root(), "test/pages/cases/*.test.js"))
	if err != nil || len(paths) == 0 {
		panic(fmt.Sprint("harness: no cases ", err))
	}
	var all []Visit
	for _, file := range paths {
		module := strings.TrimSuffix(filepath.Base(file), ".test.js")
		for _, engine := range browser.Engines {
			for _, client := range Clients {
				if client == sameSite || !slices.Contains(anywhere, module) {
					all = append(all, patient(Visit{Module: "cases/" + module, Engine: engine, Client: client, Build: Impatient}))
				}
			}
		}
	}
	return all
}
