// Command bench measures navigator-connect beside a bare MessagePort and the
// libraries that people use instead, in real browsers:
//
//	./build.sh bench [-parts messages,connect] [-engines chromium] [-starts 5] [-quick]
//
// It prints tables and says which goals are met. A full run also writes them to
// test/bench/results.json, and a picture of them beside it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// Results are what a run found, and where.
type Results struct {
	Setting Setting   `json:"setting"`
	Rows    []Row     `json:"rows"`
	Goals   []Verdict `json:"goals"`
}

var (
	starts  = flag.Int("starts", 5, "how `often` each browser is started for each part")
	engines = flag.String("engines", "chromium,firefox", "the browsers")
	only    = flag.String("parts", "", "take only these `parts`, such as messages,connect")
	quick   = flag.Bool("quick", false, "fewer batches and two starts: good enough while developing")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	begin := time.Now()
	wanted, natives, err := selected(*only)
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
	setting, err := newSetting(list)
	if err != nil {
		return err
	}
	var samples []Sample
	for _, take := range natives {
		more, err := take(ctx)
		if err != nil {
			return err
		}
		samples = append(samples, more...)
	}
	for _, engine := range list {
		more, err := takeAll(ctx, engine, wanted, *starts, *quick)
		if err != nil {
			return err
		}
		samples = append(samples, more...)
	}
	setting.LoadTo = load()
	results := Results{Setting: setting, Rows: rows(samples)}
	results.Goals = judge(results.Rows)

	printTables(os.Stdout, results)
	about, _ := json.MarshalIndent(setting, "", "  ")
	fmt.Printf("\n%s\ntook %v\n", about, time.Since(begin).Round(time.Second))
	return nil
}

// selected returns the parts by their names, all of them by default: those that
// need a browser, and those that don't.
func selected(names string) (found []part, natives []func(context.Context) ([]Sample, error), err error) {
	withoutBrowser := map[string]func(context.Context) ([]Sample, error){"size": sizes, "core": core}
	if names == "" {
		return parts, slices.Collect(maps.Values(withoutBrowser)), nil
	}
	for name := range strings.SplitSeq(names, ",") {
		if take := withoutBrowser[name]; take != nil {
			natives = append(natives, take)
			continue
		}
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, nil, fmt.Errorf("there is no part %q", name)
		}
		found = append(found, parts[i])
	}
	return found, natives, nil
}

// progress says on the standard error what goes on.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
