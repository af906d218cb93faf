package main

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// labels are what the picture calls the subjects, with where their other end is.
var labels = map[string]string{
	ours:           "navigator-connect",
	barePort:       "bare MessagePort",
	"penpal":       "penpal (frame)",
	"comlink":      "comlink (frame)",
	"comlink-port": "comlink (port)",
	"post-robot":   "post-robot (frame)",
}

// Measures of the picture, in pixels of a picture that is 760 wide.
const (
	width    = 760
	column   = 360
	label    = 136
	longest  = 136
	barStep  = 24
	barThick = 15
	heading  = 46
	margin   = 20
)

// style makes the picture legible wherever it is shown: it brings its own ground.
const style = `
  .ground { fill: #ffffff; stroke: #d0d7de; }
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 19px; font-weight: 600; }
  .heading { font-weight: 600; }
  .note { font-size: 13px; fill: #59636e; }
  .bar { fill: #9aa5b1; } .ours { fill: #0a7d6c; } .bare { fill: #5c6b7a; }
  .range { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #151b23; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .note { fill: #a5b0bc; }
    .bar { fill: #66717d; } .ours { fill: #2dba9f; } .bare { fill: #93a1af; }
    .range { stroke: #f0f6fc; }
  }
`

// picture draws the round trips and the throughput of small messages, and cold
// connects, as SVG.
func picture(r Results) string {
	var panels, summary strings.Builder
	y := 76
	for _, engine := range distinct(r.Rows, func(r Row) string { return r.Engine }) {
		trips := pick(r.Rows, engine, "round trip", small)
		rates := pick(r.Rows, engine, "throughput", small)
		if len(trips) == 0 || len(rates) == 0 {
			continue
		}
		fmt.Fprintf(&panels, `<text class="heading" x="%d" y="%d">%s</text>`+"\n", margin, y+20, html.EscapeString(engine))
		y += 20
		panel(&panels, margin, y, "round trip, µs: less is better", trips)
		panel(&panels, margin+column, y, "messages a second: more is better", rates)
		fmt.Fprintf(&summary, "%s: %s; %s. ", engine, inWords("round trip", trips), inWords("throughput", rates))
		y += heading + barStep*max(len(trips), len(rates)) + 2
	}
	x, row := margin, 0
	for _, engine := range distinct(r.Rows, func(r Row) string { return r.Engine }) {
		times := pick(r.Rows, engine, "connect", cold)
		if len(times) == 0 {
			continue
		}
		fmt.Fprintf(&panels, `<text class="heading" x="%d" y="%d">%s</text>`+"\n", x, y+20, html.EscapeString(engine))
		panel(&panels, x, y+20, "connect while nothing runs, ms: less is better", times)
		fmt.Fprintf(&summary, "%s: %s. ", engine, inWords("cold connect", times))
		// Two stand side by side.
		row = 20 + heading + barStep*len(times)
		if x += column; x+column > width {
			x, y, row = margin, y+row, 0
		}
	}
	height := y + row + 6

	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">`+"\n",
		width, height, width, height)
	title := "navigator-connect beside a bare port and other libraries"
	fmt.Fprintf(&out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n",
		title, html.EscapeString(strings.TrimSpace(summary.String())), style)
	fmt.Fprintf(&out, `<rect class="ground" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	fmt.Fprintf(&out, `<text class="title" x="%d" y="34">%s</text>`+"\n", margin, title)
	fmt.Fprintf(&out, `<text class="note" x="%d" y="56">An object of 100 bytes, there and back; medians and ranges over %s of each browser. %s</text>`+"\n",
		margin, r.starts(), html.EscapeString(r.Setting.Date[:len("2006-01-02")]))
	out.WriteString(panels.String())
	out.WriteString("</svg>\n")
	return out.String()
}

// pick returns the rows of one case.
func pick(all []Row, engine, measure, of string) []Row {
	return where(all, func(r Row) bool { return r.Engine == engine && r.Measure == measure && r.Case == of })
}

// panel draws a bar for each row, with its range. What is far longer than ours
// is cut, so that the rest can be told apart.
func panel(w *strings.Builder, x, y int, head string, of []Row) {
	full := 0.0
	for _, r := range of {
		full = max(full, r.Median)
	}
	if i := slices.IndexFunc(of, func(r Row) bool { return r.Subject == ours }); i >= 0 {
		full = min(full, 3*of[i].Median)
	}
	scaled := func(v float64) float64 { return min(v/full, 1.1) * longest }
	fmt.Fprintf(w, `<text class="note" x="%d" y="%d">%s</text>`+"\n", x, y+20, html.EscapeString(head))
	for i, r := range of {
		top := y + heading - 14 + i*barStep
		class := map[string]string{ours: "bar ours", barePort: "bar bare"}[r.Subject]
		if class == "" {
			class = "bar"
		}
		value := number(r.Median)
		if r.Median > 1.1*full {
			value = "» " + value
		}
		middle, left := float64(top)+barThick/2.0, float64(x+label)
		fmt.Fprintf(w, `<text x="%d" y="%d">%s</text>`, x, top+barThick-2, html.EscapeString(labels[r.Subject]))
		fmt.Fprintf(w, `<rect class="%s" x="%.0f" y="%d" width="%.1f" height="%d" rx="2"/>`, class, left, top, scaled(r.Median), barThick)
		if r.Min < r.Max {
			fmt.Fprintf(w, `<path class="range" d="M%.1f %.1fH%.1f"/>`, left+scaled(r.Min), middle, left+scaled(r.Max))
		}
		fmt.Fprintf(w, `<text x="%.1f" y="%d">%s</text>`+"\n", left+scaled(r.Max)+6, top+barThick-2, value)
	}
}

// inWords lists the medians for those who don't see the picture.
func inWords(what string, of []Row) string {
	var parts []string
	for _, r := range of {
		parts = append(parts, labels[r.Subject]+" "+with(r))
	}
	return what + " " + strings.Join(parts, ", ")
}
