package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// comparing are the parts that compare two builds in one browser, by the names
// of the parts that compare with others.
var comparing = []part{
	{name: "messages", page: "builds-messages", client: sameSite, limit: 4 * time.Minute},
	{name: "connect", page: "builds-connect", client: sameSite, limit: 3 * time.Minute, prefs: sleepy},
}

// compareWith measures the working tree's build beside that of a revision, in
// the same starts of the browsers, and prints the ratios: what is below 1 is
// faster now where a time is measured, and slower where it is a rate.
func compareWith(ctx context.Context, revision string, wanted []part, list []browser.Engine) error {
	dir, err := os.MkdirTemp("", "navigator-connect-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dist, commit, err := buildOf(ctx, revision, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", revision, err)
	}
	samples, failed := takeAll(ctx, wanted, list, dist)
	results := Results{Rows: rows(samples)}
	fmt.Printf("\nthis build / the build of %s (%s): the median of the starts' medians, and their range\n", revision, commit)
	printTables(os.Stdout, results)
	return failed
}

// buildOf makes the dist/ of a revision, by its own build, below dir.
func buildOf(ctx context.Context, revision, dir string) (dist, commit string, err error) {
	run := func(name string, args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out)), nil
	}
	if commit, err = run("git", "rev-parse", "--short", "--verify", revision+"^{commit}"); err != nil {
		return "", "", err
	}
	source, archive := filepath.Join(dir, "source"), filepath.Join(dir, "source.tar")
	if err := os.Mkdir(source, 0o755); err != nil {
		return "", "", err
	}
	for _, command := range [][]string{
		{"git", "archive", "--output", archive, commit},
		{"tar", "-x", "-f", archive, "-C", source},
		{"go", "-C", source, "run", "./js/build", "-quick"},
	} {
		if _, err := run(command[0], command[1:]...); err != nil {
			return "", "", err
		}
	}
	return filepath.Join(source, "dist"), commit, nil
}
