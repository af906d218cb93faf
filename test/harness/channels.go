package harness

import (
	"context"
	"encoding/json"
	"sync"
)

// Channels are queues by name, through which pages and workers of any origin
// tell one another things.
type Channels struct {
	mu      sync.Mutex
	waiting map[string][]json.RawMessage
	changed chan struct{} // closed when something was posted
}

func (c *Channels) Post(name string, data json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = map[string][]json.RawMessage{}
	}
	c.waiting[name] = append(c.waiting[name], data)
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *Channels) Take(ctx context.Context, name string) (json.RawMessage, error) {
	for {
		c.mu.Lock()
		if queue := c.waiting[name]; len(queue) > 0 {
			c.waiting[name] = queue[1:]
			c.mu.Unlock()
			return queue[0], nil
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
