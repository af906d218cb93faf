package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
)

// A Build is a build of dist/ that a site can host.
type Build string

const (
	// Shipped is dist/ as ./build.sh made it.
	Shipped Build = ""
	// Impatient is the same with the bounds of test/limits.json, each of which a
	// case would wait for: all that it differs in.
	Impatient Build = "impatient"
)

// files returns the folder of the build, and the file with its limits.
func (b Build) files() (dist, limits string, err error) {
	if b == Impatient {
		dist, err := impatient()
		return dist, filepath.Join(dist, "limits.js"), err
	}
	return filepath.Join(Root(), "dist"), filepath.Join(Root(), "js/limits.js"), nil
}

// impatient makes that build, once in each program.
var impatient = sync.OnceValues(func() (string, error) {
	dist := filepath.Join(Root(), "test/.cache/impatient")
	cmd := exec.Command("go", "run", "./js/build", "-quick", "-limits", "test/limits.json", "-o", dist)
	cmd.Dir = Root()
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, said)
	}
	return dist, nil
})
