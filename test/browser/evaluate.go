package browser

import (
	"encoding/json"
	"errors"
	"fmt"
)

// settling makes an expression a promise of a text that settled understands.
// The promise never rejects, so each protocol's own way to tell of errors is
// left to expressions that do not parse. When the page is left, Firefox would
// wait for ever, and so the page itself says that it is.
func settling(expression string) string {
	return fmt.Sprintf(`Promise.race([
		(async () => {
			try {
				return JSON.stringify({value: await (%s
				)});
			} catch (error) {
				return JSON.stringify({error: String(error)});
			}
		})(),
		new Promise((resolve) =>
			addEventListener('pagehide', () => resolve('{"error": "the page was left"}'), {once: true}),
		),
	])`, expression)
}

// settled decodes into result what the expression came to.
func settled(text string, result any) error {
	var outcome struct {
		Value json.RawMessage // missing where it is undefined
		Error *string
	}
	if err := json.Unmarshal([]byte(text), &outcome); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	if outcome.Error != nil {
		return errors.New(*outcome.Error)
	}
	if result == nil || outcome.Value == nil {
		return nil
	}
	if err := json.Unmarshal(outcome.Value, result); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	return nil
}

// evaluated is how DevTools and BiDi both answer with a string.
type evaluated struct {
	Result           struct{ Value string }
	ExceptionDetails *struct {
		Text      string
		Exception remoteObject // DevTools have the message here
	}
}

func (e evaluated) into(result any) error {
	if thrown := e.ExceptionDetails; thrown != nil {
		return fmt.Errorf("browser: %s %s", thrown.Text, thrown.Exception)
	}
	return settled(e.Result.Value, result)
}
