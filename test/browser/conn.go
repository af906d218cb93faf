package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// conn speaks what the DevTools protocol and WebDriver BiDi have in common:
// numbered requests, their answers, and events, as JSON over a WebSocket.
//
// That is all these tests need of either. Chromium's usual Go client attaches
// itself to every worker of a page, which would keep service workers alive.
type conn struct {
	ws   *websocket.Conn
	done chan struct{} // closed when reading ends

	mu      sync.Mutex
	last    int
	waiting map[int]chan message
	err     error
}

type request struct {
	ID        int    `json:"id"`
	SessionID string `json:"sessionId,omitempty"`
	Method    string `json:"method"`
	Params    any    `json:"params"`
}

// message is an answer or, with a method, an event.
type message struct {
	ID        int             `json:"id"`
	SessionID string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Error     json.RawMessage `json:"error"`   // BiDi: a string; DevTools: an object that holds the message
	Message   string          `json:"message"` // BiDi alone
}

// dial connects. The events go to onEvent, one after the other; it must not
// wait for an answer, which it would hold up.
func dial(ctx context.Context, url string, onEvent func(c *conn, event message)) (*conn, error) {
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	ws.SetReadLimit(-1) // Screenshots are long.
	c := &conn{ws: ws, done: make(chan struct{}), waiting: map[int]chan message{}}
	go c.read(onEvent)
	return c, nil
}

func (c *conn) read(onEvent func(*conn, message)) {
	defer close(c.done)
	for {
		var m message
		if err := wsjson.Read(context.Background(), c.ws, &m); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.err = fmt.Errorf("browser: the connection ended: %w", err)
			for _, answer := range c.waiting {
				close(answer)
			}
			c.waiting = nil
			return
		}
		if m.Method != "" {
			onEvent(c, m)
			continue
		}
		c.mu.Lock()
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// call makes a request and decodes the answer into result, unless that is nil.
// session is one of DevTools, or empty.
func (c *conn) call(ctx context.Context, session, method string, params, result any) error {
	answer, err := c.send(ctx, session, method, params)
	if err != nil {
		return err
	}
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return c.err
		case m.Error != nil:
			return fmt.Errorf("browser: %s: %s %s", method, m.Error, m.Message)
		case result != nil:
			if err := json.Unmarshal(m.Result, result); err != nil {
				return fmt.Errorf("browser: %s: %w", method, err)
			}
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("browser: %s: %w", method, context.Cause(ctx))
	}
}

// send makes a request and leaves the answer to whoever wants it.
func (c *conn) send(ctx context.Context, session, method string, params any) (<-chan message, error) {
	if params == nil {
		params = struct{}{}
	}
	answer := make(chan message, 1)
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return nil, c.err
	}
	c.last++
	id := c.last
	c.waiting[id] = answer
	c.mu.Unlock()
	if err := wsjson.Write(ctx, c.ws, request{id, session, method, params}); err != nil {
		return nil, fmt.Errorf("browser: %s: %w", method, err)
	}
	return answer, nil
}

// close returns when no event is being handled any more.
func (c *conn) close() {
	c.ws.CloseNow()
	<-c.done
}
