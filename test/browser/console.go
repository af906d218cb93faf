package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Line is one message on the console.
type Line struct {
	// Level is "debug", "log", "info", "warn" or "error".
	Level string
	Text  string
}

func (l Line) String() string {
	return fmt.Sprintf("%-5s %s", l.Level, l.Text)
}

// Console collects lines as they come.
type Console struct {
	mu      sync.Mutex
	lines   []Line
	changed chan struct{} // closed, and made anew, with each line
}

func newConsole() *Console {
	return &Console{changed: make(chan struct{})}
}

// Add appends a line, in the spelling of whichever protocol brought it.
func (c *Console) Add(level, text string) {
	switch level {
	case "warning":
		level = "warn"
	case "debug", "info", "warn", "error":
	case "assert":
		level = "error"
	default:
		level = "log"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, Line{level, strings.TrimSpace(text)})
	close(c.changed)
	c.changed = make(chan struct{})
}

// Lines returns all lines up to now.
func (c *Console) Lines() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}

// Wait returns when a line contains text, now or later; from is how many of
// the first lines don't count.
func (c *Console) Wait(ctx context.Context, from int, text string) error {
	for {
		c.mu.Lock()
		lines, changed := c.lines[from:], c.changed
		c.mu.Unlock()
		if slices.ContainsFunc(lines, func(l Line) bool { return strings.Contains(l.Text, text) }) {
			return nil
		}
		from += len(lines)
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("browser: no line on the console contains %q: %w", text, context.Cause(ctx))
		}
	}
}
