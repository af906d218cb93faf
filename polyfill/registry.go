package polyfill

import (
	"slices"

	"github.com/google/uuid"
)

// Peer numbers a port into the registry, in the order in which they came.
// Service workers have none: they speak over the broadcast channel, and are
// all heard as Broadcast.
type Peer int

// Broadcast is the peer of everyone who can't open a port.
const Broadcast Peer = 0

// Kinds of contexts.
const (
	KindWindow        = "window"
	KindServiceWorker = "serviceworker"
)

// A Context is a page or service worker that runs the polyfill.
type Context struct {
	ID    uuid.UUID
	Kind  string
	Scope string
	peer  Peer
	// connections are those that this window keeps.
	connections map[uuid.UUID]*Connection
}

// State is how far a connection has come.
type State string

// States of a connection. One that has ended is not kept.
const (
	Connecting State = "connecting"
	Open       State = "open"
)

// A Connection is a client port and a service port, entangled, or the attempt
// at one. Client is the window that keeps it; Scope, the service's
// registration, is empty until the service has accepted.
type Connection struct {
	ID        uuid.UUID
	Client    uuid.UUID
	Scope     string
	Origin    string
	TargetURL string
	// Name is the service port's; the client's is its own affair.
	Name  string
	State State
	order int
}

// A service is a registration as the registry knows it: the contexts of its
// workers that run now, and the connections to it.
type service struct {
	workers     map[uuid.UUID]*Context
	connections map[uuid.UUID]*Connection
	// unburied are the windows with connections to it whose end no worker has
	// buried yet, each with how often one is still woken for that.
	unburied map[uuid.UUID]int
}

// An Effect is something the binding must do.
type Effect interface{ effect() }

// Watch asks to call [Registry.Gone] when the context's lock falls free.
type Watch struct{ Context uuid.UUID }

// Drop says that the peer's port is of no more use.
type Drop struct{ Peer Peer }

// TellStopped tells a window that a service worker has ended.
type TellStopped struct {
	Peer    Peer
	Context uuid.UUID
	Scope   string
}

// TellNeed tells a window that the service's end of a connection needs a
// port, or that its close was missed: the window may have forgotten it.
type TellNeed struct {
	Peer       Peer
	Connection uuid.UUID
	Scope      string
}

// TellWake asks a window to give the registration's active worker an event, or
// to do so later, should the client whose end it is to hear of come back over
// another window.
type TellWake struct {
	Peer  Peer
	Scope string
	Later bool
}

// TellKeepAwake asks a window for the same, unless a new version waits to
// replace that worker.
type TellKeepAwake struct {
	Peer  Peer
	Scope string
}

// SendSnapshot answers a [SnapshotRequest].
type SendSnapshot struct{ Snapshot Snapshot }

func (Watch) effect()         {}
func (Drop) effect()          {}
func (TellStopped) effect()   {}
func (TellNeed) effect()      {}
func (TellWake) effect()      {}
func (TellKeepAwake) effect() {}
func (SendSnapshot) effect()  {}

// Registry is the state of one generation. The zero value is not usable; call
// [New]. It is not safe for concurrent use.
type Registry struct {
	generation  uuid.UUID
	contexts    map[uuid.UUID]*Context
	windows     map[Peer]*Context
	services    map[string]*service
	connections map[uuid.UUID]*Connection
	made        int
	counters    Counters
}

// New returns an empty registry. Everything it will know it hears from its
// clients, who introduce themselves to every new generation.
func New(generation uuid.UUID) *Registry {
	return &Registry{
		generation:  generation,
		contexts:    map[uuid.UUID]*Context{},
		windows:     map[Peer]*Context{},
		services:    map[string]*service{},
		connections: map[uuid.UUID]*Connection{},
	}
}

// Handle handles a message from a peer. Messages that don't fit the state,
// from a context that never introduced itself or about a connection that is
// another's, are counted and have no effect.
func (r *Registry) Handle(from Peer, message Message) []Effect {
	return message.handle(r, from)
}

// Ignore counts a message that was malformed or did not fit the state.
func (r *Registry) Ignore() []Effect {
	r.counters.Ignored++
	return nil
}

// Gone handles a context's death, which its lock has told.
func (r *Registry) Gone(id uuid.UUID) []Effect {
	context, ok := r.contexts[id]
	if !ok {
		return nil
	}
	r.counters.Gone++
	delete(r.contexts, id)
	if context.Kind == KindServiceWorker {
		return r.workerGone(context)
	}
	return r.windowGone(context)
}

// workerGone tells every window that keeps a connection to the worker's
// registration: what was on its way to this worker must be sent again.
func (r *Registry) workerGone(worker *Context) []Effect {
	service := r.services[worker.Scope]
	delete(service.workers, worker.ID)
	keepers := map[Peer]bool{}
	for _, connection := range service.connections {
		keepers[r.contexts[connection.Client].peer] = true
	}
	r.tidy(worker.Scope)
	var effects []Effect
	for _, peer := range sortedKeys(keepers) {
		effects = append(effects, TellStopped{peer, worker.ID, worker.Scope})
	}
	return append(effects, r.remind(worker.Scope)...)
}

// funerals is how often a service is woken for the end of a window: the worker
// that was may have ended before it had told of that.
const funerals = 3

// remind wakes a service whose worker has ended with windows unburied.
func (r *Registry) remind(scope string) []Effect {
	service := r.services[scope]
	if service == nil || len(service.unburied) == 0 {
		return nil
	}
	for window, left := range service.unburied {
		if service.unburied[window] = left - 1; left == 1 {
			delete(service.unburied, window)
		}
	}
	r.tidy(scope)
	return r.wake(scope, false)
}

// windowGone ends the window's connections. Their services are woken to hear
// of it, whether they sleep or not: one that seems to run may have ended, and
// one that runs must not end before it has seen this.
func (r *Registry) windowGone(window *Context) []Effect {
	delete(r.windows, window.peer)
	effects := []Effect{Drop{window.peer}}
	scopes := map[string]bool{}
	for _, connection := range window.connections {
		if connection.State == Open {
			scopes[connection.Scope] = true
		}
		r.end(window, connection)
	}
	for _, scope := range sortedKeys(scopes) {
		r.service(scope).unburied[window.ID] = funerals - 1
		effects = append(effects, r.wake(scope, true)...)
	}
	if len(r.windows) == 0 {
		// Nobody is left who could wake a service.
		for scope, service := range r.services {
			clear(service.unburied)
			r.tidy(scope)
		}
	}
	return effects
}

func (m Introduce) handle(r *Registry, from Peer) []Effect {
	// A service worker introduces itself by broadcast, a window on its port, once.
	fits := (m.Kind == KindServiceWorker && from == Broadcast && m.Scope != "") ||
		(m.Kind == KindWindow && from != Broadcast && m.Scope == "" && r.windows[from] == nil)
	known := r.contexts[m.Context]
	switch {
	case !fits || known != nil && known.Kind != m.Kind:
		return r.Ignore()
	case known != nil && m.Kind == KindWindow:
		return r.move(known, from)
	case known != nil:
		// It heard of this generation while it was introducing itself.
		return nil
	case m.Kind == KindServiceWorker:
		return r.addWorker(m.Context, m.Scope)
	}
	r.windows[from] = &Context{
		ID:          m.Context,
		Kind:        KindWindow,
		peer:        from,
		connections: map[uuid.UUID]*Connection{},
	}
	return r.add(r.windows[from])
}

// move follows a window to another port. One that has heard nothing for too
// long connects anew, closes the port before, and tells all that it knows once
// more. Peers are numbered as they connect; what they say may come in another
// order.
func (r *Registry) move(window *Context, to Peer) []Effect {
	from := window.peer
	if to < from {
		return []Effect{Drop{to}}
	}
	delete(r.windows, from)
	window.peer = to
	r.windows[to] = window
	for _, connection := range window.connections {
		r.close(window, connection)
	}
	return []Effect{Drop{from}}
}

func (m Met) handle(r *Registry, from Peer) []Effect {
	if r.windows[from] == nil || m.Scope == "" {
		return r.Ignore()
	}
	if r.contexts[m.Context] != nil {
		return nil
	}
	return r.addWorker(m.Context, m.Scope)
}

func (r *Registry) addWorker(id uuid.UUID, scope string) []Effect {
	worker := &Context{ID: id, Kind: KindServiceWorker, Scope: scope}
	r.service(scope).workers[id] = worker
	return r.add(worker)
}

func (r *Registry) add(context *Context) []Effect {
	r.contexts[context.ID] = context
	r.counters.Introduced++
	return []Effect{Watch{context.ID}}
}

func (m Connect) handle(r *Registry, from Peer) []Effect {
	client := r.windows[from]
	if client == nil {
		return r.Ignore()
	}
	if connection := r.connections[m.Connection]; connection != nil {
		// A service worker took its connection up again over another window. Only it and the service know the UUID.
		delete(r.contexts[connection.Client].connections, connection.ID)
		connection.Client = client.ID
		client.connections[connection.ID] = connection
		return nil
	}
	r.made++
	connection := &Connection{
		ID:        m.Connection,
		Client:    client.ID,
		Origin:    m.Origin,
		TargetURL: m.TargetURL,
		State:     Connecting,
		order:     r.made,
	}
	r.connections[m.Connection] = connection
	client.connections[m.Connection] = connection
	r.counters.Connects++
	return nil
}

func (m Answer) handle(r *Registry, from Peer) []Effect {
	_, connection := r.own(from, m.Connection)
	if connection == nil || m.Scope == "" {
		return r.Ignore()
	}
	if connection.State == Open {
		return nil
	}
	connection.Scope = m.Scope
	connection.Name = m.Name
	connection.State = Open
	r.service(m.Scope).connections[m.Connection] = connection
	r.counters.Accepted++
	return nil
}

func (m Close) handle(r *Registry, from Peer) []Effect {
	client, connection := r.own(from, m.Connection)
	if connection == nil {
		return r.Ignore()
	}
	r.close(client, connection)
	return nil
}

func (m Need) handle(r *Registry, from Peer) []Effect {
	// A window that lives and has forgotten a connection has closed it: a worker that was stopped may not know.
	id, _ := uuid.Parse(m.Client)
	connection := r.connections[m.Connection]
	if connection != nil {
		id = connection.Client
	}
	client := r.contexts[id]
	if from != Broadcast || client == nil || client.Kind != KindWindow || connection != nil && connection.State != Open {
		return r.Ignore()
	}
	return []Effect{TellNeed{client.peer, m.Connection, m.Scope}}
}

func (m Begun) handle(r *Registry, from Peer) []Effect {
	worker := r.worker(from, m.Context)
	if worker == nil {
		return r.Ignore()
	}
	return r.tellWakers(func(peer Peer) Effect { return TellKeepAwake{peer, worker.Scope} })
}

func (m Busy) handle(r *Registry, from Peer) []Effect {
	worker := r.worker(from, m.Context)
	if worker == nil {
		return r.Ignore()
	}
	return r.wake(worker.Scope, false)
}

func (m Buried) handle(r *Registry, from Peer) []Effect {
	worker := r.worker(from, m.Context)
	if worker == nil {
		return r.Ignore()
	}
	delete(r.services[worker.Scope].unburied, m.Client)
	return nil
}

// worker returns the service worker that speaks, if it is one that is known.
func (r *Registry) worker(from Peer, id uuid.UUID) *Context {
	worker := r.contexts[id]
	if from != Broadcast || worker == nil || worker.Kind != KindServiceWorker {
		return nil
	}
	return worker
}

func (SnapshotRequest) handle(r *Registry, _ Peer) []Effect {
	return []Effect{SendSnapshot{r.Snapshot()}}
}

// wakers is how many windows are asked to wake a worker: one that is closing
// itself would not.
const wakers = 3

// wake asks windows to wake a registration's worker. Without a window nobody
// can; the worker then hears at its next start.
func (r *Registry) wake(scope string, later bool) []Effect {
	return r.tellWakers(func(peer Peer) Effect { return TellWake{peer, scope, later} })
}

// tellWakers tells windows, the youngest.
func (r *Registry) tellWakers(tell func(Peer) Effect) []Effect {
	peers := sortedKeys(r.windows)
	if len(peers) == 0 {
		return nil
	}
	r.counters.Woken++
	var effects []Effect
	for _, peer := range peers[max(0, len(peers)-wakers):] {
		effects = append(effects, tell(peer))
	}
	return effects
}

// own returns the connection and the window that keeps it, if that is the peer.
func (r *Registry) own(from Peer, id uuid.UUID) (*Context, *Connection) {
	context := r.windows[from]
	if context == nil {
		return nil, nil
	}
	return context, context.connections[id]
}

func (r *Registry) service(scope string) *service {
	s := r.services[scope]
	if s == nil {
		s = &service{
			workers:     map[uuid.UUID]*Context{},
			connections: map[uuid.UUID]*Connection{},
			unburied:    map[uuid.UUID]int{},
		}
		r.services[scope] = s
	}
	return s
}

// tidy forgets a service of which nothing is left.
func (r *Registry) tidy(scope string) {
	if s := r.services[scope]; s != nil && len(s.workers) == 0 && len(s.connections) == 0 && len(s.unburied) == 0 {
		delete(r.services, scope)
	}
}

// close ends a connection or an attempt while its window lives.
func (r *Registry) close(client *Context, connection *Connection) {
	if connection.State == Connecting {
		r.counters.Failed++
	} else {
		r.counters.Closed++
	}
	r.end(client, connection)
}

func (r *Registry) end(client *Context, connection *Connection) {
	r.connections = without(r.connections, connection.ID)
	client.connections = without(client.connections, connection.ID)
	if connection.State == Open {
		s := r.services[connection.Scope]
		s.connections = without(s.connections, connection.ID)
		r.tidy(connection.Scope)
	}
}

// without returns connections without one of them. Maps keep the memory of
// what was in them: when they are empty, new ones take their place.
func without(connections map[uuid.UUID]*Connection, id uuid.UUID) map[uuid.UUID]*Connection {
	delete(connections, id)
	if len(connections) == 0 {
		return map[uuid.UUID]*Connection{}
	}
	return connections
}

// sortedKeys makes the order of effects the same in every run.
func sortedKeys[K ~int | ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
