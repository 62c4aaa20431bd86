package lsp

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name, in string
		bad      int
		ok       func(*settings) bool
	}{
		{"none", ``, 0, func(s *settings) bool { return *s == *defaultSettings() }},
		{"null", `null`, 0, func(s *settings) bool { return *s == *defaultSettings() }},
		{"nested", `{"workspaceDiagnostics":true,"inlayHints":{"types":false},"lookup":{"timeout":20}}`, 0, func(s *settings) bool {
			return s.workspaceDiagnostics && !s.hints.types && s.hints.values && s.lookupTimeout == 20*time.Millisecond
		}},
		{"dots", `{"inlayHints.values":false,"codeLens.run":false}`, 0, func(s *settings) bool { return !s.hints.values && !s.lens.run && s.lens.versions }},
		{"group", `{"codeLens":false,"inlayHints":false}`, 0, func(s *settings) bool { return !s.lens.run && !s.lens.references && !s.lens.versions && !s.hints.types }},
		{"section", `{"escape":{"workspaceDiagnostics":true}}`, 0, func(s *settings) bool { return s.workspaceDiagnostics }},
		{"unknown", `{"path":"/x","trace":{"server":"off"},"workspaceDiagnostics":true}`, 0, func(s *settings) bool { return s.workspaceDiagnostics }},
		{"wrong", `{"workspaceDiagnostics":"yes","diagnostics":{"delay":-1},"completion":5,"inlayHints":{"types":null}}`, 2, func(s *settings) bool { return *s == *defaultSettings() }},
		{"no object", `[1]`, 1, func(s *settings) bool { return *s == *defaultSettings() }},
		{"no JSON", `{`, 0, func(s *settings) bool { return *s == *defaultSettings() }},
	} {
		got, bad := readSettings(json.RawMessage(c.in))
		if !c.ok(got) || len(bad) != c.bad {
			t.Errorf("%s: got %+v, %q", c.name, got, bad)
		}
	}
}

// TestSettingsAreAskedFor shows that the client is asked, and that bad settings are told once.
func TestSettingsAreAskedFor(t *testing.T) {
	w := connect(t, Options{})
	said := `{"workspaceDiagnostics":7}`
	w.answer = func(method string, _ json.RawMessage) any {
		if method == "workspace/configuration" {
			return []json.RawMessage{json.RawMessage(said)}
		}
		return nil
	}
	w.initialize("", `{"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true}}}`, `,"initializationOptions":{"settings":{"diagnostics":{"delay":7}}}`)
	if d := w.server.settings().diagnosticsDelay; d != 7*time.Millisecond && d != 400*time.Millisecond {
		t.Errorf("the delay is %v", d)
	}
	warnings := func() (n int) {
		for _, m := range w.told {
			if m.Method == "window/showMessage" && strings.Contains(string(m.Params), "escape.workspaceDiagnostics must be a boolean") {
				n++
			}
		}
		return n
	}
	w.until("a warning", func() bool { return warnings() == 1 })
	w.notify("workspace/didChangeConfiguration", `{"settings":null}`)
	w.until("another question", func() bool { return w.asked["workspace/configuration"] == 2 })
	w.mu.Lock()
	said = `{"workspaceDiagnostics":true}`
	w.mu.Unlock()
	w.notify("workspace/didChangeConfiguration", `{"settings":null}`)
	w.until("another question", func() bool { return w.asked["workspace/configuration"] == 3 })
	for !w.server.settings().workspaceDiagnostics {
		w.good()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := warnings(); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

func TestReferencesNameAll(t *testing.T) {
	page := SettingsReference()
	for _, s := range Settings() {
		if !strings.Contains(page, "`escape."+s.Name+"`") || s.Doc == "" {
			t.Errorf("%s is not on the page, or has no doc", s.Name)
		}
	}
	for _, f := range Features() {
		if len(f.Methods) == 0 || f.Doc == "" {
			t.Errorf("%s has no methods or doc", f.Name)
		}
	}
}
