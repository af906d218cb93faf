package polyfill

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// MaxText bounds every string of a control message, in bytes: URLs, names,
// origins and scopes. Browsers themselves refuse URLs of more than 2 MiB.
const MaxText = 2 << 20

// Fields reads one control message, a plain JavaScript object, without
// copying what is not asked for.
type Fields interface {
	// Text returns the string field name, and whether it is one.
	Text(name string) (string, bool)
}

// A Message is a control message to the registry. The types mirror
// js/protocol.d.ts; a test compares the two.
type Message interface {
	handle(r *Registry, from Peer) []Effect
}

// Introduce comes first from every context, after its lock is held.
type Introduce struct {
	Context uuid.UUID `wire:"context"`
	Kind    string    `wire:"kind"`
	// Scope is a service worker's registration scope, empty for windows.
	Scope string `wire:"scope"`
}

// Connect says that a client attempts to connect.
type Connect struct {
	Connection uuid.UUID `wire:"connection"`
	Origin     string    `wire:"origin"`
	TargetURL  string    `wire:"targetURL"`
}

// Answer says that a service accepted.
type Answer struct {
	Connection uuid.UUID `wire:"connection"`
	// Scope is that of the service's registration.
	Scope string `wire:"scope"`
	Name  string `wire:"name"`
}

// Close says that a connection or an attempt has ended.
type Close struct {
	Connection uuid.UUID `wire:"connection"`
}

// Met says that a service worker runs, or ran until a moment ago: it may
// have ended before it could introduce itself to this generation.
type Met struct {
	Context uuid.UUID `wire:"context"`
	Scope   string    `wire:"scope"`
}

// Need says that a service worker has something for the client of a
// connection, and no port.
type Need struct {
	Connection uuid.UUID `wire:"connection"`
	// Client is the window that keeps the connection as far as the worker
	// knows, and empty for clients that sleep.
	Client string `wire:"client"`
	// Scope is the worker's.
	Scope string `wire:"scope"`
}

// Begun says that a service worker has begun work that may need it awake for
// longer than it will be.
type Begun struct {
	Context uuid.UUID `wire:"context"`
}

// Busy says that a service worker has work in hand that lasts, and needs an
// event to stay awake.
type Busy struct {
	Context uuid.UUID `wire:"context"`
}

// Buried says that what was connected to a service worker from a window that
// has ended knows of it.
type Buried struct {
	Context uuid.UUID `wire:"context"`
	// Client is the window.
	Client uuid.UUID `wire:"client"`
}

// SnapshotRequest asks for a [Snapshot], on the port that comes along.
type SnapshotRequest struct{}

// ErrMalformed is wrapped by every error of [Decode].
var ErrMalformed = errors.New("malformed control message")

// decoders holds a decoder for each type on the wire.
var decoders = map[string]func(*reader) Message{
	"introduce": func(r *reader) Message {
		return Introduce{Context: r.id("context"), Kind: r.text("kind"), Scope: r.text("scope")}
	},
	"connect": func(r *reader) Message {
		return Connect{Connection: r.id("connection"), Origin: r.text("origin"), TargetURL: r.text("targetURL")}
	},
	"answer": func(r *reader) Message {
		return Answer{Connection: r.id("connection"), Scope: r.text("scope"), Name: r.text("name")}
	},
	"close": func(r *reader) Message {
		return Close{Connection: r.id("connection")}
	},
	"met": func(r *reader) Message {
		return Met{Context: r.id("context"), Scope: r.text("scope")}
	},
	"need": func(r *reader) Message {
		return Need{Connection: r.id("connection"), Client: r.text("client"), Scope: r.text("scope")}
	},
	"begun": func(r *reader) Message {
		return Begun{Context: r.id("context")}
	},
	"busy": func(r *reader) Message {
		return Busy{Context: r.id("context")}
	},
	"buried": func(r *reader) Message {
		return Buried{Context: r.id("context"), Client: r.id("client")}
	},
	"snapshot": func(*reader) Message { return SnapshotRequest{} },
}

// Decode turns a control message into its type. The error wraps
// [ErrMalformed] and names the field.
func Decode(fields Fields) (Message, error) {
	kind, _ := fields.Text("type")
	decode, ok := decoders[kind]
	if !ok {
		return nil, fmt.Errorf("%w: unknown type", ErrMalformed)
	}
	r := reader{fields: fields}
	message := decode(&r)
	if r.err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, kind, r.err)
	}
	return message, nil
}

// reader keeps the first error of a series of reads.
type reader struct {
	fields Fields
	err    error
}

func (r *reader) text(name string) string {
	value, ok := r.fields.Text(name)
	switch {
	case !ok:
		r.fail(name, "not a string")
	case len(value) > MaxText:
		r.fail(name, "too long")
	}
	return value
}

func (r *reader) id(name string) uuid.UUID {
	// Browsers write UUIDs in one way; the other spellings that Parse knows would be second names for one thing.
	value := r.text(name)
	id, err := uuid.Parse(value)
	if err != nil || id.String() != value {
		r.fail(name, "not a UUID")
	}
	return id
}

func (r *reader) fail(name, why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s is %s", name, why)
	}
}
