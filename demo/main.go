// Command demo serves the demo pages on several origins of this machine, so that
// a page of one can connect to the service worker of another.
//
//	./build.sh demo
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/navigator-connect/navigator-connect/demo/origins"
)

//go:embed demo.js icon.svg index.html index.js style.css 1-echo services
var pages embed.FS

// places are the origins, on consecutive ports. Ports of one host are one site;
// localhost and 127.0.0.1 are two.
var places = []struct{ host, note string }{
	{"localhost", "open this one"},
	{"localhost", "another origin of the same site"},
	{"127.0.0.1", "another site"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the demo until ctx is done.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(out)
	port := flags.Int("port", 8001, "first of three consecutive `ports`")
	dist := flags.String("dist", "dist", "the `folder` that ./build.sh made")
	if err := flags.Parse(args); err != nil {
		return err
	}

	if *port < 1 || *port+len(places)-1 > 65535 {
		return fmt.Errorf("-port %d: three ports from there on have to be between 1 and 65535", *port)
	}

	var urls []string
	for i, place := range places {
		urls = append(urls, "http://"+net.JoinHostPort(place.host, strconv.Itoa(*port+i)))
	}
	site := newSite(urls, *dist)
	for _, url := range urls {
		origin, err := origins.Listen(strings.TrimPrefix(url, "http://"), site)
		if err != nil {
			return err
		}
		defer origin.Close()
	}

	fmt.Fprint(out, "\n  The navigator-connect demo runs at\n\n")
	for i, url := range urls {
		fmt.Fprintf(out, "    %s   %s\n", url, places[i].note)
	}
	if _, err := os.Stat(filepath.Join(*dist, "navigator-connect.js")); err != nil {
		fmt.Fprintf(out, "\n  The pages can't connect yet: %s holds no build. Run ./build.sh, then reload.\n", *dist)
	}
	fmt.Fprint(out, "\n  Ctrl+C stops it.\n\n")

	<-ctx.Done()
	fmt.Fprintln(out, "\n  Stopped.")
	return nil
}

// newSite returns what every origin serves; urls are all of them.
func newSite(urls []string, dist string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(origins.Prefix, origins.Dist(dist))
	mux.HandleFunc("GET /origins.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		json.NewEncoder(w).Encode(urls)
	})

	// Installing a service on demand begins with these headers of its URL.
	mux.HandleFunc("GET /services/echo/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Service-Worker-Script", "/services/echo/service-worker.js")
		w.Header().Set("Service-Worker-Scope", "/services/echo/")
		w.Header().Set("Cache-Control", "no-cache")
		fmt.Fprintf(w, "An echo service is offered here. To talk to it:\n\n  navigator.services.connect('http://%s/services/echo/', {installWorker: true})\n", r.Host)
	})

	// The pages live under a strict policy, to show that the loader needs no looser one.
	others := strings.Join(urls, " ")
	policy := fmt.Sprintf("default-src 'self'; frame-src 'self' %s; frame-ancestors 'self' %s", others, others)
	files := http.FileServerFS(pages)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		if strings.HasSuffix(r.URL.Path, "/") || strings.HasSuffix(r.URL.Path, ".html") {
			w.Header().Set("Content-Security-Policy", policy)
		}
		files.ServeHTTP(w, r)
	})
	return mux
}
