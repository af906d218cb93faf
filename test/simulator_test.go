package test

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// simulator is the command that plays lives in the box of test/simulator.
var simulator = filepath.Join("test", "simulator", "main.js")

// TestSimulator plays the lives that once found something, and some that are
// the same each time. One that fails prints how to play it again.
func TestSimulator(t *testing.T) {
	for _, lives := range []struct {
		name string
		args []string
	}{
		{"named", []string{"-life", "named"}},
		{"the same each time", []string{"-seed", "1", "-lives", "100"}},
	} {
		t.Run(lives.name, func(t *testing.T) {
			t.Log(tool(t, nil, "node", append([]string{simulator}, lives.args...)...))
		})
	}
}

// TestNewLives plays lives that nobody has seen. About one in a hundred still
// finds something that nobody has told apart yet, a fault of the product or of
// the box: it is printed, and fails nothing.
func TestNewLives(t *testing.T) {
	seed := strconv.Itoa(rand.IntN(1 << 30))
	cmd := exec.CommandContext(t.Context(), "node", simulator, "-seed", seed, "-seconds", "15")
	cmd.Dir = ".."
	said, err := cmd.CombinedOutput()
	t.Logf("%s: %v\n%s", cmd, err, said)
	if _, found := err.(*exec.ExitError); err != nil && !found {
		t.Fatal(err)
	}
}
