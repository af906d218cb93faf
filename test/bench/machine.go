package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// Setting is what the numbers depend on.
type Setting struct {
	Date       string            `json:"date"`
	Cores      int               `json:"cores"`
	CPU        string            `json:"cpu"`
	LoadBefore string            `json:"loadBefore"`
	LoadAfter  string            `json:"loadAfter"`
	Versions   map[string]string `json:"versions"`
}

// peers are the packages that are compared.
var peers = []string{"penpal", "comlink", "@krakenjs/post-robot"}

func newSetting() (Setting, error) {
	s := Setting{
		Date:       time.Now().UTC().Format("2006-01-02 15:04 MST"),
		Cores:      runtime.NumCPU(),
		CPU:        cpu(),
		LoadBefore: load(),
		Versions:   map[string]string{"go": runtime.Version()},
	}
	for _, peer := range peers {
		data, err := os.ReadFile(filepath.Join("test/node_modules", peer, "package.json"))
		if err != nil {
			return s, fmt.Errorf("%w: run test/install.sh", err)
		}
		var manifest struct{ Version string }
		if err := json.Unmarshal(data, &manifest); err != nil {
			return s, fmt.Errorf("%s: %w", peer, err)
		}
		s.Versions[peer] = manifest.Version
	}
	for engine, program := range map[browser.Engine]string{browser.Chromium: "chromium", browser.Firefox: "firefox-esr"} {
		if out, err := exec.Command(program, "--version").Output(); err == nil {
			s.Versions[string(engine)] = version(string(out))
		}
	}
	if out, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		s.Versions[ours] = strings.TrimSpace(string(out))
	}
	return s, nil
}

// version is the first word that begins with a digit.
func version(text string) string {
	for _, word := range strings.Fields(text) {
		if word[0] >= '0' && word[0] <= '9' {
			return word
		}
	}
	return strings.TrimSpace(text)
}

// load is the machine's, over 1, 5 and 15 minutes.
func load() string {
	data, _ := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(data)); len(fields) >= 3 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}

func cpu() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.SplitSeq(string(data), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
