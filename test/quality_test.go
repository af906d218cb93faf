package test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/navigator-connect/navigator-connect/js/build/sizes"
)

// TestQuality runs the tools that read the source, and checks what the build
// promises of its output.
func TestQuality(t *testing.T) {
	wasm := []string{"GOOS=js", "GOARCH=wasm"}
	// These compile for js as well; the other folders run natively alone.
	wasmPackages := []string{"./wasm/...", "./polyfill/..."}

	t.Run("gofmt", func(t *testing.T) {
		if files := tool(t, nil, "gofmt", "-l", "."); files != "" {
			t.Errorf("not formatted:\n%s", files)
		}
	})
	t.Run("go mod tidy", func(t *testing.T) {
		tool(t, nil, "go", "mod", "tidy", "-diff")
	})
	t.Run("vet", func(t *testing.T) {
		tool(t, nil, "go", "vet", "./...")
	})
	t.Run("vet for wasm", func(t *testing.T) {
		tool(t, wasm, "go", append([]string{"vet"}, wasmPackages...)...)
	})
	t.Run("staticcheck", func(t *testing.T) {
		tool(t, nil, "go", "tool", "staticcheck", "./...")
	})
	t.Run("staticcheck for wasm", func(t *testing.T) {
		// `go tool` would compile the tool itself for wasm: ask for its path first.
		path := strings.TrimSpace(tool(t, nil, "go", "tool", "-n", "staticcheck"))
		tool(t, wasm, path, wasmPackages...)
	})
	t.Run("tsc", func(t *testing.T) {
		tool(t, nil, npmTool(t, "tsc"), "-p", "test/tsconfig.json")
	})
	t.Run("prettier", func(t *testing.T) {
		tool(t, nil, npmTool(t, "prettier"), "--check", "js", "test", "demo")
	})
	t.Run("units in Node.js", func(t *testing.T) {
		units, err := filepath.Glob("unit/*.test.js")
		if err != nil || len(units) == 0 {
			t.Fatal("no units", err)
		}
		for i, path := range units {
			units[i] = filepath.Join("test", path)
		}
		t.Log(tool(t, nil, "node", append([]string{"--test", "--test-reporter=tap"}, units...)...))
	})
	t.Run("probes in the box", func(t *testing.T) {
		t.Log(tool(t, nil, "node", "test/simulator/probes.js"))
	})
	t.Run("reproducible", testReproducible)
	t.Run("size", testSize)
	t.Run("nothing generated is committed", func(t *testing.T) {
		generated := regexp.MustCompile(`(^|/)(dist|node_modules|\.cache)/|\.(wasm|map|test|prof)$`)
		for path := range strings.SplitSeq(tool(t, nil, "git", "ls-files"), "\n") {
			if generated.MatchString(path) {
				t.Error(path)
			}
		}
	})
	t.Run("no machine's path is committed", func(t *testing.T) {
		path := regexp.MustCompile(`(?m)^.*(^|[^\w./-])/(home|root|Users|work)/\w.*$`)
		for _, name := range sources(t) {
			data, err := os.ReadFile(filepath.Join("..", name))
			if err != nil {
				t.Fatal(err)
			}
			if line := path.Find(data); line != nil {
				t.Errorf("%s: %s", name, line)
			}
		}
	})
}

// testReproducible builds the working tree and a copy of it at another place,
// and compares byte by byte.
func testReproducible(t *testing.T) {
	here, there, copied := t.TempDir(), t.TempDir(), t.TempDir()
	for _, name := range sources(t) {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, nil, "go", "run", "./js/build", "-quick", "-o", here)
	tool(t, nil, "go", "-C", copied, "run", "./js/build", "-quick", "-o", there)

	machine := append(strings.Fields(tool(t, nil, "go", "env", "GOROOT", "GOMODCACHE", "GOCACHE")), copied)
	a, b := folder(t, here), folder(t, there)
	if len(a) != len(b) {
		t.Errorf("%d files, and %d from the copy", len(a), len(b))
	}
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			t.Errorf("%s: the copy's build differs", name)
		}
		for _, path := range machine {
			if bytes.Contains(data, []byte(path)) {
				t.Errorf("%s contains %s", name, path)
			}
		}
	}
}

// testSize holds what the build makes to its budgets.
func testSize(t *testing.T) {
	out := t.TempDir()
	tool(t, nil, "go", "run", "./js/build", "-quick", "-o", out)
	files := folder(t, out)
	for name, budget := range sizes.Budgets {
		data, ok := files[name]
		if !ok {
			t.Errorf("the build makes no %s", name)
			continue
		}
		size := sizes.Brotli(data)
		t.Logf("%s: %d of %d bytes", name, size, budget)
		if size > budget {
			t.Errorf("%s has %d bytes once compressed, and may have %d", name, size, budget)
		}
	}
}

// tool runs a program in the repository's root and returns its standard output.
// A failure shows all that it printed.
func tool(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	return stdout.String()
}

// npmTool returns the path of a program that test/package.json brings.
func npmTool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("node_modules", ".bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run test/install.sh", err)
	}
	return path
}

// sources lists the files of the working tree that are committed or about to be.
func sources(t *testing.T) []string {
	t.Helper()
	var names []string
	for name := range strings.SplitSeq(tool(t, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		if _, err := os.Stat(filepath.Join("..", name)); name != "" && !errors.Is(err, fs.ErrNotExist) {
			names = append(names, name)
		}
	}
	return names
}

// folder reads the files of a folder.
func folder(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = data
	}
	return files
}
