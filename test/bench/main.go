// Command bench measures navigator-connect beside a bare MessagePort and the
// libraries that people use instead, in real browsers:
//
//	./build.sh bench [-parts messages,connect] [-engines chromium] [-starts 5] [-quick]
//	./build.sh bench -compare HEAD~1
//
// The second compares two builds of navigator-connect with each other.
//
// It prints tables and says which goals are met. A full run of what is committed,
// with five starts, also writes them to test/bench/results.json, and a picture of
// them beside it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

var (
	starts  = flag.Int("starts", fullStarts, "how `often` each browser is started for each part")
	engines = flag.String("engines", "chromium,firefox", "the browsers")
	only    = flag.String("parts", "", "take only these `parts`, such as messages,connect")
	quick   = flag.Bool("quick", false, "fewer batches and two starts: good enough while developing")
	compare = flag.String("compare", "", "measure beside the build of this `revision`, in the same starts of the browsers, and print the ratios")
	out     = flag.String("o", "", "write to this `path`, with .json and .svg; by default a full run writes to test/bench/results")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	begin := time.Now()
	of := parts
	if *compare != "" {
		of = comparing
	}
	wanted, err := selected(of, *only)
	if err != nil {
		return err
	}
	if *quick {
		*starts = min(*starts, 2)
	}
	var list []browser.Engine
	for name := range strings.SplitSeq(*engines, ",") {
		list = append(list, browser.Engine(name))
	}
	if *compare != "" {
		return compareWith(ctx, *compare, wanted, list)
	}
	setting, err := newSetting()
	if err != nil {
		return err
	}
	samples, failed := takeAll(ctx, wanted, list, "")
	setting.LoadAfter = load()
	results := Results{Setting: setting, Rows: rows(samples)}
	results.Goals = judge(results.Rows)
	if *only == "" {
		results.Goals = append(results.Goals, unmeasured(results.Rows, list)...)
	}

	printTables(os.Stdout, results)
	about, _ := json.MarshalIndent(setting, "", "  ")
	fmt.Printf("\n%s\ntook %v\n", about, time.Since(begin).Round(time.Second))
	if *out == "" && failed == nil {
		if why := lacking(setting, list); why != "" {
			fmt.Printf("not recorded in %s: %s\n", record, why)
		} else {
			*out = record
		}
	}
	if *out != "" {
		failed = errors.Join(failed, write(*out, results))
	}
	return failed
}

// record is where the results of a full run go.
const record = "test/bench/results"

// fullStarts is how often a full run starts each browser.
const fullStarts = 5

// lacking says what a run lacks to be recorded, if anything.
func lacking(s Setting, list []browser.Engine) string {
	switch {
	case *only != "" || *quick || len(list) < 2:
		return "it was not all that there is to measure"
	case *starts < fullStarts:
		return fmt.Sprintf("fewer than %d starts", fullStarts)
	case strings.HasSuffix(s.Versions[ours], "-dirty"):
		return "what was measured is not committed"
	}
	return ""
}

// selected returns the parts by their names, all of them by default.
func selected(of []part, names string) ([]part, error) {
	if names == "" {
		return of, nil
	}
	var found []part
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(of, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q", name)
		}
		found = append(found, of[i])
	}
	return found, nil
}

// write keeps the results as JSON and as a picture.
func write(path string, r Results) error {
	data, err := encode(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".json", data, 0o644); err != nil {
		return err
	}
	return os.WriteFile(path+".svg", []byte(picture(r)), 0o644)
}

// progress says on the standard error what goes on.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
