package main

import (
	"github.com/google/uuid"

	"github.com/navigator-connect/navigator-connect/polyfill"
)

// play lets the world live, checks it each time that it has settled, and in
// the end lets everyone leave.
func (w *world) play(steps int) error {
	w.openWindow()
	for w.stats.Steps < steps && w.err == nil {
		w.stats.Steps++
		if w.rng.IntN(3) > 0 && w.deliver() {
			continue
		}
		w.act()
		if w.rng.IntN(60) == 0 {
			w.settle()
		}
	}
	w.settle()
	w.leave()
	return w.err
}

// act lets something happen.
func (w *world) act() {
	r := w.registrations[w.rng.IntN(len(w.registrations))]
	if len(w.windows) == 0 {
		w.openWindow()
		return
	}
	window := w.windows[w.rng.IntN(len(w.windows))]
	switch n := w.rng.IntN(100); {
	case n < 10:
		w.openWindow()
	case n < 16:
		w.closeWindow(window)
	case n < 46:
		w.connect(window, r)
	case n < 56:
		if len(window.kept) > 0 {
			w.forget(window, window.kept[w.rng.IntN(len(window.kept))])
		}
	case n < 66:
		w.stop(r, false)
	case n < 70:
		w.stop(r, true)
	case n < 75:
		w.event(r)
	case n < 80:
		if r.worker != nil {
			w.broadcast(r.worker, polyfill.Busy{Context: r.worker.id})
			w.broadcast(r.worker, polyfill.Begun{Context: r.worker.id})
		}
	case n < 85:
		w.need(r)
	case n < 88:
		if other := w.windows[w.rng.IntN(len(w.windows))]; other != window {
			w.roam(window, other)
		}
	case n < 91:
		if len(w.roaming) > 0 {
			w.resume(window, w.roaming[0])
			w.roaming = w.roaming[1:]
		}
	case n < 92:
		w.unregister(r)
	case n < 93:
		w.stopRegistry()
	case n < 95:
		w.rejoin(window)
	default:
		w.intrude(window)
	}
}

// need has a worker ask for a port.
func (w *world) need(r *registration) {
	if r.worker == nil {
		return
	}
	for _, window := range w.windows {
		for _, c := range window.kept {
			if _, ok := r.records[c.id]; ok {
				w.broadcast(r.worker, polyfill.Need{Connection: c.id, Client: window.id.String(), Scope: r.scope})
				return
			}
		}
	}
}

// intrude sends what does not fit: it must change nothing.
func (w *world) intrude(window *page) {
	id := w.newID()
	if other := w.windows[w.rng.IntN(len(w.windows))]; other != window && len(other.kept) > 0 {
		id = other.kept[0].id
	}
	messages := []polyfill.Message{
		polyfill.Close{Connection: id},
		polyfill.Answer{Connection: id, Scope: "https://s/a/", Name: ""},
		polyfill.Need{Connection: id},
		polyfill.Begun{Context: window.id},
		polyfill.Busy{Context: window.id},
		polyfill.Introduce{Context: window.id, Kind: polyfill.KindWindow},
		polyfill.Introduce{Context: id, Kind: polyfill.KindServiceWorker, Scope: "https://s/a/"},
		polyfill.Met{Context: id},
	}
	message := messages[w.rng.IntN(len(messages))]
	if !window.introduced {
		return
	}
	registry, peer := w.registry, window.peer
	w.post(window.toRegistry, func() {
		// Before its window's own message the peer is nobody to the registry.
		if registry == w.registry && !w.dropped[peer] {
			w.carryOut(registry.Handle(peer, message))
		}
	})
}

// settle lets all that is on its way arrive, and compares the registry with
// the world.
func (w *world) settle() {
	for w.err == nil && w.deliver() {
		w.stats.Steps++
	}
	if w.err != nil || w.registry == nil {
		return
	}
	snapshot := w.registry.Snapshot()

	contexts := map[uuid.UUID]string{}
	for _, window := range w.windows {
		contexts[window.id] = ""
	}
	for _, r := range w.registrations {
		if r.worker != nil {
			contexts[r.worker.id] = r.scope
		}
	}
	for _, c := range snapshot.Contexts {
		if scope, ok := contexts[c.ID]; !ok || scope != c.Scope || (c.Kind == polyfill.KindWindow) != (scope == "") {
			w.failf("the registry keeps %+v, who does not live", c)
		}
		delete(contexts, c.ID)
	}
	for id := range contexts {
		w.failf("the registry does not know %s", short(id))
	}

	kept := map[uuid.UUID]*page{}
	scopes := map[uuid.UUID]string{}
	for _, window := range w.windows {
		for _, c := range window.kept {
			kept[c.id] = window
			scopes[c.id] = c.scope
		}
	}
	for _, c := range snapshot.Connections {
		window := kept[c.ID]
		switch {
		case window == nil:
			w.failf("the registry keeps connection %s, which nobody does", short(c.ID))
		case c.Client != window.id || c.Scope != scopes[c.ID] || (c.State == polyfill.Open) != (c.Scope != ""):
			w.failf("the registry keeps connection %+v, window %s with %q", c, short(window.id), scopes[c.ID])
		}
		delete(kept, c.ID)
	}
	for id, window := range kept {
		w.failf("the registry does not know connection %s of window %s", short(id), short(window.id))
	}

	for d, connections := range w.due {
		// Who has left, or given up its connections in the meantime, is not owed anything.
		if d.window.alive && len(connections) > 0 && w.told[d] == 0 {
			w.failf("window %s has not heard that worker %s ended", short(d.window.id), short(d.worker))
		}
	}
	clear(w.due)

	for _, r := range w.registrations {
		for id, client := range r.records {
			if client == nil || client.alive {
				continue
			}
			if !w.late[id] {
				w.failf("%s was not woken to hear that the client of connection %s is gone", r.scope, short(id))
			}
			w.stats.Late++
		}
	}
}

// leave ends everyone, and looks what the registry keeps.
func (w *world) leave() {
	if w.err != nil || w.registry == nil {
		return
	}
	registry := w.registry
	for _, r := range w.registrations {
		if r.there {
			w.unregister(r)
		}
	}
	for len(w.windows) > 1 {
		w.closeWindow(w.windows[0])
	}
	w.settle()
	if w.err != nil {
		return
	}
	registry.Gone(w.windows[0].id)
	if s := registry.Snapshot(); len(s.Contexts)+len(s.Connections) > 0 {
		w.failf("everyone has left, and the registry keeps %+v", s)
	}
}
