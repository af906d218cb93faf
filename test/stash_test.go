package test

import (
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestStash stops the workers that have stashed ports in the engine that stops
// none when asked to; pages/cases has the rest.
func TestStash(t *testing.T) {
	t.Parallel()
	survival{"stash", browser.Firefox, "same-origin", stopsIdle}.test(t)
}
