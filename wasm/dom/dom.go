//go:build js && wasm

// Package dom is the one place where Go meets the browser. Its types carry
// the DOM's names; what JavaScript throws becomes a Go error here, once. Every
// subscription returns its own remover, which also releases the callback.
// Callbacks are called on the JavaScript event loop and must not block.
package dom

import (
	"fmt"

	"github.com/hack-pad/safejs"
)

// Object is a plain JavaScript object that came in a message.
type Object struct{ value safejs.Value }

// Text returns the string property name, and whether it is one.
func (o Object) Text(name string) (string, bool) {
	value, ok := o.property(name, safejs.TypeString)
	if !ok {
		return "", false
	}
	text, err := value.String()
	return text, err == nil
}

func (o Object) property(name string, want safejs.Type) (safejs.Value, bool) {
	if typeOf(o.value) != safejs.TypeObject {
		return safejs.Value{}, false
	}
	value, err := o.value.Get(name)
	return value, err == nil && typeOf(value) == want
}

// typeOf is the value's Type, which panics for a BigInt: syscall/js knows none.
func typeOf(value safejs.Value) (t safejs.Type) {
	defer func() {
		if recover() != nil {
			t = safejs.TypeUndefined
		}
	}()
	return value.Type()
}

// MessageEvent is what a port or channel delivers.
type MessageEvent struct {
	Data  Object
	Ports []MessagePort
}

// MessagePort is a port of a MessageChannel, or a SharedWorker client's.
type MessagePort struct{ value safejs.Value }

// PostMessage posts a value made of maps, slices, strings, numbers and booleans.
func (p MessagePort) PostMessage(message any) error { return post(p.value, message) }

// OnMessage calls fn for every message until remove is called.
func (p MessagePort) OnMessage(fn func(MessageEvent)) (remove func(), err error) {
	return onMessage(p.value, fn)
}

// Close disentangles the port.
func (p MessagePort) Close() error {
	_, err := p.value.Call("close")
	return wrap("close a port", err)
}

// BroadcastChannel reaches every context of the origin and partition.
type BroadcastChannel struct{ value safejs.Value }

// NewBroadcastChannel opens the channel name.
func NewBroadcastChannel(name string) (BroadcastChannel, error) {
	constructor, err := safejs.Global().Get("BroadcastChannel")
	if err != nil {
		return BroadcastChannel{}, wrap("find BroadcastChannel", err)
	}
	channel, err := constructor.New(name)
	return BroadcastChannel{channel}, wrap("open a BroadcastChannel", err)
}

// PostMessage is like [MessagePort.PostMessage].
func (c BroadcastChannel) PostMessage(message any) error { return post(c.value, message) }

// OnMessage calls fn for every message until remove is called.
func (c BroadcastChannel) OnMessage(fn func(MessageEvent)) (remove func(), err error) {
	return onMessage(c.value, fn)
}

// RequestSharedLock calls granted once the lock name can be had, that is when
// its exclusive holder is gone, and gives it back at once.
func RequestSharedLock(name string, granted func()) error {
	return requestLock(name, "shared", nil, granted)
}

// RequestLock calls granted once the lock name is held, exclusively and for as
// long as this worker lives.
func RequestLock(name string, granted func()) error {
	forever, err := safejs.Global().Get("Promise")
	if err == nil {
		forever, err = forever.Call("race", []any{})
	}
	if err != nil {
		return wrap("make a promise", err)
	}
	return requestLock(name, "exclusive", forever, granted)
}

func requestLock(name, mode string, hold any, granted func()) error {
	navigator, err := safejs.Global().Get("navigator")
	if err != nil {
		return wrap("find navigator", err)
	}
	locks, err := navigator.Get("locks")
	if err != nil {
		return wrap("find navigator.locks", err)
	}
	var callback safejs.Func
	callback, err = safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		callback.Release()
		granted()
		return hold
	})
	if err != nil {
		return wrap("make a callback", err)
	}
	if _, err = locks.Call("request", name, map[string]any{"mode": mode}, callback); err != nil {
		callback.Release()
	}
	return wrap("request a lock", err)
}

// Host is the script that loaded this program; see js/registry.js.
type Host struct{ value safejs.Value }

// FindHost returns the host that has put itself on the global as name.
func FindHost(name string) (Host, error) {
	value, err := safejs.Global().Get(name)
	if err == nil && value.Type() != safejs.TypeObject {
		err = fmt.Errorf("globalThis.%s is not an object", name)
	}
	return Host{value}, wrap("find the host", err)
}

// OnConnect calls fn with every client's port. The subscription lasts as long
// as the program.
func (h Host) OnConnect(fn func(MessagePort)) error {
	callback, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		if len(args) == 1 {
			fn(MessagePort{args[0]})
		}
		return nil
	})
	if err != nil {
		return wrap("make a callback", err)
	}
	return wrap("subscribe to the host", h.value.Set("take", callback))
}

// Forget tells the host that a port is of no more use.
func (h Host) Forget(port MessagePort) error {
	_, err := h.value.Call("forget", port.value)
	return wrap("tell the host", err)
}

func post(target safejs.Value, message any) error {
	_, err := target.Call("postMessage", message)
	return wrap("post a message", err)
}

func onMessage(target safejs.Value, fn func(MessageEvent)) (remove func(), err error) {
	callback, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		if event, err := messageEvent(args); err == nil {
			fn(event)
		}
		return nil
	})
	if err != nil {
		return nil, wrap("make a callback", err)
	}
	remove = func() {
		// Nothing to be done about a target that no longer lets itself be written to.
		_ = target.Set("onmessage", safejs.Null())
		callback.Release()
	}
	if err := target.Set("onmessage", callback); err != nil {
		callback.Release()
		return nil, wrap("listen for messages", err)
	}
	return remove, nil
}

func messageEvent(args []safejs.Value) (MessageEvent, error) {
	if len(args) == 0 {
		return MessageEvent{}, fmt.Errorf("a message handler was called without an event")
	}
	data, err := args[0].Get("data")
	if err != nil {
		return MessageEvent{}, err
	}
	ports, err := args[0].Get("ports")
	if err != nil {
		return MessageEvent{}, err
	}
	count, err := ports.Length()
	if err != nil {
		return MessageEvent{}, err
	}
	event := MessageEvent{Data: Object{data}}
	for i := range count {
		port, err := ports.Index(i)
		if err != nil {
			return MessageEvent{}, err
		}
		event.Ports = append(event.Ports, MessagePort{port})
	}
	return event, nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
