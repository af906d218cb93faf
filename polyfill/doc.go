// Package polyfill is the registry of one origin and storage partition: the
// authority over its contexts and connections. It is a pure, deterministic
// core. What happens is an event, handled by a method of [Registry]; what
// follows is a list of effects for the binding in package wasm to carry out.
// It imports no JavaScript and reads neither a clock nor a random source.
package polyfill
