package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// meter measures what the parts of a run take: of a person's time, and of the
// machine's cores.
type meter struct {
	begin time.Time
	parts []part
	mu    sync.Mutex
}

type part struct {
	name        string
	time, cores time.Duration
}

func newMeter() *meter { return &meter{begin: time.Now()} }

// part runs one, which has the machine.
func (m *meter) part(name string, do func() error) error {
	begin, before := time.Now(), cores()
	err := do()
	m.add(part{name, time.Since(begin), cores() - before})
	return err
}

// tools runs commands beside a part, and adds up what they take.
func (m *meter) tools(do func(runner) error) error {
	begin := time.Now()
	var used time.Duration
	err := do(func(cmd *exec.Cmd, read func(io.Reader) error) error {
		err := start(cmd, read)
		if state := cmd.ProcessState; state != nil {
			used += state.UserTime() + state.SystemTime()
		}
		return err
	})
	m.add(part{"  of it, beside: what needs no browser", time.Since(begin), used})
	return err
}

func (m *meter) add(p part) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts = append(m.parts, p)
}

func (m *meter) print(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "part\ttime\tcore-minutes")
	for _, p := range m.parts {
		fmt.Fprintf(table, "%s\t%v\t%.1f\n", p.name, p.time.Round(time.Second), p.cores.Minutes())
	}
	table.Flush()
	fmt.Fprintf(w, "in all %v\n", time.Since(m.begin).Round(time.Second))
}

// cores is how long the machine's cores have worked since it started, for whomever.
func cores() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var ticks int64
	for i, field := range strings.Fields(line)[1:] {
		// idle and iowait are no work, guests are counted in user.
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != 3 && i != 4 && i < 8 {
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / 100
}
