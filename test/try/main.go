// Command try builds, and plays one module of cases, or one case, in one engine:
//
//	./build.sh try chromium match-ports ['part of a case'] [-client cross-site] [-kind worker] [-seed 7] [-headed] [-watch]
//
// It prints what the cases have to say and what the browser's console shows. With -watch it plays them again after
// each change.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
	"github.com/navigator-connect/navigator-connect/test/harness"
)

// wish is what the command line asks for.
type wish struct {
	engine       browser.Engine
	module, part string
	client, kind string
	seed         string
	headed       bool
	watch        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w, err := parse(os.Args[1:])
	if err == nil {
		err = try(ctx, w)
	}
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "try:", err)
		os.Exit(1)
	}
}

// parse takes flags before, between and behind the names.
func parse(args []string) (wish, error) {
	var w wish
	flags := flag.NewFlagSet("try", flag.ContinueOnError)
	flags.StringVar(&w.client, "client", "", "the `relation` of the client's origin to the service's: "+strings.Join(harness.Clients, ", "))
	flags.StringVar(&w.kind, "kind", "", "the `kind` of global that runs the cases, such as worker; a window by default")
	flags.StringVar(&w.seed, "seed", "", "the `seed` of what is left to chance, as a failure prints it")
	flags.BoolVar(&w.headed, "headed", false, "show the browser, where there is a display")
	flags.BoolVar(&w.watch, "watch", false, "play again after each change of js/, polyfill/, wasm/ and test/")
	var names []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return w, err
		}
		if args = flags.Args(); len(args) > 0 {
			names, args = append(names, args[0]), args[1:]
		}
	}
	if len(names) < 2 || len(names) > 3 {
		return w, fmt.Errorf("say which engine and which module, and a part of a case's name if you like:\n  ./build.sh try chromium match-ports\nmodules: %s", strings.Join(modules(), " "))
	}
	w.engine, w.module = browser.Engine(names[0]), strings.TrimSuffix(names[1], ".test.js")
	if len(names) == 3 {
		w.part = names[2]
	}
	return w, nil
}

// modules are the names of all there are.
func modules() []string {
	var names []string
	for _, v := range harness.Visits() {
		names = append(names, path.Base(v.Module))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// visit finds what the wish is about.
func (w wish) visit() (harness.Visit, error) {
	var found []harness.Visit
	for _, v := range harness.Visits() {
		if v.Module == w.module || path.Base(v.Module) == w.module {
			found = append(found, v)
		}
	}
	if found == nil {
		return harness.Visit{}, fmt.Errorf("there is no module %q; there are: %s", w.module, strings.Join(modules(), " "))
	}
	// A module that runs in windows and elsewhere is meant in windows, of the same site if it is there.
	fits := func(v harness.Visit, client string) bool {
		return v.Engine == w.engine && v.Client == client && v.Kind == w.kind
	}
	for _, client := range append([]string{"same-site"}, harness.Clients...) {
		if w.client != "" && w.client != client {
			continue
		}
		if i := slices.IndexFunc(found, func(v harness.Visit) bool { return fits(v, client) }); i >= 0 {
			v := found[i]
			if w.seed != "" {
				v = v.With("seed", w.seed)
			}
			return v, nil
		}
	}
	var text strings.Builder
	for _, v := range found {
		fmt.Fprintf(&text, "\n  %s", v.Name())
	}
	return harness.Visit{}, fmt.Errorf("%s runs as these, by engine, client and kind of global:%s", w.module, text.String())
}

func try(ctx context.Context, w wish) error {
	v, err := w.visit()
	if err != nil {
		return err
	}
	b, err := browser.Start(ctx, v.Engine, browser.Options{Prefs: v.Prefs, Headed: w.headed})
	if err != nil {
		return err
	}
	defer b.Close()
	for {
		before := changed()
		err := build(ctx)
		if err == nil {
			err = play(ctx, b, v, w.part)
		}
		if !w.watch || ctx.Err() != nil {
			return err
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "try:", err)
		}
		fmt.Println("\nwaiting for a change; Ctrl+C ends it")
		for !changed().After(before) {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// build makes dist/.
func build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "run", "./js/build", "-quick")
	cmd.Dir = harness.Root()
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

// play runs the cases whose names contain part.
func play(ctx context.Context, b browser.Browser, v harness.Visit, part string) error {
	r := harness.NewRun(ctx, b, v)
	defer r.Leave()
	cases, err := r.Open()
	if err != nil {
		return err
	}
	cases = slices.DeleteFunc(cases, func(c harness.Case) bool { return !strings.Contains(c.Name, part) })
	if len(cases) == 0 {
		return fmt.Errorf("no case of %s contains %q", v.Module, part)
	}
	failed := 0
	for _, c := range cases {
		begin := time.Now()
		outcome := r.Play(c)
		verdict := "pass"
		if outcome.Problem != "" {
			verdict = "FAIL"
			failed++
		}
		fmt.Printf("%s  %s (%.2f s)\n", verdict, c.Name, time.Since(begin).Seconds())
		for _, note := range outcome.Notes {
			fmt.Printf("      %s\n", note)
		}
		if outcome.Problem != "" {
			fmt.Printf("      %s\n      again: %s\n", outcome.Problem, r.Again(c.Name))
			continue
		}
		for _, line := range outcome.Console {
			fmt.Printf("      console: %s\n", line)
		}
	}
	fmt.Printf("%d passed, %d failed\n", len(cases)-failed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of %d cases failed", failed, len(cases))
	}
	return nil
}

// changed is when a source was changed last.
func changed() time.Time {
	var last time.Time
	for _, dir := range []string{"js", "polyfill", "wasm", "test"} {
		filepath.WalkDir(filepath.Join(harness.Root(), dir), func(path string, entry os.DirEntry, err error) error {
			if err != nil {
				return nil // It was removed meanwhile.
			}
			if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == ".cache") {
				return filepath.SkipDir
			}
			if info, err := entry.Info(); err == nil && info.ModTime().After(last) {
				last = info.ModTime()
			}
			return nil
		})
	}
	return last
}
