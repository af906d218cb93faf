package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/navigator-connect/navigator-connect/test/harness"
)

// TestBounds holds limits.json to be true: each bound that is shorter in the
// impatient build is waited for in full by the case that it names, on the
// shipped build.
func TestBounds(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("limits.json")
	if err != nil {
		t.Fatal(err)
	}
	var bounds map[string]struct {
		Waited, Case string
	}
	if err := json.Unmarshal(data, &bounds); err != nil || len(bounds) == 0 {
		t.Fatalf("no bounds (%v)", err)
	}
	visits := harness.Visits()
	for name, bound := range bounds {
		i := slices.IndexFunc(visits, func(v harness.Visit) bool { return v.Name() == bound.Waited })
		if i < 0 || visits[i].Build != harness.Shipped {
			t.Errorf("%s: %q is no visit on the shipped build", name, bound.Waited)
			continue
		}
		text, err := os.ReadFile(filepath.Join("pages", visits[i].Module+".test.js"))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(text), bound.Case) || bound.Case == "" {
			t.Errorf("%s: %s has no case %q", name, visits[i].Module, bound.Case)
		}
	}
}
