// Package sizes says what the files of dist/ weigh, and what they may.
package sizes

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/andybalholm/brotli"
)

// How many bytes the files that travel most may take, compressed by Brotli.
const (
	// Loader is what every page loads that connects to anything.
	Loader = 8_500
	// ServiceWorkerLoader is what a service worker imports.
	ServiceWorkerLoader = 13_000
	// Bridge is what a page frames of each origin that it connects to.
	Bridge = 8_000
	// Registry is what a SharedWorker of the service's origin loads, beside all else.
	Registry = 700_000
)

// Budgets are the bounds by the names of the files in dist/.
var Budgets = map[string]int{
	"navigator-connect.js":                Loader,
	"navigator-connect-service-worker.js": ServiceWorkerLoader,
	"bridge.html":                         Bridge,
	"registry.wasm":                       Registry,
}

// Gzip returns how much of data travels when a server compresses with gzip as well as it can.
func Gzip(data []byte) int {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is a valid one
	return compressed(&buf, w, data)
}

// Brotli returns the same with Brotli.
func Brotli(data []byte) int {
	var buf bytes.Buffer
	return compressed(&buf, brotli.NewWriterLevel(&buf, brotli.BestCompression), data)
}

// compressed returns how much of data arrives in buf through w. Writing to
// memory doesn't fail.
func compressed(buf *bytes.Buffer, w io.WriteCloser, data []byte) int {
	w.Write(data)
	w.Close()
	return buf.Len()
}
