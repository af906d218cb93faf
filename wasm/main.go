//go:build js && wasm

// Command wasm is registry.wasm: the binding of the registry, package
// polyfill, to the SharedWorker it runs in. It carries events to the core and
// the core's effects to the browser, and decides nothing.
package main

import (
	"fmt"
	"runtime"

	"github.com/google/uuid"

	"github.com/navigator-connect/navigator-connect/polyfill"
	"github.com/navigator-connect/navigator-connect/wasm/dom"
)

func main() {
	if err := run(); err != nil {
		// The host reports the program's end and starts it anew.
		panic(err)
	}
	select {}
}

func run() error {
	host, err := dom.FindHost(polyfill.HostName)
	if err != nil {
		return err
	}
	channel, err := dom.NewBroadcastChannel(polyfill.ChannelName)
	if err != nil {
		return err
	}
	generation, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("name this generation: %w", err)
	}
	b := &binding{
		host:       host,
		generation: generation,
		core:       polyfill.New(generation),
		clients:    map[polyfill.Peer]client{},
	}
	if _, err := channel.OnMessage(func(event dom.MessageEvent) { b.receive(polyfill.Broadcast, event) }); err != nil {
		return err
	}
	// Held as long as this worker lives: that is how its clients learn of its end.
	lock := polyfill.LockName(generation)
	return dom.RequestLock(lock, func() {
		report(host.OnConnect(b.take))
		report(channel.PostMessage(b.greeting()))
	})
}

// client is a port into the registry and what ends listening on it.
type client struct {
	port   dom.MessagePort
	remove func()
}

// binding owns the ports. Everything runs on the worker's event loop, one
// callback at a time.
type binding struct {
	host       dom.Host
	generation uuid.UUID
	core       *polyfill.Registry
	clients    map[polyfill.Peer]client
	last       polyfill.Peer
}

func (b *binding) greeting() map[string]any {
	return map[string]any{"type": "generation", "generation": b.generation.String()}
}

// take greets a new client, who answers with an introduction.
func (b *binding) take(port dom.MessagePort) {
	b.last++
	peer := b.last
	remove, err := port.OnMessage(func(event dom.MessageEvent) { b.receive(peer, event) })
	if err != nil {
		report(err)
		return
	}
	b.clients[peer] = client{port, remove}
	report(port.PostMessage(b.greeting()))
}

func (b *binding) receive(from polyfill.Peer, event dom.MessageEvent) {
	message, err := polyfill.Decode(event.Data)
	if err != nil {
		b.core.Ignore()
		return
	}
	b.carryOut(b.core.Handle(from, message), event.Ports)
}

// carryOut carries out effects. ports are those that came with the message
// that caused them.
func (b *binding) carryOut(effects []polyfill.Effect, ports []dom.MessagePort) {
	for _, effect := range effects {
		switch effect := effect.(type) {
		case polyfill.Watch:
			report(dom.RequestSharedLock(polyfill.LockName(effect.Context), func() {
				b.carryOut(b.core.Gone(effect.Context), nil)
			}))
		case polyfill.Drop:
			client := b.clients[effect.Peer]
			delete(b.clients, effect.Peer)
			client.remove()
			report(b.host.Forget(client.port))
			report(client.port.Close())
		case polyfill.TellStopped:
			b.tell(effect.Peer, map[string]any{
				"type":    "stopped",
				"context": effect.Context.String(),
				"scope":   effect.Scope,
			})
		case polyfill.TellNeed:
			b.tell(effect.Peer, map[string]any{
				"type":       "need",
				"connection": effect.Connection.String(),
				"scope":      effect.Scope,
			})
		case polyfill.TellWake:
			b.tell(effect.Peer, map[string]any{"type": "wake", "scope": effect.Scope, "later": effect.Later})
		case polyfill.TellKeepAwake:
			b.tell(effect.Peer, map[string]any{"type": "keepalive", "scope": effect.Scope})
		case polyfill.SendSnapshot:
			for _, port := range ports {
				report(port.PostMessage(encode(effect.Snapshot, len(b.clients))))
				report(port.Close())
			}
		}
	}
}

func (b *binding) tell(peer polyfill.Peer, message map[string]any) {
	report(b.clients[peer].port.PostMessage(message))
}

// encode is the snapshot as js/protocol.d.ts describes it.
func encode(s polyfill.Snapshot, ports int) map[string]any {
	// Inspectors ask rarely, and want to know what is held and not what is due for collection.
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	contexts := []any{}
	for _, c := range s.Contexts {
		contexts = append(contexts, map[string]any{"id": c.ID.String(), "kind": c.Kind, "scope": c.Scope})
	}
	connections := []any{}
	for _, c := range s.Connections {
		connections = append(connections, map[string]any{
			"id":        c.ID.String(),
			"client":    c.Client.String(),
			"scope":     c.Scope,
			"origin":    c.Origin,
			"targetURL": c.TargetURL,
			"name":      c.Name,
			"state":     string(c.State),
		})
	}
	return map[string]any{
		"generation":  s.Generation.String(),
		"contexts":    contexts,
		"connections": connections,
		"counters": map[string]any{
			"introduced": s.Counters.Introduced,
			"gone":       s.Counters.Gone,
			"connects":   s.Counters.Connects,
			"accepted":   s.Counters.Accepted,
			"failed":     s.Counters.Failed,
			"closed":     s.Counters.Closed,
			"woken":      s.Counters.Woken,
			"ignored":    s.Counters.Ignored,
			"ports":      ports,
			"heapBytes":  int(memory.HeapAlloc),
			"sysBytes":   int(memory.Sys),
		},
	}
}

// report says on the console what could not be done; a client that has gone
// in the meantime is no reason to stop serving the others.
func report(err error) {
	if err != nil {
		println("navigator-connect registry:", err.Error())
	}
}
