package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"github.com/evanw/esbuild/pkg/api"
)

// otherLimits returns the text of limits.js with other bounds: those of a JSON
// file, by their names, each an object with its "value".
func otherLimits(source, bounds string) (string, error) {
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(bounds)
	if err != nil {
		return "", err
	}
	var others map[string]struct{ Value json.Number }
	if err := json.Unmarshal(data, &others); err != nil {
		return "", fmt.Errorf("%s: %w", bounds, err)
	}
	for name, other := range others {
		declared := regexp.MustCompile(`(?m)^(export const ` + regexp.QuoteMeta(name) + ` = )[^;]+;$`)
		if len(declared.FindAll(text, -1)) != 1 {
			return "", fmt.Errorf("%s: limits.js has no bound %s", bounds, name)
		}
		text = declared.ReplaceAll(text, []byte("${1}"+other.Value.String()+";"))
	}
	return string(text), nil
}

// replaced bundles another text in place of the file of that name in js/.
func replaced(name, text string) api.Plugin {
	return api.Plugin{Name: "another " + name, Setup: func(b api.PluginBuild) {
		b.OnLoad(api.OnLoadOptions{Filter: `/js/` + regexp.QuoteMeta(name) + `$`},
			func(api.OnLoadArgs) (api.OnLoadResult, error) {
				return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
			})
	}}
}
