package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// browserMemory is what all processes that this one has started hold in main
// memory, in bytes. What several share is counted once.
func browserMemory() (int, error) {
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, name := range stats {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // It has ended.
		}
		// "pid (program) state parent …", where the program may contain anything.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent, _ := strconv.Atoi(string(fields[1]))
		children[parent] = append(children[parent], pid)
	}
	total := 0
	for queue := slices.Clone(children[os.Getpid()]); len(queue) > 0; queue = queue[1:] {
		total += proportionalSize(queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	if total == 0 {
		return 0, fmt.Errorf("no process with memory was started")
	}
	return total, nil
}

// proportionalSize is a process's share of main memory; 0 when it has ended.
func proportionalSize(pid int) int {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range bytes.Lines(data) {
		if fields := bytes.Fields(line); len(fields) >= 2 && string(fields[0]) == "Pss:" {
			kib, _ := strconv.Atoi(string(fields[1]))
			return kib << 10
		}
	}
	return 0
}
