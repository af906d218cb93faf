package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Faults are what Chromium alone can be made to do to its parts.
type Faults interface {
	// EndSharedWorkers ends every SharedWorker, under the eyes of its clients.
	EndSharedWorkers(ctx context.Context) error

	// Push delivers a push message to the service worker of an origin.
	Push(ctx context.Context, origin, data string) error

	// StopServiceWorkersOf ends an origin's running service worker.
	StopServiceWorkersOf(ctx context.Context, origin string) error

	// ClearData deletes all that was stored under a storage key, registrations
	// included: an origin and a slash, and in a partition then "^0" and its site.
	ClearData(ctx context.Context, key string) error

	// Restart ends the browser in good order and starts it again on the same
	// profile. The tabs of before are gone.
	Restart(ctx context.Context) error
}

// FaultsOf returns nil if the browser can do none of it.
func FaultsOf(b Browser) Faults {
	faults, _ := b.(Faults)
	return faults
}

func (b *chromium) EndSharedWorkers(ctx context.Context) error {
	var targets struct {
		TargetInfos []struct{ TargetID, Type string }
	}
	if err := b.conn.call(ctx, "", "Target.getTargets", nil, &targets); err != nil {
		return err
	}
	for _, target := range targets.TargetInfos {
		if target.Type != "shared_worker" {
			continue
		}
		// One that ended meanwhile is no fault of ours.
		b.conn.call(ctx, "", "Target.closeTarget", map[string]any{"targetId": target.TargetID}, nil)
	}
	return nil
}

func (b *chromium) Push(ctx context.Context, origin, data string) error {
	return b.forServiceWorker(ctx, origin, func(session string, w serviceWorker) error {
		push := map[string]any{"origin": origin, "registrationId": w.RegistrationID, "data": data}
		return b.conn.call(ctx, session, "ServiceWorker.deliverPushMessage", push, nil)
	})
}

func (b *chromium) StopServiceWorkersOf(ctx context.Context, origin string) error {
	return b.forServiceWorker(ctx, origin, func(session string, w serviceWorker) error {
		return b.conn.call(ctx, session, "ServiceWorker.stopWorker", map[string]any{"versionId": w.VersionID}, nil)
	})
}

// serviceWorker is a version of a registration's worker as DevTools know it.
type serviceWorker struct {
	VersionID, RegistrationID, ScriptURL, Status string
}

// forServiceWorker does something to an origin's active service worker; one is
// all that these tests have at an origin.
func (b *chromium) forServiceWorker(ctx context.Context, origin string, do func(session string, w serviceWorker) error) error {
	tab, err := b.Open(ctx, "about:blank")
	if err != nil {
		return err
	}
	defer tab.Close(ctx)
	session := tab.(*chromiumTab).session
	found := make(chan serviceWorker, 1)
	b.listen(session, func(event message) {
		var p struct{ Versions []serviceWorker }
		if event.Method != "ServiceWorker.workerVersionUpdated" || json.Unmarshal(event.Params, &p) != nil {
			return
		}
		for _, version := range p.Versions {
			if version.Status == "activated" && strings.HasPrefix(version.ScriptURL, origin+"/") {
				select {
				case found <- version:
				default:
				}
			}
		}
	})
	defer b.listen(session, nil)
	if err := b.conn.call(ctx, session, "ServiceWorker.enable", nil, nil); err != nil {
		return err
	}
	select {
	case w := <-found:
		return do(session, w)
	case <-ctx.Done():
		return fmt.Errorf("browser: %s has no service worker: %w", origin, context.Cause(ctx))
	}
}

func (b *chromium) ClearData(ctx context.Context, key string) error {
	tab, err := b.Open(ctx, "about:blank")
	if err != nil {
		return err
	}
	defer tab.Close(ctx)
	clear := map[string]any{"storageKey": key, "storageTypes": "all"}
	return tab.(*chromiumTab).call(ctx, "Storage.clearDataForStorageKey", clear, nil)
}

func (b *chromium) Restart(ctx context.Context) error {
	// Its answer may be lost with it.
	if _, err := b.conn.send(ctx, "", "Browser.close", nil); err != nil {
		return err
	}
	select {
	case <-b.process.exited:
	case <-time.After(10 * time.Second):
		return errors.New("browser: it does not end")
	}
	b.conn.close()
	b.process.stop()
	return b.launch(ctx)
}
