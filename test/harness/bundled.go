package harness

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// serveBundled serves the cases of a module in pages/contexts as a script, for
// the classic service worker, which can't import them.
func serveBundled(w http.ResponseWriter, r *http.Request, limits string) {
	pages := filepath.Join(Root(), "test/pages")
	module := strings.TrimSuffix(r.PathValue("script"), ".js")
	result := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{
			Contents:   fmt.Sprintf("import './%s.test.js'; import './run-when-told.js';", module),
			ResolveDir: filepath.Join(pages, "contexts"),
		},
		Bundle:      true,
		Format:      api.FormatIIFE,
		TsconfigRaw: "{}", // a tsconfig.json above the repository is none of ours
		Plugins:     []api.Plugin{absolutePaths(pages, limits)},
	})
	if len(result.Errors) > 0 {
		http.Error(w, strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/javascript")
	w.Write(result.OutputFiles[0].Contents)
}

// absolutePaths finds what a site serves at a path.
func absolutePaths(pages, limits string) api.Plugin {
	return api.Plugin{Name: "absolute paths", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: "^/"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			root := pages
			switch {
			case args.Path == "/js/limits.js":
				return api.OnResolveResult{Path: limits}, nil
			case strings.HasPrefix(args.Path, "/js/"):
				root = Root()
			case strings.HasPrefix(args.Path, "/node_modules/"):
				root = filepath.Dir(pages)
			}
			return api.OnResolveResult{Path: filepath.Join(root, filepath.FromSlash(args.Path))}, nil
		})
	}}
}
