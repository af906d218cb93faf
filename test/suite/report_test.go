package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestReport takes in what go test tells of a run in which a case fails.
func TestReport(t *testing.T) {
	var out bytes.Buffer
	r := &report{out: &out}
	const pkg = "example/test"
	for _, e := range []event{
		{Action: "run", Package: pkg, Test: "TestA"},
		{Action: "output", Package: pkg, Test: "TestA/one", Output: "=== RUN   TestA/one\n"},
		{Action: "output", Package: pkg, Test: "TestA/one", Output: "    a_test.go:1: it is wrong\n"},
		{Action: "output", Package: pkg, Test: "TestA/two", Output: "    a_test.go:2: a note\n"},
		{Action: "output", Package: pkg, Test: "TestA/one", Output: "        again: ./build.sh try firefox a 'one' -seed 7\n"},
		{Action: "output", Package: pkg, Test: "TestA/one", Output: "--- FAIL: TestA/one (0.00s)\n"},
		{Action: "fail", Package: pkg, Test: "TestA/one"},
		{Action: "pass", Package: pkg, Test: "TestA/two", Elapsed: 1.5},
		{Action: "fail", Package: pkg, Test: "TestA"},
		{Action: "fail", Package: pkg, Test: "TestB/it's/3"},
		{Action: "skip", Package: pkg, Test: "TestC"},
		{Action: "fail", Package: pkg},
		{Action: "build-output", ImportPath: "example/broken", Output: "b.go:1: undefined: x\n"},
		{Action: "build-fail", ImportPath: "example/broken"},
	} {
		r.take(e)
	}
	if printed := out.String(); !strings.Contains(printed, "--- PASS: TestA/two (1.50s)\n    a_test.go:2: a note\n") || strings.Contains(printed, "=== RUN") {
		t.Errorf("printed:\n%s", printed)
	}
	out.Reset()
	r.conclude()
	want := `FAILED TestA/one
  again: ./build.sh try firefox a 'one' -seed 7
FAILED TestB/it's/3
  again: ./build.sh test -run '^TestB$/^it.s$/^3$'
FAILED example/broken
  again: go vet ./...
1 skipped
1 passed, 3 failed
`
	if got := out.String(); got != want {
		t.Errorf("concluded:\n%s", got)
	}
}
