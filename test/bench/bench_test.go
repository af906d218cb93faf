package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// found are the rows that samples of two starts make.
func found() []Row {
	var samples []Sample
	for _, start := range []float64{0, 2} {
		for _, s := range []Sample{
			{Measure: "round trip", Subject: ours, Unit: "µs", Value: 50},
			{Measure: "round trip", Subject: barePort, Unit: "µs", Value: 40},
			{Measure: "round trip", Subject: "post-robot", Unit: "µs", Value: 900},
			{Measure: "throughput", Subject: ours, Unit: "messages/s", Value: 20_000},
			{Measure: "throughput", Subject: "penpal", Unit: "messages/s", Value: 30_000},
			{Measure: relativeTime, Subject: ours, Unit: "×", Value: 0.1},
		} {
			s.Engine, s.Case, s.Value = "chromium & more", small, s.Value+start
			samples = append(samples, s)
		}
	}
	return rows(samples)
}

func TestRows(t *testing.T) {
	row, ok := find(found(), "chromium & more", "round trip", small, ours)
	want := Row{"chromium & more", "round trip", small, ours, "µs", 51, 50, 52, 2}
	if !ok || row != want {
		t.Errorf("found %v, want %v", row, want)
	}
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("the median of 9, 1 and 5 is said to be %v", got)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0.584: "0.58", 12.34: "12.3", 412.6: "413", 9_999: "9999", 3_473_539: "3,473,539"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

func TestJudge(t *testing.T) {
	met := map[string]bool{}
	for _, v := range judge(found()) {
		met[v.Goal] = v.Met
	}
	for goal, want := range map[string]bool{
		"round trip at most 1.10 × the bare port's": true, // exactly so
		"round trip ahead of every peer":            true, // a bare port is no peer
		"throughput ahead of every peer":            false,
	} {
		if got, judged := met[goal]; !judged || got != want {
			t.Errorf("%s: %v (judged: %v), want %v", goal, got, judged, want)
		}
	}
}

func TestUnmeasured(t *testing.T) {
	got := map[string]bool{}
	for _, v := range unmeasured(found(), []browser.Engine{"chromium & more"}) {
		if v.Met || v.Found != notMeasured {
			t.Errorf("%v is said of what was not measured", v)
		}
		got[v.Engine+": "+v.Goal] = true
	}
	for goal, want := range map[string]bool{
		"chromium & more: round trip at most 1.10 × the bare port's":      false,
		"chromium & more: throughput ahead of every peer":                 false,
		"chromium & more: throughput at least 0.90 × the bare port's":     true,
		"chromium & more: cold connect no slower than penpal's handshake": true,
		native + ": loader at most 8.5 kB brotli":                         true,
	} {
		if got[goal] != want {
			t.Errorf("%s is not measured: %v, want %v", goal, got[goal], want)
		}
	}
}

func TestEncode(t *testing.T) {
	want := Results{Setting: Setting{Date: "2026-11-23 12:00 UTC"}, Rows: found(), Goals: judge(found())}
	data, err := encode(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Results
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back: %v, want %v", got, want)
	}
}

func TestPicture(t *testing.T) {
	drawn := picture(Results{Setting: Setting{Date: "2026-11-23 12:00 UTC"}, Rows: found()})
	decoder := xml.NewDecoder(strings.NewReader(drawn))
	elements := map[string]int{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, drawn)
		}
		if element, ok := token.(xml.StartElement); ok {
			elements[element.Name.Local]++
		}
	}
	// The ground, and a bar for each row of the two measures that are drawn.
	if elements["title"] != 1 || elements["desc"] != 1 || elements["rect"] != 1+5 {
		t.Errorf("drawn: %v", elements)
	}
}
