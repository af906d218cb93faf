package main

import (
	"flag"
	"testing"
	"time"
)

var (
	seed  = flag.Int64("simulate.seed", time.Now().UnixNano()%1_000_000_000, "the first world's `seed`")
	steps = flag.Int("simulate.steps", 300_000, "how many `steps` to simulate at least")
)

func TestRegistry(t *testing.T) {
	total, worlds, err := simulate(*seed, *steps)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("from seed %d: %d steps in %d worlds: %+v", *seed, total.Steps, worlds, total)
}
