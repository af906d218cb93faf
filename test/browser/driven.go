package browser

import (
	"context"
	"time"
)

// driven is a browser that is driven over a WebSocket: what Chromium and
// Firefox have in common.
type driven struct {
	options Options
	process *process
	profile string
	conn    *conn
	console *Console
}

// newDriven makes one with a new profile, and nothing running.
func newDriven(engine Engine, options Options) (driven, error) {
	profile, err := newProfile(engine)
	return driven{options: options, profile: profile, console: newConsole()}, err
}

// Console is what its pages wrote to the console.
func (d *driven) Console() *Console { return d.console }

// Used is how long the machine's cores have worked for it.
func (d *driven) Used() time.Duration { return d.process.used() }

// Suspend has all its processes stand still.
func (d *driven) Suspend(ctx context.Context, length time.Duration) error {
	return d.process.suspend(ctx, length)
}

// Close ends the browser, whatever of it is running, and deletes its profile.
func (d *driven) Close() error {
	if d.conn != nil {
		d.conn.close()
	}
	if d.process != nil {
		d.process.stop()
	}
	return removeProfile(d.profile)
}

// screenshot makes a call that answers with a picture.
func (d *driven) screenshot(ctx context.Context, session, method string, params any) ([]byte, error) {
	var picture struct{ Data []byte }
	err := d.conn.call(ctx, session, method, params, &picture)
	return picture.Data, err
}
