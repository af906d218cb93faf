package browser

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a program together with all that it starts.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// start runs cmd in a process group of its own until stop is called or ctx is done.
func start(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true,
		// Covers the deaths of the test in which no deferred call runs.
		Pdeathsig: syscall.SIGKILL,
	}
	// Should a process have left the group, it must not hold us up with the pipes it inherited.
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("browser: %w", err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	kill := context.AfterFunc(ctx, p.kill)
	go func() {
		defer close(p.exited)
		cmd.Wait() // How it ended tells nothing: we end it by force.
		kill()
	}()
	return p, nil
}

// kill ends the whole group.
func (p *process) kill() {
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
}

// stop ends the whole group and returns when it has ended.
func (p *process) stop() {
	p.kill()
	<-p.exited
}

// stopGently lets the program tidy up, and then stops what is left.
func (p *process) stopGently(patience time.Duration) {
	syscall.Kill(p.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(patience):
	}
	p.stop()
}

// suspend has the group stand still, as on a computer that sleeps.
func (p *process) suspend(ctx context.Context, length time.Duration) error {
	group := -p.cmd.Process.Pid
	if err := syscall.Kill(group, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
	if err := syscall.Kill(group, syscall.SIGCONT); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	return nil
}

// used is how long the cores have worked for the group, and for those that it has outlived.
func (p *process) used() time.Duration {
	var ticks int64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // The process has ended.
		}
		// The name, in parentheses, may hold anything. Behind it the group is the third field.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 15 || fields[2] != strconv.Itoa(p.cmd.Process.Pid) {
			continue
		}
		for _, field := range fields[11:15] { // its own, and its children's that have ended
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / 100
}

// children are the processes that a process has started.
func children(parent int) []int {
	var found []int
	// Each of its threads has its own.
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // The thread has ended.
		}
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

// startServer starts a program that says on its standard error where it
// listens, and returns what pattern's group matches there.
func startServer(ctx context.Context, cmd *exec.Cmd, pattern *regexp.Regexp) (*process, string, error) {
	said := &lines{}
	found := make(chan string, 1)
	said.each = func(line string) {
		if match := pattern.FindStringSubmatch(line); match != nil {
			select {
			case found <- match[1]:
			default:
			}
		}
	}
	cmd.Stderr = said
	p, err := start(ctx, cmd)
	if err != nil {
		return nil, "", err
	}
	select {
	case address := <-found:
		return p, address, nil
	case <-p.exited:
		err = fmt.Errorf("browser: %s ended early and said:\n%s", filepath.Base(cmd.Path), said)
	case <-ctx.Done():
		err = fmt.Errorf("browser: %s did not start: %w; it said:\n%s", filepath.Base(cmd.Path), context.Cause(ctx), said)
	}
	p.stop()
	return nil, "", err
}

// lines is a writer that takes a stream apart. It keeps the first of what it
// reads, for error messages.
type lines struct {
	each func(line string)

	mu      sync.Mutex
	kept    strings.Builder
	partial []byte
}

// keptBytes is plenty for the complaints of a program that fails to start.
const keptBytes = 4 << 10

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, data...)
	for {
		line, rest, found := bytes.Cut(l.partial, []byte("\n"))
		if !found {
			return len(data), nil
		}
		l.partial = rest
		if l.kept.Len() < keptBytes {
			fmt.Fprintf(&l.kept, "%s\n", line)
		}
		l.each(string(line))
	}
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

// newProfile makes a folder for one browser.
func newProfile(engine Engine) (string, error) {
	dir, err := os.MkdirTemp("", "nc-"+string(engine)+"-")
	if err != nil {
		return "", fmt.Errorf("browser: %w", err)
	}
	return dir, nil
}

// environ is the environment of a browser whose files all belong below dir.
func environ(dir string, more ...string) []string {
	return append(os.Environ(), append(more,
		"HOME="+dir,
		"TMPDIR="+dir,
		"XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
		"XDG_CONFIG_HOME="+filepath.Join(dir, "config"),
		"XDG_DATA_HOME="+filepath.Join(dir, "data"),
		"XDG_RUNTIME_DIR="+dir,
	)...)
}

// removeProfile deletes a folder whose users were killed just now. A process
// that the kernel has not quite ended may still be writing into it.
func removeProfile(dir string) error {
	var err error
	for range 20 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("browser: %w", err)
}
