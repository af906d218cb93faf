package main

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"

	"github.com/navigator-connect/navigator-connect/polyfill"
)

// A channel delivers in order. What is in different channels, be it to the
// same receiver, arrives in any order.
type channel struct {
	queue  []func()
	queued bool
}

// A lock is held by a context until it ends.
type lock struct {
	free    bool
	waiting []func()
}

// A page is a window with a bridge: js/bridge.js and js/registry-client.js.
type page struct {
	id    uuid.UUID
	alive bool
	// The port into the present generation of the registry.
	peer                     polyfill.Peer
	toRegistry, fromRegistry *channel
	introduced               bool
	// greeted says that the registry has been heard on that port.
	greeted bool
	// kept are its connections and attempts, the oldest first.
	kept []*connection
	// met is the last worker it met, by scope.
	met map[string]uuid.UUID
}

// A connection as its window knows it.
type connection struct {
	id    uuid.UUID
	scope string // empty until the service has accepted
	// roams says that its client is a service worker, which outlives windows.
	roams bool
}

// A registration is a service: js/service.js, and what it keeps in IndexedDB.
type registration struct {
	scope  string
	there  bool
	worker *worker
	events *channel
	// records are its connections; the window is nil if the client roams.
	records map[uuid.UUID]*page
}

// A worker is one start of a service worker.
type worker struct {
	id                       uuid.UUID
	alive                    bool
	toRegistry, fromRegistry *channel
	// woken says that it got an event; it will not be stopped as idle soon.
	woken bool
}

// A death of a worker that a window must hear of.
type death struct {
	worker uuid.UUID
	window *page
}

type stats struct {
	Steps, Windows, Workers, Connections, Generations, Rejoined, Told, Needs, Wakes, Roamed, Late int
}

func (s *stats) add(t stats) {
	s.Steps += t.Steps
	s.Windows += t.Windows
	s.Workers += t.Workers
	s.Connections += t.Connections
	s.Generations += t.Generations
	s.Rejoined += t.Rejoined
	s.Told += t.Told
	s.Needs += t.Needs
	s.Wakes += t.Wakes
	s.Roamed += t.Roamed
	s.Late += t.Late
}

type world struct {
	rng   *rand.Rand
	stats stats
	// trace holds the last things that happened.
	trace []string
	ids   uint64

	locks         map[uuid.UUID]*lock
	waiting       []*channel // those that are not empty
	windows       []*page    // alive, the oldest first
	registrations []*registration
	roaming       []*connection // those that no window keeps at present

	// registry is nil while none runs.
	registry   *polyfill.Registry
	generation uuid.UUID
	peers      map[polyfill.Peer]*page
	peer       polyfill.Peer
	dropped    map[polyfill.Peer]bool
	// answered are connections of which this generation knows that they are open,
	// by the peer that said so last.
	answered map[uuid.UUID]polyfill.Peer
	// known counts, in this generation, how often it learnt of a worker, told how
	// often each window heard of its end, and due who must, for what connections.
	known map[uuid.UUID]int
	told  map[death]int
	due   map[death][]*connection
	// late are records of dead clients that stay until their worker's next start.
	late map[uuid.UUID]bool
	err  error
}

func newWorld(seed int64) *world {
	w := &world{
		rng:   rand.New(rand.NewPCG(uint64(seed), 0)),
		locks: map[uuid.UUID]*lock{},
		late:  map[uuid.UUID]bool{},
	}
	for _, scope := range []string{"https://s/a/", "https://s/b/", "https://s/c/"} {
		w.registrations = append(w.registrations, &registration{
			scope: scope, there: true, events: &channel{}, records: map[uuid.UUID]*page{},
		})
	}
	return w
}

func (w *world) newID() uuid.UUID {
	w.ids++
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], w.ids)
	return id
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%d ", w.stats.Steps)+fmt.Sprintf(format, args...))
	if len(w.trace) > 60 {
		w.trace = w.trace[1:]
	}
}

func (w *world) failf(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("step %d: "+format, append([]any{w.stats.Steps}, args...)...)
	}
}

func short(id uuid.UUID) string { return fmt.Sprint(binary.BigEndian.Uint64(id[8:])) }

// post puts something into a channel.
func (w *world) post(c *channel, deliver func()) {
	c.queue = append(c.queue, deliver)
	if !c.queued {
		c.queued = true
		w.waiting = append(w.waiting, c)
	}
}

// soon runs something after any time.
func (w *world) soon(run func()) { w.post(&channel{}, run) }

// deliver delivers the next of a random channel.
func (w *world) deliver() bool {
	if len(w.waiting) == 0 {
		return false
	}
	i := w.rng.IntN(len(w.waiting))
	c := w.waiting[i]
	if len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		next()
	}
	if len(c.queue) == 0 {
		c.queued = false
		w.waiting = slices.DeleteFunc(w.waiting, func(other *channel) bool { return other == c })
	}
	return true
}

// hold takes a context's lock.
func (w *world) hold(context uuid.UUID) { w.locks[context] = &lock{} }

// free ends a context.
func (w *world) free(context uuid.UUID) {
	l := w.locks[context]
	l.free = true
	for _, granted := range l.waiting {
		w.soon(granted)
	}
	l.waiting = nil
}

// gone runs something after a context's end.
func (w *world) gone(context uuid.UUID, granted func()) {
	if l := w.locks[context]; !l.free {
		l.waiting = append(l.waiting, granted)
	} else {
		w.soon(granted)
	}
}

// The registry.

func (w *world) startRegistry() {
	w.stats.Generations++
	w.generation = w.newID()
	w.hold(w.generation)
	w.note("registry %s starts", short(w.generation))
	w.registry = polyfill.New(w.generation)
	w.peers = map[polyfill.Peer]*page{}
	w.dropped = map[polyfill.Peer]bool{}
	w.answered = map[uuid.UUID]polyfill.Peer{}
	w.known = map[uuid.UUID]int{}
	w.told = map[death]int{}
	w.due = map[death][]*connection{}
	for _, r := range w.registrations {
		if r.worker != nil {
			w.greetWorker(r, r.worker)
		}
	}
}

func (w *world) stopRegistry() {
	if w.registry == nil {
		return
	}
	w.note("registry %s ends", short(w.generation))
	w.registry = nil
	w.free(w.generation)
	// The next generation knows nothing of those who are dead by now.
	w.excuse(func(_ uuid.UUID, client *page) bool { return !client.alive })
	for _, window := range w.windows {
		window.introduced = false
		// What was in its ports has ended with it.
		window.toRegistry, window.fromRegistry = &channel{}, &channel{}
	}
}

// join connects a window to the registry, and starts one if there is none.
func (w *world) join(window *page) {
	if !window.alive {
		return
	}
	if w.registry == nil {
		w.startRegistry()
	}
	w.peer++
	peer := w.peer
	window.peer = peer
	window.greeted = false
	window.toRegistry, window.fromRegistry = &channel{}, &channel{}
	w.peers[peer] = window
	w.introduce(window)
	w.post(window.fromRegistry, func() { window.greeted = true })
	w.gone(w.generation, func() {
		if window.peer == peer {
			w.join(window)
		}
	})
}

// rejoin has a window that has heard nothing yet connect anew: it can't tell a
// registry that is slow from one that has just ended. What it has said is on
// its way, what it would hear is not: it closes its port.
func (w *world) rejoin(window *page) {
	if window.greeted {
		return
	}
	w.note("window %s joins again", short(window.id))
	w.stats.Rejoined++
	window.fromRegistry.queue = nil
	// What it has met it tells the registry again, and hears of once more. Who has met nobody has nothing on its way.
	for d := range w.due {
		if d.window == window && !slices.Contains(slices.Collect(maps.Values(window.met)), d.worker) {
			delete(w.due, d)
		}
	}
	w.join(window)
}

// introduce tells a new generation all that a window knows.
func (w *world) introduce(window *page) {
	window.introduced = true
	w.tell(window, polyfill.Introduce{Context: window.id, Kind: polyfill.KindWindow})
	for _, c := range window.kept {
		w.tellConnection(window, c)
	}
	for _, scope := range slices.Sorted(maps.Keys(window.met)) {
		w.tell(window, polyfill.Met{Context: window.met[scope], Scope: scope})
		if w.locks[window.met[scope]].free {
			// It ended between two generations.
			for _, c := range window.kept {
				if c.scope == scope {
					w.owe(window, window.met[scope], c)
				}
			}
		}
	}
}

func (w *world) tellConnection(window *page, c *connection) {
	w.tell(window, polyfill.Connect{Connection: c.id, Origin: "https://c", TargetURL: "https://s/"})
	if c.scope != "" {
		w.tell(window, polyfill.Answer{Connection: c.id, Scope: c.scope, Name: "name"})
	}
}

// owe notes that a window must hear of a worker's end, for a connection.
func (w *world) owe(window *page, worker uuid.UUID, c *connection) {
	d := death{worker, window}
	w.due[d] = append(w.due[d], c)
}

// tell posts to the registry, once the window is introduced to it.
func (w *world) tell(window *page, message polyfill.Message) {
	if !window.introduced {
		return
	}
	registry, peer := w.registry, window.peer
	w.post(window.toRegistry, func() { w.handle(registry, peer, message) })
}

// broadcast posts to whatever registry runs when it arrives.
func (w *world) broadcast(worker *worker, message polyfill.Message) {
	w.post(worker.toRegistry, func() { w.handle(w.registry, polyfill.Broadcast, message) })
}

func (w *world) handle(registry *polyfill.Registry, from polyfill.Peer, message polyfill.Message) {
	// The binding no longer listens to those it dropped.
	if registry == nil || registry != w.registry || w.dropped[from] {
		return
	}
	switch m := message.(type) {
	case polyfill.Answer:
		w.answered[m.Connection] = from
	case polyfill.Close:
		delete(w.answered, m.Connection)
	}
	w.carryOut(registry.Handle(from, message))
}

// carryOut does what wasm/main.go does.
func (w *world) carryOut(effects []polyfill.Effect) {
	for _, effect := range effects {
		switch e := effect.(type) {
		case polyfill.Watch:
			registry := w.registry
			w.known[e.Context]++
			w.gone(e.Context, func() {
				if registry != w.registry {
					return
				}
				w.carryOut(registry.Gone(e.Context))
				if !slices.ContainsFunc(registry.Snapshot().Contexts, isWindow) {
					// There is nobody to wake anyone.
					w.excuse(func(_ uuid.UUID, client *page) bool { return client.id == e.Context })
				}
			})
		case polyfill.Drop:
			if window := w.peers[e.Peer]; window == nil || window.alive && window.peer == e.Peer || w.dropped[e.Peer] {
				w.failf("peer %d is dropped, window %+v", e.Peer, window)
			}
			w.dropped[e.Peer] = true
		case polyfill.TellStopped:
			window, listens := w.receiver(e.Peer, e)
			d := death{e.Context, window}
			if !w.locks[e.Context].free {
				w.failf("window %s hears that worker %s has ended, which lives", short(window.id), short(e.Context))
			}
			if !listens {
				continue
			}
			w.stats.Told++
			if w.told[d]++; w.told[d] > w.known[e.Context] {
				w.failf("window %s hears of worker %s's end too often", short(window.id), short(e.Context))
			}
			w.post(window.fromRegistry, func() { w.stopped(window, e.Scope) })
		case polyfill.TellNeed:
			w.receiver(e.Peer, e)
			w.stats.Needs++
		case polyfill.TellKeepAwake:
			// Versions are not of this world: it is an event like another.
			if window, listens := w.receiver(e.Peer, e); listens {
				w.post(window.fromRegistry, func() {
					if window.alive {
						w.event(w.registration(e.Scope))
					}
				})
			}
		case polyfill.TellWake:
			window, listens := w.receiver(e.Peer, e)
			w.stats.Wakes++
			r := w.registration(e.Scope)
			unheard := func() {
				// Who was asked has ended as well, or does not listen, and nobody will ask another.
				w.excuse(func(id uuid.UUID, client *page) bool { return r.records[id] == client && !client.alive })
			}
			if !listens {
				unheard()
				continue
			}
			w.post(window.fromRegistry, func() {
				if window.alive {
					w.event(r)
				} else {
					unheard()
				}
			})
		}
	}
}

func isWindow(c polyfill.Context) bool { return c.Kind == polyfill.KindWindow }

// excuse lets records of dead clients stay until their worker's next start.
func (w *world) excuse(which func(connection uuid.UUID, client *page) bool) {
	for _, r := range w.registrations {
		for id, client := range r.records {
			if client != nil && which(id, client) {
				w.late[id] = true
			}
		}
	}
}

// receiver returns the window that a peer is, and whether it still listens
// there.
func (w *world) receiver(peer polyfill.Peer, effect polyfill.Effect) (window *page, listens bool) {
	window = w.peers[peer]
	if window == nil || w.dropped[peer] {
		w.failf("%T for peer %d, who is no window", effect, peer)
		return w.windows[0], false
	}
	return window, window.peer == peer
}

// Windows.

func (w *world) openWindow() {
	if len(w.windows) >= 6 {
		return
	}
	w.stats.Windows++
	window := &page{id: w.newID(), alive: true, met: map[string]uuid.UUID{}}
	w.hold(window.id)
	w.windows = append(w.windows, window)
	w.note("window %s opens", short(window.id))
	w.join(window)
}

func (w *world) closeWindow(window *page) {
	w.note("window %s closes", short(window.id))
	window.alive = false
	w.windows = slices.DeleteFunc(w.windows, func(other *page) bool { return other == window })
	// Of what the registry has not heard, it can't wake the service.
	w.excuse(func(id uuid.UUID, client *page) bool {
		return client == window && (w.registry == nil || w.answered[id] != window.peer)
	})
	for _, c := range window.kept {
		if c.roams && c.scope != "" {
			// It takes its client a while to find another window.
			w.post(window.toRegistry, func() { w.roaming = append(w.roaming, c) })
		}
	}
	w.free(window.id)
	if len(w.windows) == 0 {
		w.stopRegistry()
	}
}

// stopped is Bridge.#stopped: a connection to what is not registered is lost.
func (w *world) stopped(window *page, scope string) {
	if !window.alive || w.registration(scope).there {
		return
	}
	for _, c := range slices.Clone(window.kept) {
		if c.scope == scope {
			w.forget(window, c)
		}
	}
}

// connect begins an attempt, which the service refuses or accepts some time.
func (w *world) connect(window *page, r *registration) {
	if len(window.kept) >= 8 || !r.there {
		return
	}
	w.stats.Connections++
	c := &connection{id: w.newID(), roams: w.rng.IntN(4) == 0}
	window.kept = append(window.kept, c)
	w.tellConnection(window, c)
	w.post(r.events, func() {
		if !window.alive || !slices.Contains(window.kept, c) || !r.there || w.rng.IntN(4) == 0 {
			w.soon(func() { w.forget(window, c) })
			return
		}
		w.start(r)
		r.worker.woken = true
		r.records[c.id] = window
		if c.roams {
			r.records[c.id] = nil
		} else {
			w.watch(r, r.worker, window)
		}
		worker := r.worker.id
		w.soon(func() { w.accepted(window, c, r, worker) })
	})
}

func (w *world) accepted(window *page, c *connection, r *registration, worker uuid.UUID) {
	if !window.alive || !slices.Contains(window.kept, c) {
		if c.roams {
			delete(r.records, c.id)
		} else if window.alive {
			w.post(r.events, func() { delete(r.records, c.id) })
		}
		return
	}
	w.note("connection %s of window %s to worker %s", short(c.id), short(window.id), short(worker))
	c.scope = r.scope
	w.tell(window, polyfill.Answer{Connection: c.id, Scope: r.scope, Name: "name"})
	window.met[r.scope] = worker
	w.tell(window, polyfill.Met{Context: worker, Scope: r.scope})
}

// forget ends a connection or an attempt.
func (w *world) forget(window *page, c *connection) {
	if !window.alive || !slices.Contains(window.kept, c) {
		return
	}
	w.note("window %s closes connection %s", short(window.id), short(c.id))
	w.release(window, c)
	if c.scope != "" {
		r := w.registration(c.scope)
		w.post(r.events, func() { delete(r.records, c.id) })
	}
}

// release has a window no longer keep a connection. What it must hear for its
// sake is owed no longer, even if the connection roams back: who takes one up
// starts with a new port.
func (w *world) release(window *page, c *connection) {
	isC := func(other *connection) bool { return other == c }
	window.kept = slices.DeleteFunc(window.kept, isC)
	for d, connections := range w.due {
		if d.window == window {
			w.due[d] = slices.DeleteFunc(connections, isC)
		}
	}
	w.tell(window, polyfill.Close{Connection: c.id})
}

// roam has another window keep a connection whose client is a service worker.
func (w *world) roam(from, to *page) {
	for _, c := range from.kept {
		// Its client's worker has started anew meanwhile: what this window said of it has long arrived.
		if c.roams && c.scope != "" && w.answered[c.id] == from.peer {
			w.release(from, c)
			w.resume(to, c)
			return
		}
	}
}

func (w *world) resume(window *page, c *connection) {
	w.stats.Roamed++
	w.note("connection %s roams to window %s", short(c.id), short(window.id))
	window.kept = append(window.kept, c)
	w.tellConnection(window, c)
}

// Service workers.

func (w *world) registration(scope string) *registration {
	i := slices.IndexFunc(w.registrations, func(r *registration) bool { return r.scope == scope })
	return w.registrations[i]
}

// event is active.postMessage: it starts the worker, and is not lost.
func (w *world) event(r *registration) {
	w.post(r.events, func() {
		if r.there {
			w.start(r)
			r.worker.woken = true
		}
	})
}

// start starts a registration's worker, which sees whose clients have gone.
func (w *world) start(r *registration) {
	if r.worker != nil {
		return
	}
	w.stats.Workers++
	worker := &worker{id: w.newID(), alive: true, toRegistry: &channel{}, fromRegistry: &channel{}}
	r.worker = worker
	w.hold(worker.id)
	w.note("worker %s starts", short(worker.id))
	for id, client := range r.records {
		if client == nil {
			continue
		}
		if client.alive {
			w.watch(r, worker, client)
		} else {
			delete(r.records, id)
		}
	}
	introduce := polyfill.Introduce{Context: worker.id, Kind: polyfill.KindServiceWorker, Scope: r.scope}
	w.broadcast(worker, introduce)
}

// greetWorker announces a new generation.
func (w *world) greetWorker(r *registration, worker *worker) {
	w.post(worker.fromRegistry, func() {
		if worker.alive {
			w.broadcast(worker, polyfill.Introduce{Context: worker.id, Kind: polyfill.KindServiceWorker, Scope: r.scope})
		}
	})
}

// watch has a worker see its client's end.
func (w *world) watch(r *registration, worker *worker, client *page) {
	w.gone(client.id, func() {
		if !worker.alive {
			return
		}
		for id, other := range r.records {
			if other == client {
				delete(r.records, id)
			}
		}
	})
}

// stop stops a worker as idle, or kills it.
func (w *world) stop(r *registration, kill bool) {
	worker := r.worker
	if worker == nil {
		return
	}
	for id, client := range r.records {
		if client == nil || client.alive || !worker.woken {
			continue
		}
		if !kill {
			// It has just got an event.
			return
		}
		w.late[id] = true
	}
	w.note("worker %s ends", short(worker.id))
	r.worker = nil
	worker.alive = false
	for _, window := range w.windows {
		for _, c := range window.kept {
			if c.scope == r.scope && w.answered[c.id] == window.peer && w.known[worker.id] > 0 {
				w.owe(window, worker.id, c)
			}
		}
	}
	w.free(worker.id)
}

func (w *world) unregister(r *registration) {
	if !r.there {
		r.there = true
		return
	}
	w.note("%s is unregistered", r.scope)
	w.stop(r, true)
	r.there = false
	r.records = map[uuid.UUID]*page{}
}
