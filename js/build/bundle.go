package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/evanw/esbuild/pkg/api"
)

// bundler turns modules in js/ into files of dist/.
type bundler struct {
	goEnv
	limits string // the text of limits.js, where it is not that of js/
}

type file struct {
	name string
	data []byte
}

// bundle returns the script and its source map.
func (b bundler) bundle(entry, out string, format api.Format) ([]file, error) {
	options := b.options(entry, format)
	options.Outfile = filepath.Join("dist", out)
	options.Sourcemap = api.SourceMapLinked
	options.SourcesContent = api.SourcesContentInclude
	return build(options)
}

// inside are the properties that no other bundle, message, record or global
// knows, so that their names may be as short as those of variables. None of them
// may be one that a browser's object has.
var inside = "^(" + strings.Join([]string{
	"acknowledge", "attach", "begin", "brought", "carrier", "confirmable", "confirmed", "drop", "element", "entangle",
	"far", "first", "forgettable", "guard", "handler", "handling", "holds", "hurry", "insist", "keep", "kept", "leave",
	"leaves", "left", "light", "link", "listen", "listener", "lockHeld", "lose", "losing", "lost", "mark", "onasked",
	"onclosing", "onconclude", "onhello", "onmark", "onneed", "onrelease", "onsent", "onunsent", "outstanding",
	"patience", "post", "posted", "receive", "received", "record", "relay", "release", "repeated", "resume", "spent",
	"started", "stopped", "unconfirmed", "undecided", "until", "used", "waits", "windows",
}, "|") + ")$"

// options are those that all bundles share. Nothing may depend on a name that
// minifying changes: classes name themselves where an application can see it,
// which costs fewer bytes than esbuild's KeepNames.
func (b bundler) options(entry string, format api.Format) api.BuildOptions {
	options := api.BuildOptions{
		AbsWorkingDir:     b.root,
		EntryPoints:       []string{"./js/" + entry},
		Bundle:            true,
		Format:            format,
		Target:            api.ES2022, // Safari 16.4 and everything younger
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsNone,
		TsconfigRaw:       "{}", // a tsconfig.json above the repository is none of ours
		Plugins:           []api.Plugin{wasmExec(b.goroot)},
	}
	if b.limits != "" {
		options.Plugins = append(options.Plugins, replaced("limits.js", b.limits))
	}
	// The registry's script has Go's glue in it, which calls what the wasm exports.
	if entry != "registry.js" {
		options.MangleProps = inside
	}
	return options
}

// build runs esbuild without letting it write anything: the outputs know their
// names from the repository's dist/, wherever they end up, since source maps
// carry paths relative to it.
func build(options api.BuildOptions) ([]file, error) {
	result := api.Build(options)
	messages := append(
		api.FormatMessages(result.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage}),
		api.FormatMessages(result.Warnings, api.FormatMessagesOptions{Kind: api.WarningMessage})...)
	// Its warnings are mistakes as a rule (a comparison that can't hold, a
	// duplicate key): none is let through.
	if len(messages) > 0 {
		return nil, fmt.Errorf("esbuild %s:\n%s", options.EntryPoints[0], strings.TrimSpace(strings.Join(messages, "")))
	}
	var files []file
	for _, f := range result.OutputFiles {
		files = append(files, file{filepath.Base(f.Path), f.Contents})
	}
	return files, nil
}

// wasmExec resolves `import 'wasm_exec'` to the glue that belongs to the Go
// that compiles the registry; that of another version doesn't fit. The path is
// a virtual one, so that the source map doesn't tell where Go is installed.
func wasmExec(goroot string) api.Plugin {
	const namespace = "go"
	return api.Plugin{Name: "wasm_exec", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^wasm_exec$`},
			func(api.OnResolveArgs) (api.OnResolveResult, error) {
				return api.OnResolveResult{Path: "wasm_exec.js", Namespace: namespace}, nil
			})
		b.OnLoad(api.OnLoadOptions{Filter: `^wasm_exec\.js$`, Namespace: namespace},
			func(api.OnLoadArgs) (api.OnLoadResult, error) {
				data, err := os.ReadFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js"))
				contents := string(data)
				return api.OnLoadResult{Contents: &contents, Loader: api.LoaderJS}, err
			})
	}}
}

// bridge returns the page with its script inside, to spare the request for it,
// the script's source map, which dist/ has no place for, and the script's hash
// as a source expression for a Content-Security-Policy.
//
// js/bridge.html is a text/template whose delimiters are a comment's, so that
// it is a valid page as it stands. html/template would escape the script.
func (b bundler) bridge() (page, sourceMap []byte, csp string, err error) {
	options := b.options("bridge-page.js", api.FormatIIFE)
	options.Outfile = filepath.Join("dist", "bridge.html")
	options.Sourcemap = api.SourceMapExternal
	files, err := build(options)
	if err != nil {
		return nil, nil, "", err
	}
	sourceMap = files[0].data
	script := bytes.TrimSpace(files[1].data)
	// esbuild escapes these inside strings; anywhere else they would end the
	// element early or change how the rest of it is parsed.
	for _, tag := range []string{"</script", "<script", "<!--"} {
		if bytes.Contains(bytes.ToLower(script), []byte(tag)) {
			return nil, nil, "", fmt.Errorf("js/bridge-page.js: its bundle contains %q, which an inline script can't", tag)
		}
	}

	text, err := os.ReadFile(b.source("bridge.html"))
	if err != nil {
		return nil, nil, "", err
	}
	used := 0
	t, err := template.New("js/bridge.html").Delims("/*", "*/").Funcs(template.FuncMap{
		"bridge": func() string { used++; return string(script) },
	}).Parse(string(text))
	if err != nil {
		return nil, nil, "", err
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, nil); err != nil {
		return nil, nil, "", err
	}
	if used != 1 {
		return nil, nil, "", errors.New("js/bridge.html: want /*bridge*/ once, as the content of its script")
	}

	// A browser hashes all that stands between the tags, white space too.
	_, after, _ := bytes.Cut(buf.Bytes(), []byte("<script>"))
	inline, _, closed := bytes.Cut(after, []byte("</script>"))
	if !closed || !bytes.Contains(inline, script) {
		return nil, nil, "", errors.New("js/bridge.html: want one element <script> without attributes, and the bridge inside")
	}
	hash := sha256.Sum256(inline)
	return buf.Bytes(), sourceMap, "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'", nil
}
