package polyfill

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Counters count what has happened since the generation began. Failed are
// attempts, Closed open connections; what ended with its window counts under
// Gone only.
type Counters struct {
	Introduced, Gone, Connects, Accepted, Failed, Closed, Woken, Ignored int
}

// Snapshot is what a registry knows at one moment: contexts by ID, the oldest
// connections first.
type Snapshot struct {
	Generation  uuid.UUID
	Contexts    []Context
	Connections []Connection
	Counters    Counters
}

// Snapshot returns a copy of the state, for inspectors and tests.
func (r *Registry) Snapshot() Snapshot {
	s := Snapshot{Generation: r.generation, Counters: r.counters}
	for _, context := range r.contexts {
		s.Contexts = append(s.Contexts, *context)
	}
	slices.SortFunc(s.Contexts, func(a, b Context) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	for _, connection := range r.connections {
		s.Connections = append(s.Connections, *connection)
	}
	slices.SortFunc(s.Connections, func(a, b Connection) int { return cmp.Compare(a.order, b.order) })
	return s
}
