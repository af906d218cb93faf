package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// printTables prints a table for each engine and measure, with a line for each
// case and a column for each subject, and then which goals are met.
func printTables(w io.Writer, r Results) {
	for _, engine := range distinct(r.Rows, func(r Row) string { return r.Engine }) {
		of := where(r.Rows, func(r Row) bool { return r.Engine == engine })
		for _, measure := range distinct(of, func(r Row) string { return r.Measure }) {
			printTable(w, engine, where(of, func(r Row) bool { return r.Measure == measure }))
		}
	}
	printVerdicts(w, r.Goals)
}

func printTable(w io.Writer, engine string, of []Row) {
	units := distinct(of, func(r Row) string { return r.Unit })
	fmt.Fprintf(w, "\n%s: %s, %s (%s)\n", engine, of[0].Measure, strings.Join(units, " or "), counted(of[0].Starts))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	subjects := distinct(of, func(r Row) string { return r.Subject })
	for _, subject := range subjects {
		fmt.Fprintf(table, "\t%s", subject)
	}
	fmt.Fprintln(table, "\t")
	for _, name := range distinct(of, func(r Row) string { return r.Case }) {
		fmt.Fprint(table, name)
		for _, subject := range subjects {
			row, ok := find(of, engine, of[0].Measure, name, subject)
			if !ok {
				fmt.Fprint(table, "\t–")
				continue
			}
			fmt.Fprintf(table, "\t%s", number(row.Median))
			if len(units) > 1 {
				fmt.Fprint(table, " ", row.Unit)
			}
			if row.Starts > 1 {
				fmt.Fprintf(table, " (%s–%s)", number(row.Min), number(row.Max))
			}
		}
		fmt.Fprintln(table, "\t")
	}
	table.Flush()
}

func counted(starts int) string {
	if starts == 1 {
		return "taken once"
	}
	return fmt.Sprintf("median of %d, and range", starts)
}

func printVerdicts(w io.Writer, verdicts []Verdict) {
	if len(verdicts) == 0 {
		return
	}
	fmt.Fprintln(w, "\nGoals")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		met := "MISSED"
		switch {
		case v.Met:
			met = "met"
		case v.Found == notMeasured:
			met = "?"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", met, v.Engine, v.Goal, v.Found)
	}
	table.Flush()
}

// number is a value to three digits or more.
func number(v float64) string {
	switch size := math.Abs(v); {
	case size >= 9_999.5:
		digits := fmt.Sprintf("%.0f", v)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

func where(all []Row, want func(Row) bool) []Row {
	var found []Row
	for _, r := range all {
		if want(r) {
			found = append(found, r)
		}
	}
	return found
}
