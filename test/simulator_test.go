package test

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestSimulator plays lives in the box of test/simulator: those that once found
// something, some that are the same each time, and some that are new. One that
// fails prints how to play it again.
func TestSimulator(t *testing.T) {
	for _, lives := range []struct {
		name string
		args []string
	}{
		{"named", []string{"-life", "named"}},
		{"the same each time", []string{"-seed", "1", "-lives", "200"}},
		{"from a new seed", []string{"-seed", strconv.Itoa(rand.IntN(1 << 30)), "-seconds", "15"}},
	} {
		t.Run(lives.name, func(t *testing.T) {
			t.Log(tool(t, nil, "node", append([]string{"test/simulator/main.js"}, lives.args...)...))
		})
	}
}
