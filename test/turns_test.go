package test

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// atOnce is how many modules, and tests like them, use the machine at a time if it bears that.
const atOnce = 4

// busy has so many of them wait for their turn.
var busy = make(chan struct{}, atOnce)

// takeTurn waits until a test may use the machine, and returns what ends its turn.
func takeTurn() (end func()) {
	busy <- struct{}{}
	return func() { <-busy }
}

// A machine that is asked for more than it has makes everything late, and what is late by seconds looks lost or hanging.
// So each test that needs a browser waits until the cores have spared a share of some time; but not for ever, since
// something may use them that is none of ours.
const (
	spared      = 0.15
	sparedFor   = 400 * time.Millisecond
	sparingTime = 5 * time.Minute
)

// next has one test begin at a time: what the one before needs is seen.
var next sync.Mutex

// awaitSpareTime returns when the machine bears another browser.
func awaitSpareTime() {
	next.Lock()
	defer next.Unlock()
	for begin := time.Now(); time.Since(begin) < sparingTime; {
		spare, all, err := coreTime()
		time.Sleep(sparedFor)
		spareThen, allThen, _ := coreTime()
		if err != nil || float64(spareThen-spare) >= spared*float64(allThen-all) {
			return
		}
	}
}

// coreTime is what the cores have spent since the machine started, in ticks; spare is what they have idled, waited for a
// disk, or used for what is nice to others, as our tools are.
func coreTime() (spare, all int64, err error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	var user, nice, system, idle, disk, irq, soft, stolen int64
	if _, err := fmt.Sscanf(string(stat), "cpu %d %d %d %d %d %d %d %d",
		&user, &nice, &system, &idle, &disk, &irq, &soft, &stolen); err != nil {
		return 0, 0, fmt.Errorf("/proc/stat: %w", err)
	}
	spare = nice + idle + disk
	return spare, spare + user + system + irq + soft + stolen, nil
}
