// Command link simulates js/link.js, as it is, under faults: Node.js runs both
// ends of a connection on a virtual clock. See connection.js for what happens
// and what must hold. Each seed is one connection's life and replays alone:
//
//	go run ./test/link -seed 1 -steps 1000000
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	seed := flag.Int64("seed", -1, "the first life's `seed`, by default a new one every time")
	steps := flag.Int("steps", 5_000_000, "how many `events` to simulate at least, in whole lives")
	flag.Parse()
	if err := simulate(context.Background(), *seed, *steps, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// simulate writes what happened to out. Its error tells how a life failed,
// and its seed.
func simulate(ctx context.Context, seed int64, steps int, out io.Writer) error {
	script, err := bundle()
	if err != nil {
		return err
	}
	args := []string{"--enable-source-maps", "--input-type=module", "-", "-steps", strconv.Itoa(steps)}
	if seed >= 0 {
		args = append(args, "-seed", strconv.FormatInt(seed, 10))
	}
	node := exec.CommandContext(ctx, "node", args...)
	var failure strings.Builder
	node.Stdin, node.Stdout, node.Stderr = bytes.NewReader(script), out, &failure
	if err := node.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, &failure)
	}
	return nil
}

// bundle makes one module of the simulator and what it imports from js/, which
// no version of Node.js from 18 on would else read as modules without being asked.
func bundle() ([]byte, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return nil, errors.New("link: where is its source?")
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(filepath.Dir(file), "simulate.js")},
		Bundle:      true,
		Format:      api.FormatESModule,
		Platform:    api.PlatformNode,
		Sourcemap:   api.SourceMapInline,
		TsconfigRaw: "{}",
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	return result.OutputFiles[0].Contents, nil
}
