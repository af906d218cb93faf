package main

import (
	"flag"
	"testing"
)

var (
	seed  = flag.Int64("link.seed", -1, "the first life's `seed`")
	steps = flag.Int("link.steps", 600_000, "how many `events` to simulate at least")
)

// TestLink simulates new lives every time, and always a few whose faults have
// been instructive: ports replaced with messages on their way, late
// confirmations, a close from both sides at once.
func TestLink(t *testing.T) {
	for _, seed := range []int64{2, 5, 8, 13, 105, 137, 230, 352, 602, 821} {
		if err := simulate(t.Context(), seed, 1, t.Output()); err != nil {
			t.Error(err)
		}
	}
	if err := simulate(t.Context(), *seed, *steps, t.Output()); err != nil {
		t.Error(err)
	}
}
