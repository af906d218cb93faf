package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/navigator-connect/navigator-connect/js/build/sizes"
)

// native is the engine of what is measured without a browser.
const native = "no browser"

// files are those whose size is told, by what they are called in the table.
var files = []struct{ name, path string }{
	{"navigator-connect.js", "dist/navigator-connect.js"},
	{"navigator-connect-service-worker.js", "dist/navigator-connect-service-worker.js"},
	{"bridge.html", "dist/bridge.html"},
	{"registry.js", "dist/registry.js"},
	{"registry.wasm", "dist/registry.wasm"},
	{"penpal", "test/node_modules/penpal/dist/penpal.min.js"},
	{"comlink", "test/node_modules/comlink/dist/umd/comlink.min.js"},
	{"post-robot", "test/node_modules/@krakenjs/post-robot/dist/post-robot.min.js"},
}

// weigh says what the files take, as they are and as they travel.
func weigh(context.Context) ([]Sample, error) {
	var samples []Sample
	for _, file := range files {
		data, err := os.ReadFile(filepath.FromSlash(file.path))
		if err != nil {
			return nil, err
		}
		add := func(form string, bytes int) {
			samples = append(samples, Sample{native, "size", file.name, form, "bytes", float64(bytes)})
		}
		add("raw", len(data))
		add("gzip -9", sizes.Gzip(data))
		add("brotli -11", sizes.Brotli(data))
	}
	return samples, nil
}

// benchmark is a line of go test -bench: the name, and each value with its unit.
var (
	benchmark = regexp.MustCompile(`(?m)^Benchmark(\w+?)(?:-\d+)?\s+\d+\s+(.*)$`)
	reading   = regexp.MustCompile(`([\d.]+) (\S+)`)
)

// core runs the benchmarks of the registry's core.
func core(ctx context.Context) ([]Sample, error) {
	out, err := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=.", "./polyfill").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	var samples []Sample
	for _, line := range benchmark.FindAllSubmatch(out, -1) {
		name := string(line[1])
		for _, r := range reading.FindAllSubmatch(line[2], -1) {
			value, err := strconv.ParseFloat(string(r[1]), 64)
			if err != nil {
				return nil, err
			}
			unit := string(r[2])
			if name == "IdleConnection" && unit == "ns/op" {
				continue // Its time says nothing.
			}
			samples = append(samples, Sample{native, "core of the registry in Go", name, "native", unit, value})
			if name == "Connection" && unit == "ns/op" {
				// A connection is made, answered and closed.
				samples = append(samples, Sample{native, "core of the registry in Go", "messages", "native", "/s", 3e9 / value})
			}
		}
	}
	if samples == nil {
		return nil, fmt.Errorf("go test -bench printed no benchmark:\n%s", out)
	}
	return samples, nil
}
