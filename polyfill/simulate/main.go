// Command simulate plays the registry's world under faults: windows and service
// workers come and go, messages of different channels overtake each other,
// generations of the registry die. See world.go for what happens and check.go
// for what must hold. Each seed is one world and replays alone:
//
//	go run ./polyfill/simulate -seed 1 -steps 1000000
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// life is how many steps a world lives.
const life = 5_000

func main() {
	seed := flag.Int64("seed", -1, "the first world's `seed`, by default a new one every time")
	steps := flag.Int("steps", 10_000_000, "how many `steps` to simulate at least, in whole worlds")
	flag.Parse()
	if *seed < 0 {
		*seed = time.Now().UnixNano() % 1_000_000_000
	}
	fmt.Printf("registry: first seed %d, at least %d steps\n", *seed, *steps)
	total, worlds, err := simulate(*seed, *steps)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("registry: %d steps in %d worlds: %+v\n", total.Steps, worlds, total)
}

// simulate plays worlds, from the first seed on, until there were enough
// steps. Its error tells how one failed, and its seed.
func simulate(seed int64, steps int) (total stats, worlds int, err error) {
	for ; total.Steps < steps; worlds++ {
		w := newWorld(seed + int64(worlds))
		err := w.play(life)
		total.add(w.stats)
		if err != nil {
			for _, line := range w.trace {
				fmt.Fprintln(os.Stderr, line)
			}
			return total, worlds, fmt.Errorf("registry: seed %d failed: %w\nregistry: to replay: go run ./polyfill/simulate -steps 1 -seed %d",
				seed+int64(worlds), err, seed+int64(worlds))
		}
	}
	return total, worlds, nil
}
