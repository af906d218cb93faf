package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Results are what a run found, and where.
type Results struct {
	Setting Setting   `json:"setting"`
	Rows    []Row     `json:"rows"`
	Goals   []Verdict `json:"goals"`
}

// A Sample is what one start of a browser, or of a program, found.
type Sample struct {
	Engine  string  `json:"engine"`
	Measure string  `json:"measure"`
	Case    string  `json:"case"`
	Subject string  `json:"subject"`
	Unit    string  `json:"unit"`
	Value   float64 `json:"value"`
}

// A Row is what all starts found.
type Row struct {
	Engine  string  `json:"engine"`
	Measure string  `json:"measure"`
	Case    string  `json:"case"`
	Subject string  `json:"subject"`
	Unit    string  `json:"unit"`
	Median  float64 `json:"median"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	Starts  int     `json:"starts"`
}

// ours is the subject that the others are compared with.
const ours = "navigator-connect"

// rows sums the samples up, in the order in which they first came.
func rows(samples []Sample) []Row {
	type key struct{ engine, measure, of, subject, unit string }
	var order []key
	values := map[key][]float64{}
	for _, s := range samples {
		k := key{s.Engine, s.Measure, s.Case, s.Subject, s.Unit}
		if values[k] == nil {
			order = append(order, k)
		}
		values[k] = append(values[k], s.Value)
	}
	var all []Row
	for _, k := range order {
		v := values[k]
		all = append(all, Row{
			k.engine, k.measure, k.of, k.subject, k.unit,
			rounded(median(v)), rounded(slices.Min(v)), rounded(slices.Max(v)), len(v),
		})
	}
	return all
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// find returns the row that matches, if there is one.
func find(all []Row, engine, measure, of, subject string) (Row, bool) {
	i := slices.IndexFunc(all, func(r Row) bool {
		return r.Engine == engine && r.Measure == measure && r.Case == of && r.Subject == subject
	})
	if i < 0 {
		return Row{}, false
	}
	return all[i], true
}

// distinct returns what of yields for the rows, each once, in order.
func distinct[T cmp.Ordered](all []Row, of func(Row) T) []T {
	var found []T
	for _, r := range all {
		if v := of(r); !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found
}

// starts says how often each browser was started for the comparison.
func (r Results) starts() string {
	i := slices.IndexFunc(r.Rows, func(r Row) bool { return r.Measure == "round trip" })
	if i < 0 || r.Rows[i].Starts == 1 {
		return "one start"
	}
	return fmt.Sprintf("%d starts", r.Rows[i].Starts)
}

// encode returns the results as JSON with a line for each row and goal: what
// differs between two runs can be read.
func encode(r Results) ([]byte, error) {
	var out bytes.Buffer
	setting, err := json.Marshal(r.Setting)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, "{\n\"setting\": %s,\n", setting)
	if err := errors.Join(encodeLines(&out, "goals", r.Goals), encodeLines(&out, "rows", r.Rows)); err != nil {
		return nil, err
	}
	out.Truncate(out.Len() - len(",\n"))
	out.WriteString("\n}\n")
	return out.Bytes(), nil
}

func encodeLines[T any](out *bytes.Buffer, name string, items []T) error {
	lines := make([]string, len(items))
	for i, item := range items {
		line, err := json.Marshal(item)
		if err != nil {
			return err
		}
		lines[i] = string(line)
	}
	fmt.Fprintf(out, "%q: [\n%s\n],\n", name, strings.Join(lines, ",\n"))
	return nil
}

// rounded is a measured value to four digits, as more would be noise; what was
// counted stays as it is.
func rounded(v float64) float64 {
	if v == math.Trunc(v) {
		return v
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return v
}
