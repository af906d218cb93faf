package test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/navigator-connect/navigator-connect/test/browser"
)

// TestDemo uses the demo's page as a person would, and reads what it says.
func TestDemo(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	for _, engine := range browser.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			defer takeTurn()()
			for _, v := range []*demoVisit{
				{engine: engine, relation: "same site", client: demo[1], service: demo[0]},
				{engine: engine, relation: "cross-site", client: demo[1], service: demo[2]},
			} {
				t.Run(v.relation, func(t *testing.T) {
					v.browser = start(t, engine)
					v.page = openDemo(t, v.browser, demo[0]+"/1-echo/")
					v.steps(t)
					v.page.close(t)
				})
			}
		})
	}
}

// demoVisit is a visit to the echo page, by a client of one relation to the service.
type demoVisit struct {
	engine          browser.Engine
	relation        string // as the page calls it
	client, service string // origins
	browser         browser.Browser
	page            *demoPage
	registryHeight  float64 // before the connection
}

// steps are subtests, each of which goes on where the one before it ended.
func (v *demoVisit) steps(t *testing.T) {
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"the origins are a choice and a link away", v.chooseOrigins},
		{"a wrong URL shows a problem", v.connectToNowhere},
		{"connecting shows the port", v.connect},
		{"what is sent comes back", v.send},
		{"the registry shows the connection", v.lookAtRegistry},
		{"another client that leaves is told of", v.leaveFromAnother},
		{"a port closed from this side says so", v.closeHere},
		{"a port closed from the other side says so", v.closeThere},
	} {
		if !t.Run(step.name, step.do) {
			return
		}
	}
}

func (v *demoVisit) chooseOrigins(t *testing.T) {
	v.page.until(t, `document.querySelector('#call')?.textContent`)
	v.page.click(t, fmt.Sprintf(`input[value="%s"]`, v.service))
	v.page.click(t, fmt.Sprintf(`#clients a[href^="%s/"]`, v.client))
	v.page.until(t, fmt.Sprintf(`location.origin === %q && document.querySelector('#call')?.textContent`, v.client))
	v.page.reads(t, `#clients [aria-current]`, host(v.client))
	v.page.reads(t, `label:has(input[name="service"]:checked)`, host(v.service)+v.relation)
	v.page.reads(t, `#registry-origin`, host(v.service))
	v.page.reads(t, `#state`, "none yet")
}

func (v *demoVisit) connectToNowhere(t *testing.T) {
	for _, wrong := range []struct{ url, problem, advice string }{
		{v.service + "/services/nowhere/", "AbortError", "Nobody answers at this URL"},
		{"http://", "TypeError", "The URL does not parse."},
	} {
		v.page.enter(t, "#url", wrong.url)
		v.page.click(t, "#connect-button")
		v.page.until(t, fmt.Sprintf(`document.querySelector('#problem strong')?.textContent.startsWith(%q)`, wrong.problem))
		v.page.until(t, `document.querySelector('#problem').checkVisibility()`)
		v.page.reads(t, "#problem", wrong.advice)
		v.page.reads(t, "#state", "failed")
	}
	v.page.enter(t, "#url", v.service+"/services/echo/")
}

func (v *demoVisit) connect(t *testing.T) {
	v.page.until(t, registryHeight)
	v.page.evaluate(t, registryHeight, &v.registryHeight)
	v.page.connect(t)
	v.page.until(t, `document.querySelector('#problem').hidden`)
	v.page.reads(t, "#port-target", v.service+"/services/echo/")
	v.page.reads(t, "#port-name", `"echo demo"`)
	v.page.reads(t, "#port-data", `{"since":"`)
	v.page.reads(t, "#log", "Connected in ")
}

func (v *demoVisit) send(t *testing.T) {
	v.page.enter(t, "#text", "Is anyone there?")
	v.page.click(t, "#send-button")
	v.page.until(t, `document.querySelector('#log .answer small')`)
	v.page.reads(t, "#log .sent", "Is anyone there?")
	v.page.reads(t, "#log .answer span", "Is anyone there?")
	v.page.reads(t, "#log .answer small", "ms")
}

// registryHeight is how tall the registry's frame wants to be: an expression for a number, 0 before it has an answer.
const registryHeight = `(parseFloat(document.querySelector('#registry-frame').style.height) || 0)`

// lookAtRegistry sees the snapshot's frame, which is of another origin, grow by
// what the connection adds. To read that takes a tab of its own, which meets
// the same registry unless the frame's storage is a partition: that it is in
// another site, and in WebKit in any other origin.
func (v *demoVisit) lookAtRegistry(t *testing.T) {
	v.page.until(t, fmt.Sprintf(`%s > %v`, registryHeight, v.registryHeight))
	if v.relation == "cross-site" || v.engine == browser.WebKit {
		return
	}
	registry := openDemo(t, v.browser, v.service+"/1-echo/registry.html")
	registry.until(t, `document.querySelector('caption')?.textContent === 'Connections 1'`)
	for _, text := range []string{"open", host(v.client), "/services/echo/"} {
		registry.reads(t, "tbody tr", text)
	}
	registry.close(t)
}

func (v *demoVisit) leaveFromAnother(t *testing.T) {
	var url string
	v.page.evaluate(t, `document.querySelector('#another').href`, &url)
	another := openDemo(t, v.browser, url)
	another.until(t, `document.querySelector('#call')?.textContent`)
	// A page that is closed while its modules wait for the network spins for ever in WebKit 2.50, and holds its locks.
	another.until(t, registryHeight)
	another.connect(t)
	another.close(t)
	v.page.awaitNote(t, fmt.Sprintf("a client at %s has gone. Only this page is connected now.", v.client))
}

func (v *demoVisit) closeHere(t *testing.T) {
	v.page.click(t, "#close-here")
	v.page.reads(t, "#state", "closed")
	v.page.reads(t, "#log li:last-child", "You closed the port.")
}

func (v *demoVisit) closeThere(t *testing.T) {
	v.page.connect(t)
	v.page.click(t, "#close-there")
	v.page.awaitNote(t, "A close event was fired here")
	v.page.reads(t, "#state", "closed")
}

// demoPage is a tab with a page of the demo in it.
type demoPage struct {
	ctx context.Context
	tab browser.Tab
}

func openDemo(t *testing.T, b browser.Browser, url string) *demoPage {
	t.Helper()
	ctx := beforeDeadline(t)
	tab, err := b.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	return &demoPage{ctx, tab}
}

// demoTime is how long anything may take that a person waits for here, on a machine that has others to run as well.
const demoTime = 2 * time.Minute

// soon bounds what should take no longer than that.
func (p *demoPage) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, demoTime)
}

func (p *demoPage) close(t *testing.T) {
	t.Helper()
	ctx, cancel := p.soon()
	defer cancel()
	if err := p.tab.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

func (p *demoPage) connect(t *testing.T) {
	t.Helper()
	p.click(t, "#connect-button")
	p.until(t, `document.querySelector('#state').textContent === 'open'`)
}

func (p *demoPage) click(t *testing.T, selector string) {
	t.Helper()
	p.evaluate(t, fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil)
}

func (p *demoPage) enter(t *testing.T, selector, text string) {
	t.Helper()
	p.evaluate(t, fmt.Sprintf(`void (document.querySelector(%q).value = %q)`, selector, text), nil)
}

// reads expects a text in the first element that a selector finds.
func (p *demoPage) reads(t *testing.T, selector, want string) {
	t.Helper()
	var got string
	p.evaluate(t, fmt.Sprintf(`document.querySelector(%q).textContent`, selector), &got)
	if !strings.Contains(got, want) {
		t.Errorf("%s reads %q, want %q", selector, got, want)
	}
}

func (p *demoPage) awaitNote(t *testing.T, text string) {
	t.Helper()
	p.until(t, fmt.Sprintf(`document.querySelector('#log .note:last-child')?.textContent.includes(%q)`, text))
}

func (p *demoPage) evaluate(t *testing.T, expression string, result any) {
	t.Helper()
	ctx, cancel := p.soon()
	defer cancel()
	if err := p.tab.Evaluate(ctx, expression, result); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}

// until waits for a condition, in whatever page the tab comes to.
func (p *demoPage) until(t *testing.T, condition string) {
	t.Helper()
	ctx, cancel := p.soon()
	defer cancel()
	met := fmt.Sprintf(`new Promise((resolve) => {
		const look = () => (%s) && resolve();
		new MutationObserver(look).observe(document, {attributes: true, characterData: true, childList: true, subtree: true});
		look();
	})`, condition)
	for {
		err := p.tab.Evaluate(ctx, met, nil)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Errorf("%s: %v", condition, err)
			var text string
			p.evaluate(t, `document.body.innerText`, &text)
			t.Fatalf("the page reads:\n%s", text)
		}
		// The page was left, for the one that is meant.
	}
}

// startDemo runs the demo until the test ends, and returns its origins.
func startDemo(t *testing.T) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "demo")
	tool(t, nil, "go", "build", "-o", program, "./demo")
	for port := 20001; port < 21000; port += 3 {
		cmd := exec.CommandContext(t.Context(), program, "-port", strconv.Itoa(port), "-dist", "../dist")
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 5 * time.Second
		// Covers the deaths of the test in which nothing is cancelled.
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		var complaint strings.Builder
		cmd.Stderr = &complaint
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var printed string
		for lines := bufio.NewScanner(stdout); lines.Scan() && !strings.Contains(printed, "Ctrl+C"); {
			printed += lines.Text() + "\n"
		}
		if !strings.Contains(printed, "Ctrl+C") {
			if err := cmd.Wait(); strings.Contains(complaint.String(), "is taken") {
				continue
			} else {
				t.Fatalf("the demo does not start: %v\n%s%s", err, printed, &complaint)
			}
		}
		t.Cleanup(func() {
			// Interrupted by now, since the test's context has ended.
			if err := cmd.Wait(); !errors.Is(err, context.Canceled) {
				t.Errorf("the demo did not stop well: %v\n%s", err, &complaint)
			}
		})
		urls := regexp.MustCompile(`http://\S+`).FindAllString(printed, -1)
		if len(urls) != 3 || strings.Contains(printed, "can't connect") {
			t.Fatalf("the demo printed:\n%s", printed)
		}
		return urls
	}
	t.Fatal("no three consecutive ports are free")
	return nil
}

// host is how the demo's pages call an origin.
func host(origin string) string { return strings.TrimPrefix(origin, "http://") }
