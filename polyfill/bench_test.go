package polyfill

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// number makes as many UUIDs as a benchmark needs.
func number(n int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// filled returns a registry with one window that keeps so many connections.
func filled(connections int) *Registry {
	r := New(generation)
	r.Handle(1, Introduce{Context: window1, Kind: KindWindow})
	r.Handle(Broadcast, Introduce{Context: worker1, Kind: KindServiceWorker, Scope: scope})
	for i := range connections {
		connection := number(1000 + i)
		// Every message brings strings of its own.
		r.Handle(1, Connect{connection, strings.Clone("https://acme.example"), scope + connection.String()})
		r.Handle(1, Answer{connection, strings.Clone(scope), strings.Clone("echo")})
	}
	return r
}

// BenchmarkConnection is a connection's life, among 10,000 others.
func BenchmarkConnection(b *testing.B) {
	r := filled(10_000)
	for i := 0; b.Loop(); i++ {
		connection := number(1_000_000 + i)
		r.Handle(1, Connect{connection, "https://acme.example", scope + "echo"})
		r.Handle(1, Answer{connection, scope, "echo"})
		r.Handle(1, Close{connection})
	}
}

// BenchmarkWindowGone ends a window with 1,000 connections.
func BenchmarkWindowGone(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		r := filled(1_000)
		b.StartTimer()
		r.Gone(window1)
	}
}

// BenchmarkWorkerGone ends the worker of 1,000 connections, all one window's.
func BenchmarkWorkerGone(b *testing.B) {
	r := filled(1_000)
	for b.Loop() {
		r.Gone(worker1)
		r.Handle(Broadcast, Introduce{Context: worker1, Kind: KindServiceWorker, Scope: scope})
	}
}

// BenchmarkSnapshot copies 10,000 connections.
func BenchmarkSnapshot(b *testing.B) {
	r := filled(10_000)
	for b.Loop() {
		r.Snapshot()
	}
}

// heldBytes measures what 10,000 idle connections take, each.
func heldBytes() uint64 {
	const connections = 10_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := filled(connections)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(r)
	return (after.HeapAlloc - before.HeapAlloc) / connections
}

// BenchmarkIdleConnection reports a connection's memory; its time says nothing.
func BenchmarkIdleConnection(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(heldBytes()), "B/connection")
	}
}

func TestIdleConnection(t *testing.T) {
	if held := heldBytes(); held > 4<<10 {
		t.Errorf("an idle connection takes %d bytes; at most 4 KiB are fine", held)
	}
}

// TestPastConnections: a registry may live for weeks.
func TestPastConnections(t *testing.T) {
	const connections = 10_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := filled(connections)
	for i := range connections {
		r.Handle(1, Close{number(1000 + i)})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(r)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 16<<10 {
		t.Errorf("%d connections that have come and gone hold %d bytes", connections, held)
	}
}
