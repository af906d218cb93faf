package polyfill

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/uuid"
)

// id makes readable UUIDs: id(7) is 00000000-0000-0000-0000-000000000007.
func id(n byte) uuid.UUID { return uuid.UUID{15: n} }

// Contexts and connections of the tests.
var (
	generation = id(255)
	window1    = id(1)
	window2    = id(2)
	worker1    = id(11)
	worker2    = id(12)
	link1      = id(21)
	link2      = id(22)
)

const (
	scope = "https://example.com/"
	other = "https://example.com/other/"
)

// An event is a message from a peer or, without one, a context's death.
type event struct {
	from    Peer
	message Message
	gone    uuid.UUID
}

func (e event) String() string {
	if e.message == nil {
		return fmt.Sprintf("gone %v", e.gone)
	}
	return fmt.Sprintf("%d: %T%+v", e.from, e.message, e.message)
}

func apply(r *Registry, e event) []Effect {
	if e.message == nil {
		return r.Gone(e.gone)
	}
	return r.Handle(e.from, e.message)
}

func window(peer Peer, context uuid.UUID) event {
	return event{from: peer, message: Introduce{Context: context, Kind: KindWindow}}
}

func worker(context uuid.UUID, scope string) event {
	return event{message: Introduce{Context: context, Kind: KindServiceWorker, Scope: scope}}
}

func connect(peer Peer, connection uuid.UUID) event {
	return event{from: peer, message: Connect{connection, "https://acme.example", scope + "echo"}}
}

func answer(peer Peer, connection uuid.UUID, scope string) event {
	return event{from: peer, message: Answer{connection, scope, "echo"}}
}

func open(peer Peer, connection uuid.UUID) []event {
	return []event{connect(peer, connection), answer(peer, connection, scope)}
}

func gone(context uuid.UUID) event { return event{gone: context} }

func from(peer Peer, m Message) event { return event{from: peer, message: m} }

// needs is a worker's of the registration scope.
func needs(connection, client uuid.UUID) Need { return Need{connection, client.String(), scope} }

// given joins events and lists of events.
func given(parts ...any) []event {
	var events []event
	for _, part := range parts {
		switch part := part.(type) {
		case event:
			events = append(events, part)
		case []event:
			events = append(events, part...)
		}
	}
	return events
}

// TestEvents: after what was given, an event has exactly these effects, and is
// counted as ignored or not.
func TestEvents(t *testing.T) {
	for _, test := range []struct {
		name    string
		given   []event
		when    event
		want    []Effect
		ignored bool
	}{
		{name: "a window introduces itself", when: window(1, window1), want: []Effect{Watch{window1}}},
		{name: "a worker introduces itself", when: worker(worker1, scope), want: []Effect{Watch{worker1}}},
		{name: "a worker introduces itself twice", given: given(worker(worker1, scope)), when: worker(worker1, scope)},
		{name: "a window introduces itself twice", given: given(window(1, window1)), when: window(1, window1), ignored: true},
		{name: "a window introduces itself on a second port", given: given(window(1, window1)), when: window(2, window1), want: []Effect{Drop{1}}},
		{name: "what it said on the first it says again", given: given(window(1, window1), open(1, link1), window(2, window1), worker(worker1, scope)), when: gone(worker1)},
		{name: "a window is told on the second", given: given(window(1, window1), open(1, link1), window(2, window1), open(2, link1), worker(worker1, scope)), when: gone(worker1), want: []Effect{TellStopped{2, worker1, scope}}},
		{name: "what a window says on the first comes later", given: given(window(2, window1)), when: window(1, window1), want: []Effect{Drop{1}}},
		{name: "a window introduces itself as a worker", given: given(window(1, window1)), when: worker(window1, scope), ignored: true},
		{name: "a worker is introduced as a window", given: given(worker(worker1, scope)), when: window(1, worker1), ignored: true},
		{name: "a port introduces two windows", given: given(window(1, window1)), when: window(1, window2), ignored: true},
		{name: "a window by broadcast", when: window(Broadcast, window1), ignored: true},
		{name: "a window with a scope", when: from(1, Introduce{window1, KindWindow, scope}), ignored: true},
		{name: "a worker on a port", when: from(1, Introduce{worker1, KindServiceWorker, scope}), ignored: true},
		{name: "a worker without a scope", when: worker(worker1, ""), ignored: true},
		{name: "a context of no kind", when: from(1, Introduce{window1, "sharedworker", ""}), ignored: true},
		{name: "a worker under a window's name", given: given(window(1, window1)), when: worker(window1, scope), ignored: true},

		{name: "connect", given: given(window(1, window1)), when: connect(1, link1)},
		{name: "connect before the introduction", when: connect(1, link1), ignored: true},
		{name: "connect by broadcast", given: given(worker(worker1, scope)), when: connect(Broadcast, link1), ignored: true},
		{name: "connect twice", given: given(window(1, window1), connect(1, link1)), when: connect(1, link1)},
		{name: "connect what another window kept", given: given(window(1, window1), window(2, window2), open(1, link1)), when: connect(2, link1)},
		{
			name:  "the window that kept a connection ends",
			given: given(window(1, window1), window(2, window2), open(1, link1), connect(2, link1)),
			when:  gone(window1), want: []Effect{Drop{1}},
		},
		{
			name:  "close what another window keeps now",
			given: given(window(1, window1), window(2, window2), open(1, link1), connect(2, link1)),
			when:  from(1, Close{link1}), ignored: true,
		},
		{
			name:  "need what another window keeps now",
			given: given(window(1, window1), window(2, window2), open(1, link1), connect(2, link1)),
			when:  from(Broadcast, needs(link1, window1)), want: []Effect{TellNeed{2, link1, scope}},
		},
		{name: "answer", given: given(window(1, window1), connect(1, link1)), when: answer(1, link1, scope)},
		{name: "answer twice", given: given(window(1, window1), open(1, link1)), when: answer(1, link1, other)},
		{name: "answer without a scope", given: given(window(1, window1), connect(1, link1)), when: answer(1, link1, ""), ignored: true},
		{name: "answer another's", given: given(window(1, window1), window(2, window2), connect(1, link1)), when: answer(2, link1, scope), ignored: true},
		{name: "answer nothing", given: given(window(1, window1)), when: answer(1, link1, scope), ignored: true},
		{name: "close", given: given(window(1, window1), open(1, link1)), when: from(1, Close{link1})},
		{name: "close an attempt", given: given(window(1, window1), connect(1, link1)), when: from(1, Close{link1})},
		{name: "close twice", given: given(window(1, window1), open(1, link1), from(1, Close{link1})), when: from(1, Close{link1}), ignored: true},
		{name: "close another's", given: given(window(1, window1), window(2, window2), open(1, link1)), when: from(2, Close{link1}), ignored: true},
		{name: "close by broadcast", given: given(window(1, window1), open(1, link1)), when: from(Broadcast, Close{link1}), ignored: true},

		{name: "need", given: given(window(1, window1), open(1, link1)), when: from(Broadcast, needs(link1, window1)), want: []Effect{TellNeed{1, link1, scope}}},
		{name: "need what is not open", given: given(window(1, window1), connect(1, link1)), when: from(Broadcast, needs(link1, window1)), ignored: true},
		{name: "need what its window has forgotten", given: given(window(1, window1)), when: from(Broadcast, needs(link1, window1)), want: []Effect{TellNeed{1, link1, scope}}},
		{name: "need what its window, which is gone, kept", given: given(window(1, window1), gone(window1)), when: from(Broadcast, needs(link1, window1)), ignored: true},
		{name: "need of a client that sleeps, and nobody keeps", given: given(window(1, window1)), when: from(Broadcast, Need{link1, "", scope}), ignored: true},
		{name: "need from a window", given: given(window(1, window1), open(1, link1)), when: from(1, needs(link1, window1)), ignored: true},
		{
			name:  "busy wakes by the youngest windows",
			given: given(window(4, id(94)), window(2, window2), window(3, id(93)), window(1, window1), worker(worker1, scope)),
			when:  from(Broadcast, Busy{worker1}), want: []Effect{TellWake{2, scope, false}, TellWake{3, scope, false}, TellWake{4, scope, false}},
		},
		{
			name:  "what has begun keeps awake by the youngest windows",
			given: given(window(4, id(94)), window(2, window2), window(3, id(93)), window(1, window1), worker(worker1, scope)),
			when:  from(Broadcast, Begun{worker1}), want: []Effect{TellKeepAwake{2, scope}, TellKeepAwake{3, scope}, TellKeepAwake{4, scope}},
		},
		{name: "begun without a window", given: given(worker(worker1, scope)), when: from(Broadcast, Begun{worker1})},
		{name: "begun and unknown", given: given(window(1, window1)), when: from(Broadcast, Begun{worker1}), ignored: true},
		{name: "begun in a window", given: given(window(1, window1)), when: from(Broadcast, Begun{window1}), ignored: true},
		{name: "begun from a window", given: given(window(1, window1), worker(worker1, scope)), when: from(1, Begun{worker1}), ignored: true},
		{name: "busy without a window", given: given(worker(worker1, scope)), when: from(Broadcast, Busy{worker1})},
		{name: "busy and unknown", given: given(window(1, window1)), when: from(Broadcast, Busy{worker1}), ignored: true},
		{name: "busy window", given: given(window(1, window1)), when: from(Broadcast, Busy{window1}), ignored: true},
		{name: "busy from a window", given: given(window(1, window1), worker(worker1, scope)), when: from(1, Busy{worker1}), ignored: true},

		{name: "a worker is met before it introduces itself", given: given(window(1, window1)), when: from(1, Met{worker1, scope}), want: []Effect{Watch{worker1}}},
		{name: "a worker is met again", given: given(window(1, window1), worker(worker1, scope)), when: from(1, Met{worker1, scope})},
		{name: "a worker introduces itself that was met", given: given(window(1, window1), from(1, Met{worker1, scope})), when: worker(worker1, scope)},
		{name: "a worker without a scope is met", given: given(window(1, window1)), when: from(1, Met{worker1, ""}), ignored: true},
		{name: "a worker is met by a stranger", when: from(1, Met{worker1, scope}), ignored: true},
		{name: "a worker is met by broadcast", when: from(Broadcast, Met{worker1, scope}), ignored: true},
		{
			name:  "a worker ends that was only met",
			given: given(window(1, window1), open(1, link1), from(1, Met{worker1, scope})),
			when:  gone(worker1), want: []Effect{TellStopped{1, worker1, scope}},
		},

		{name: "an unknown context ends", when: gone(window1)},
		{name: "a context ends twice", given: given(window(1, window1), gone(window1)), when: gone(window1)},
		{
			name:  "a worker ends: all who keep its connections are told, each once",
			given: given(window(2, window2), window(1, window1), window(3, id(3)), worker(worker1, scope), open(1, link1), open(1, link2), open(2, id(23)), connect(3, id(24))),
			when:  gone(worker1), want: []Effect{TellStopped{1, worker1, scope}, TellStopped{2, worker1, scope}},
		},
		{name: "another registration's worker ends", given: given(window(1, window1), open(1, link1), worker(worker1, other)), when: gone(worker1)},
		{
			name:  "one of two workers ends",
			given: given(window(1, window1), worker(worker1, scope), worker(worker2, scope), open(1, link1), gone(worker1)),
			when:  gone(worker2), want: []Effect{TellStopped{1, worker2, scope}},
		},
		{name: "a window ends", given: given(window(1, window1)), when: gone(window1), want: []Effect{Drop{1}}},
		{
			name:  "a window ends in the middle of an attempt",
			given: given(window(1, window1), window(2, window2), connect(1, link1)),
			when:  gone(window1), want: []Effect{Drop{1}},
		},
		{
			name:  "a client of a running service ends: it is woken all the same",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1)),
			when:  gone(window1), want: []Effect{Drop{1}, TellWake{2, scope, true}},
		},
		{
			name:  "a client of two services ends: each is woken once",
			given: given(window(1, window1), window(2, window2), open(1, link1), open(1, link2), connect(1, id(23)), answer(1, id(23), other)),
			when:  gone(window1), want: []Effect{Drop{1}, TellWake{2, scope, true}, TellWake{2, other, true}},
		},
		{
			name:  "a worker ends that has not buried a window: another is woken",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1), gone(window1)),
			when:  gone(worker1), want: []Effect{TellWake{2, scope, false}},
		},
		{
			name:  "so does one that was woken for it",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1), gone(window1), gone(worker1), worker(worker2, scope)),
			when:  gone(worker2), want: []Effect{TellWake{2, scope, false}},
		},
		{
			name:  "none is woken for it without end",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1), gone(window1), gone(worker1), worker(worker1, scope), gone(worker1), worker(worker2, scope)),
			when:  gone(worker2),
		},
		{
			name:  "a worker ends that has buried its window",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1), gone(window1), from(Broadcast, Buried{worker1, window1})),
			when:  gone(worker1),
		},
		{name: "a window is buried that nobody missed", given: given(worker(worker1, scope)), when: from(Broadcast, Buried{worker1, window1})},
		{name: "buried by who is unknown", given: given(window(1, window1)), when: from(Broadcast, Buried{worker1, window1}), ignored: true},
		{name: "buried by a window", given: given(window(1, window1), worker(worker1, scope)), when: from(1, Buried{worker1, window1}), ignored: true},
		{
			name:  "nobody is left who could wake a service",
			given: given(window(1, window1), window(2, window2), worker(worker1, scope), open(1, link1), gone(window1), gone(window2), window(1, window1)),
			when:  gone(worker1),
		},
		{name: "the last window ends", given: given(window(1, window1), open(1, link1)), when: gone(window1), want: []Effect{Drop{1}}},
		{
			name:  "a window's port may serve its next context",
			given: given(window(1, window1), gone(window1)),
			when:  window(1, window2), want: []Effect{Watch{window2}},
		},
		{
			name: "snapshot", when: from(1, SnapshotRequest{}),
			want: []Effect{SendSnapshot{Snapshot{Generation: generation}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := New(generation)
			for _, e := range test.given {
				apply(r, e)
			}
			if r.counters.Ignored != 0 {
				t.Fatalf("%d of the given events were ignored", r.counters.Ignored)
			}
			if got := apply(r, test.when); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%v: got %#v, want %#v", test.when, got, test.want)
			}
			if got := r.counters.Ignored == 1; got != test.ignored {
				t.Errorf("%v: ignored is %t, want %t", test.when, got, test.ignored)
			}
			if err := sound(r); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSnapshot(t *testing.T) {
	r := New(generation)
	for _, e := range given(
		window(2, window2), window(1, window1), worker(worker1, scope),
		open(2, link2), connect(1, link1), connect(1, id(23)), open(1, id(24)),
		from(1, Close{id(23)}), from(1, Close{id(24)}), from(1, Close{id(24)}),
		from(Broadcast, Busy{worker1}),
	) {
		apply(r, e)
	}
	want := Snapshot{
		Generation: generation,
		Contexts: []Context{
			{ID: window1, Kind: KindWindow},
			{ID: window2, Kind: KindWindow},
			{ID: worker1, Kind: KindServiceWorker, Scope: scope},
		},
		Connections: []Connection{
			{ID: link2, Client: window2, Scope: scope, Origin: "https://acme.example", TargetURL: scope + "echo", Name: "echo", State: Open},
			{ID: link1, Client: window1, Origin: "https://acme.example", TargetURL: scope + "echo", State: Connecting},
		},
		Counters: Counters{Introduced: 3, Connects: 4, Accepted: 2, Failed: 1, Closed: 1, Woken: 1, Ignored: 1},
	}
	got := r.Snapshot()
	// What is not exported is the registry's own affair.
	for i := range got.Contexts {
		c := &got.Contexts[i]
		*c = Context{ID: c.ID, Kind: c.Kind, Scope: c.Scope}
	}
	for i := range got.Connections {
		got.Connections[i].order = 0
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	got.Connections[0].Name = "changed"
	if r.connections[link2].Name != "echo" {
		t.Error("a snapshot is not a copy")
	}
}

// sound checks what holds of every registry at every moment.
func sound(r *Registry) error {
	windows, workers, open := 0, 0, 0
	for id, c := range r.contexts {
		switch {
		case c.ID != id:
			return fmt.Errorf("context %v is kept as %v", c.ID, id)
		case c.Kind == KindWindow && r.windows[c.peer] == c:
			windows++
		case c.Kind == KindServiceWorker && c.peer == Broadcast && r.services[c.Scope] != nil && r.services[c.Scope].workers[id] == c:
			workers++
		default:
			return fmt.Errorf("context %+v is not where it belongs", *c)
		}
	}
	kept := 0
	for peer, w := range r.windows {
		if w.peer != peer || peer == Broadcast {
			return fmt.Errorf("window %v of peer %d is kept under peer %d", w.ID, w.peer, peer)
		}
		kept += len(w.connections)
	}
	for scope, s := range r.services {
		if len(s.workers) == 0 && len(s.connections) == 0 && len(s.unburied) == 0 {
			return fmt.Errorf("service %q has nothing", scope)
		}
		workers -= len(s.workers)
		open += len(s.connections)
	}
	for id, c := range r.connections {
		client := r.contexts[c.Client]
		switch {
		case c.ID != id:
			return fmt.Errorf("connection %v is kept as %v", c.ID, id)
		case client == nil || client.connections[id] != c:
			return fmt.Errorf("connection %+v has no owner", *c)
		case c.State == Connecting && c.Scope == "":
		case c.State == Open && r.services[c.Scope] != nil && r.services[c.Scope].connections[id] == c:
			open--
		default:
			return fmt.Errorf("connection %+v is neither an attempt nor open", *c)
		}
	}
	n := r.counters
	switch {
	case windows != len(r.windows) || workers != 0 || open != 0 || kept != len(r.connections):
		return fmt.Errorf("something is kept twice: %d windows, %d workers, %d open, %d kept too many",
			len(r.windows)-windows, -workers, open, kept-len(r.connections))
	case n.Introduced-n.Gone != len(r.contexts):
		return fmt.Errorf("%+v, but %d contexts", n, len(r.contexts))
	case n.Connects-n.Failed-n.Closed < len(r.connections):
		return fmt.Errorf("%+v, but %d connections", n, len(r.connections))
	}
	return nil
}

// FuzzRegistry plays a random sequence of events from few peers about few
// contexts and connections, so that they collide.
func FuzzRegistry(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 64 {
		program := make([]byte, 400)
		for i := range program {
			program[i] = byte(rng.Uint32())
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		r := New(generation)
		watched := map[uuid.UUID]int{}
		dropped := map[Peer]bool{}
		for ; len(program) >= 2; program = program[2:] {
			e := randomEvent(program[0], program[1])
			if e.message == nil && watched[e.gone] > 0 {
				watched[e.gone] = 0
			}
			before := len(r.contexts)
			effects := apply(r, e)
			// The binding has dropped a port for good; here it may come back.
			if _, ok := e.message.(Introduce); ok && r.windows[e.from] != nil {
				delete(dropped, e.from)
			}
			for _, effect := range effects {
				switch effect := effect.(type) {
				case Watch:
					if watched[effect.Context]++; watched[effect.Context] > 1 || r.contexts[effect.Context] == nil {
						t.Fatalf("%v: %+v is too much", e, effect)
					}
				case Drop:
					dropped[effect.Peer] = true
				case TellStopped:
					told(t, r, dropped, e, effect.Peer)
				case TellNeed:
					told(t, r, dropped, e, effect.Peer)
				case TellWake:
					told(t, r, dropped, e, effect.Peer)
				case TellKeepAwake:
					told(t, r, dropped, e, effect.Peer)
				}
			}
			if err := sound(r); err != nil {
				t.Fatalf("%v: %v", e, err)
			}
			if e.message == nil && len(r.contexts) == before && r.contexts[e.gone] != nil {
				t.Fatalf("%v: still there", e)
			}
		}
		for id := range r.contexts {
			r.Gone(id)
		}
		if len(r.contexts)+len(r.windows)+len(r.services)+len(r.connections) != 0 {
			t.Errorf("everyone is gone, and this is left: %+v", r.Snapshot())
		}
	})
}

// told fails when a peer is told something that has no window there.
func told(t *testing.T, r *Registry, dropped map[Peer]bool, e event, peer Peer) {
	t.Helper()
	if r.windows[peer] == nil || dropped[peer] {
		t.Fatalf("%v: peer %d is told something, and is not a window", e, peer)
	}
}

// randomEvent spells an event from two bytes.
func randomEvent(what, about byte) event {
	peer := Peer(what >> 4 % 4)
	context := id(about % 8)
	connection := id(100 + about%8)
	scopes := []string{scope, other, ""}
	scope := scopes[int(about>>3)%len(scopes)]
	switch what % 16 {
	case 0, 1:
		return window(peer, context)
	case 2:
		return worker(context, scope)
	case 3:
		return from(peer, Introduce{Context: context, Kind: []string{"", KindWindow, KindServiceWorker}[about>>5%3], Scope: scope})
	case 4, 5, 6:
		return connect(peer, connection)
	case 7, 8, 9:
		return answer(peer, connection, scope)
	case 10:
		return from(peer, Close{connection})
	case 11:
		return from(Peer(what>>4%2), needs(connection, context))
	case 12:
		return from(Peer(what>>4%2), []Message{Begun{context}, Busy{context}, Buried{context, id(about >> 3 % 8)}}[what>>5%3])
	case 13:
		return from(peer, Met{context, scope})
	case 14:
		return from(peer, SnapshotRequest{})
	default:
		return gone(context)
	}
}
