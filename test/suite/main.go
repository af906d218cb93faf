// Command suite runs every test, and says at its end what failed, how to run
// that again, and what each part took:
//
//	./build.sh test
//
// With flags it runs those tests that they select, as go test would.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

func main() {
	r := &report{out: os.Stdout}
	m := newMeter()
	err := run(r, m, os.Args[1:])
	r.explain()
	m.print(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
	}
	r.conclude()
	if err != nil || r.failures() > 0 {
		os.Exit(1)
	}
}

func run(r *report, m *meter, flags []string) error {
	if len(flags) > 0 {
		return m.part("what was asked for", func() error { return goTest(r, append([]string{"./..."}, flags...)...) })
	}
	err := m.part("times, which have the machine to themselves", func() error {
		return goTest(r, "./test", "-run", "^TestTimes$")
	})
	// What computes is nice to what waits for a browser, and runs in its shadow.
	return errors.Join(err, m.part("browsers, and beside them what needs none", func() error {
		var wait sync.WaitGroup
		var errs [2]error
		wait.Go(func() {
			errs[0] = goTest(r, "./test", "-skip", "^(TestTimes|TestQuality|TestSimulator|TestNewLives)$", "-parallel", "64")
		})
		wait.Go(func() { errs[1] = m.tools(func(run runner) error { return tools(r, run) }) })
		wait.Wait()
		return errors.Join(errs[:]...)
	}))
}

// tools are the checks that need no browser, or start one for themselves alone.
func tools(r *report, run runner) error {
	var errs []error
	for _, args := range [][]string{
		{"./test", "-run", "^(TestQuality|TestSimulator|TestNewLives)$"},
		{"./demo/...", "./js/...", "./polyfill/...", "./wasm/...", "./test/bench", "./test/harness", "./test/suite"},
		// So many inputs of each, beyond those in the source: what is found stays there for the next time.
		{"./polyfill", "-run", "^$", "-fuzz", "^FuzzDecode$", "-fuzztime", "20000x"},
		{"./polyfill", "-run", "^$", "-fuzz", "^FuzzRegistry$", "-fuzztime", "20000x"},
	} {
		errs = append(errs, test(r, run, []string{"nice", "go"}, args...))
	}
	// Its browsers are not to be starved.
	return errors.Join(append(errs, goTest(r, "./test/browser"))...)
}

// runner runs a command whose standard output is read by the function.
type runner func(cmd *exec.Cmd, read func(io.Reader) error) error

// goTest runs tests, and tells the report what becomes of them.
func goTest(r *report, args ...string) error { return test(r, start, []string{"go"}, args...) }

func test(r *report, run runner, command []string, args ...string) error {
	command = append(command, "test", "-json", "-count=1", "-p=1", "-timeout=60m")
	command = append(command, args...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	err := run(cmd, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			var e event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				return fmt.Errorf("%w in %q", err, lines.Text())
			}
			r.take(e)
		}
		return lines.Err()
	})
	if _, ended := errors.AsType[*exec.ExitError](err); ended && r.failures() > 0 {
		return nil // The report says why.
	}
	if err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

// start is a runner that does nothing else.
func start(cmd *exec.Cmd, read func(io.Reader) error) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return errors.Join(read(out), cmd.Wait())
}

// event is what go test -json tells; see `go doc test2json`.
type event struct {
	Time                          time.Time
	Action, Package, Test, Output string
	ImportPath                    string
	Elapsed                       float64
}
