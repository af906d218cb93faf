package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/andybalholm/brotli"
)

// printSizes prints what each file weighs, and what of it travels when a server
// compresses as well as it can.
func printSizes(w io.Writer, dir string, names []string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "raw\tgzip -9\tbrotli -11\t  file")
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t  %s\n", len(data), gzipped(data), brotlied(data), name)
	}
	return table.Flush()
}

func gzipped(data []byte) int {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // the level is a valid one
	return compressed(&buf, w, data)
}

func brotlied(data []byte) int {
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
