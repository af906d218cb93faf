// Command build makes dist/, the folder that a service's origin copies to
// /.well-known/navigator-connect/. It needs nothing but Go:
//
//	go run ./js/build [-o dir] [-quick] [-limits file] [-maps dir]
//
// What it writes depends on the source and on the version of Go alone: neither
// the time, the user nor the place of the repository leaves a trace, so anybody
// can rebuild a release and compare bytes.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/navigator-connect/navigator-connect/js/build/sizes"
)

// scripts are the bundles that stand in dist/ as files of their own, by the
// name of their entry point in js/.
var scripts = []struct {
	entry, out string
	format     api.Format
}{
	{"classic.js", "navigator-connect.js", api.FormatIIFE},
	{"service-worker.js", "navigator-connect-service-worker.js", api.FormatIIFE},
	{"module.js", "navigator-connect.mjs", api.FormatESModule},
	{"bridge-module.js", "bridge.mjs", api.FormatESModule},
	{"registry.js", "registry.js", api.FormatIIFE},
}

func main() {
	out := flag.String("o", "", "write to this folder instead of the repository's dist/")
	quick := flag.Bool("quick", false, "leave out the table of sizes, which takes several seconds")
	bounds := flag.String("limits", "", "replace bounds of js/limits.js by those of this JSON `file`, for tests that would wait for them")
	maps := flag.String("maps", "", "write the source map of bridge.html's script to this folder, for tests that measure what it runs")
	flag.Parse()
	if err := run(*out, *quick, *bounds, *maps); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(out string, quick bool, bounds, maps string) error {
	start := time.Now()
	env, err := readGoEnv()
	if err != nil {
		return err
	}
	out, err = filepath.Abs(cmp.Or(out, filepath.Join(env.root, "dist")))
	if err != nil {
		return err
	}

	// Everything is made in memory first, so that a mistake in a source file
	// leaves the last good dist/ as it was.
	b := bundler{goEnv: env}
	files := map[string][]byte{}
	if bounds != "" {
		if out == filepath.Join(env.root, "dist") {
			return errors.New("other limits are for tests: say with -o where that build goes, and not to dist/")
		}
		if b.limits, err = otherLimits(env.source("limits.js"), bounds); err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		files["limits.js"] = []byte(b.limits)
	}
	for _, s := range scripts {
		bundled, err := b.bundle(s.entry, s.out, s.format)
		if err != nil {
			return err
		}
		for _, f := range bundled {
			files[f.name] = f.data
		}
	}
	page, sourceMap, csp, err := b.bridge()
	if err != nil {
		return err
	}
	if maps != "" {
		if err := replace(filepath.Join(maps, "bridge.html.map"), sourceMap); err != nil {
			return err
		}
	}
	files["bridge.html"] = page
	files["bridge.csp.txt"] = []byte(csp + "\n")

	const types = "navigator-connect.d.ts"
	if data, err := os.ReadFile(env.source(types)); err == nil {
		files[types] = data
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("types: %w", err)
	}

	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := buildWasm(env, filepath.Join(out, "registry.wasm")); err != nil {
		return err
	}
	for name, data := range files {
		if err := replace(filepath.Join(out, name), data); err != nil {
			return err
		}
	}
	names := []string{"registry.wasm"}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if out == filepath.Join(env.root, "dist") {
		if err := removeOthers(out, names); err != nil {
			return err
		}
	}

	if !quick {
		if err := printSizes(os.Stdout, out, names); err != nil {
			return err
		}
		fmt.Println()
	}
	fmt.Printf("bridge.html's script for a Content-Security-Policy: %s\n", csp)
	fmt.Printf("built %s in %s\n", shorten(out), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// printSizes prints what each file weighs, what of it travels when a server
// compresses as well as it can, and what of that it may.
func printSizes(w io.Writer, dir string, names []string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "raw\tgzip -9\tbrotli -11\tat most\t  file")
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		budget := ""
		if bytes, ok := sizes.Budgets[name]; ok {
			budget = fmt.Sprint(bytes)
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t  %s\n", len(data), sizes.Gzip(data), sizes.Brotli(data), budget, name)
	}
	return table.Flush()
}

// goEnv is what the build needs to know of the Go that runs it.
type goEnv struct {
	root   string // the repository
	goroot string
}

func readGoEnv() (goEnv, error) {
	text, err := command("", nil, "go", "env", "GOMOD", "GOROOT")
	if err != nil {
		return goEnv{}, err
	}
	mod, goroot, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if filepath.Base(mod) != "go.mod" {
		return goEnv{}, errors.New("run it inside the repository: there is no go.mod here")
	}
	return goEnv{root: filepath.Dir(mod), goroot: goroot}, nil
}

// source returns the path of a file in js/.
func (e goEnv) source(name string) string { return filepath.Join(e.root, "js", name) }

// buildWasm compiles the registry. Flags of the user's and the stamp of the
// working tree's state are left out, since they would end up in the bytes.
// Without inlining the file is 7 % smaller once compressed, and the registry,
// which waits for browsers, is no slower.
func buildWasm(env goEnv, out string) error {
	_, err := command(env.root, []string{"GOOS=js", "GOARCH=wasm", "GOFLAGS=", "GOWASM="},
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-gcflags=all=-l", "-o", out, "./wasm")
	return err
}

// command runs a program and returns what it prints. Its error says what was
// run and what that said.
func command(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		line := strings.Join(append(append(env, name), args...), " ")
		return "", fmt.Errorf("%s: %w\n%s", line, err, strings.TrimSpace(stderr.String()))
	}
	return string(stdout), nil
}

// replace writes a file in one step, because a server may be reading dist/.
func replace(path string, data []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// removeOthers deletes the files that an earlier version of the build left
// behind: dist/ is deployed as a whole.
func removeOthers(dir string, names []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if slices.Contains(names, e.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// shorten returns the path as seen from here, where that is shorter.
func shorten(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, path); err == nil && len(rel) < len(path) {
			return rel
		}
	}
	return path
}
