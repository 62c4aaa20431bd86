package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/protocol"
)

// A Setting is something that users can choose, in the section "escape" of the settings of their editor.
type Setting struct {
	Name string
	// Default is a bool or, for numbers, an int.
	Default any
	Doc     string

	set func(*settings, any)
}

// settings are the values of all settings.
type settings struct {
	workspaceDiagnostics, pullDiagnostics bool
	diagnosticsDelay                      time.Duration
	hints                                 struct{ types, versions, values, parameters bool }
	lens                                  struct{ run, references, versions bool }
	snippets                              bool
	lookupTimeout                         time.Duration
}

// Settings returns all settings, in the order of the reference.
func Settings() []Setting {
	flag := func(name string, value bool, doc string, at func(*settings) *bool) Setting {
		return Setting{name, value, doc, func(s *settings, v any) { *at(s) = v.(bool) }}
	}
	millis := func(name string, value int, doc string, at func(*settings) *time.Duration) Setting {
		return Setting{name, value, doc, func(s *settings, v any) { *at(s) = time.Duration(v.(int)) * time.Millisecond }}
	}
	return []Setting{
		flag("workspaceDiagnostics", false, "Show findings in plans that are not open too.",
			func(s *settings) *bool { return &s.workspaceDiagnostics }),
		flag("diagnostics.pull", true, "Let editors that can ask for findings ask. Otherwise the server sends them, as it does to all others. Read when the server starts.",
			func(s *settings) *bool { return &s.pullDiagnostics }),
		millis("diagnostics.delay", 400, "How many milliseconds an unknown name is not told while the cursor stands at it.",
			func(s *settings) *time.Duration { return &s.diagnosticsDelay }),
		flag("inlayHints.types", true, "Show the types of inputs and outputs behind them.", func(s *settings) *bool { return &s.hints.types }),
		flag("inlayHints.versions", true, "Show which version a dependency means now.", func(s *settings) *bool { return &s.hints.versions }),
		flag("inlayHints.values", true, "Show what an expression gives, where that is known.", func(s *settings) *bool { return &s.hints.values }),
		flag("inlayHints.parameters", true, "Show the names of parameters in calls.", func(s *settings) *bool { return &s.hints.parameters }),
		flag("codeLens.run", true, "Show links that run the commands of a plan, in editors that can.", func(s *settings) *bool { return &s.lens.run }),
		flag("codeLens.references", true, "Show how often inputs, outputs and packages are used.", func(s *settings) *bool { return &s.lens.references }),
		flag("codeLens.versions", true, "Show newer versions of dependencies.", func(s *settings) *bool { return &s.lens.versions }),
		flag("completion.snippets", true, "Offer snippets, in editors that can.", func(s *settings) *bool { return &s.snippets }),
		millis("lookup.timeout", 5000, "How many milliseconds an Inventory may take to tell which versions there are.",
			func(s *settings) *time.Duration { return &s.lookupTimeout }),
	}
}

// section is that of the settings of the editor.
const section = "escape"

func (s *Setting) typeName() string {
	if _, ok := s.Default.(bool); ok {
		return "boolean"
	}
	return "number"
}

// defaultSettings are those of somebody who has chosen nothing.
func defaultSettings() *settings {
	out := &settings{}
	for _, x := range Settings() {
		x.set(out, x.Default)
	}
	return out
}

// readSettings reads what the client says. Names may be nested or have dots; a group may be a boolean for all in it. What is
// no good has its default and is told.
func readSettings(raw json.RawMessage) (*settings, []string) {
	out := defaultSettings()
	var all any
	if len(raw) == 0 || json.Unmarshal(raw, &all) != nil || all == nil {
		return out, nil
	}
	root, ok := all.(map[string]any)
	if !ok {
		return out, []string{"the settings of Escape must be an object"}
	}
	if inner, ok := root[section].(map[string]any); ok && len(root) == 1 {
		root = inner
	}
	var bad []string
	for _, x := range Settings() {
		v, ok := valueOf(root, x.Name)
		if !ok || v == nil {
			continue
		}
		if good, ok := x.value(v); ok {
			x.set(out, good)
		} else {
			bad = append(bad, fmt.Sprintf("the setting %s.%s must be a %s", section, x.Name, x.typeName()))
		}
	}
	return out, bad
}

// valueOf finds a setting in nested objects.
func valueOf(in map[string]any, name string) (any, bool) {
	if v, ok := in[name]; ok {
		return v, true
	}
	group, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil, false
	}
	switch v := in[group].(type) {
	case map[string]any:
		return valueOf(v, rest)
	case bool:
		return v, group == "inlayHints" || group == "codeLens"
	}
	return nil, false
}

// maxMillis is how long any time may be.
const maxMillis = 10 * 60 * 1000

// value converts a value to the type of the default.
func (s *Setting) value(v any) (any, bool) {
	switch s.Default.(type) {
	case bool:
		b, ok := v.(bool)
		return b, ok
	default:
		n, ok := v.(float64)
		return int(n), ok && n >= 0 && n <= maxMillis
	}
}

// settings returns what the user has chosen.
func (s *server) settings() *settings { return s.chosen.Load() }

// choose takes settings of the client. Of what is no good it warns once.
func (s *server) choose(raw json.RawMessage) {
	next, bad := readSettings(raw)
	s.chosen.Store(next)
	slices.Sort(bad)
	text := strings.Join(bad, "; ")
	if old := s.warned.Swap(&text); text == "" || old != nil && *old == text {
		return
	}
	s.background(func(ctx context.Context) {
		s.told(s.client.ShowMessage(ctx, &protocol.ShowMessageParams{Type: protocol.MessageTypeWarning, Message: text + "; the default is taken."}))
	})
}

// askSettings asks the client for its settings, if it can tell them.
func (s *server) askSettings() {
	if !s.can.Workspace.Configuration {
		return
	}
	s.background(func(ctx context.Context) {
		name := section
		got, err := s.client.Configuration(ctx, &protocol.ConfigurationParams{Items: []protocol.ConfigurationItem{{Section: &name}}})
		if err != nil || len(got) == 0 {
			s.told(err)
			return
		}
		s.choose(json.RawMessage(got[0]))
		s.somethingChanged()
	})
}

// DidChangeConfiguration implements the notification "workspace/didChangeConfiguration".
func (s *server) DidChangeConfiguration(_ context.Context, p *protocol.DidChangeConfigurationParams) error {
	if s.can.Workspace.Configuration {
		s.askSettings()
		return nil
	}
	var bySection map[string]json.RawMessage
	raw := json.RawMessage(p.Settings)
	if json.Unmarshal(raw, &bySection) == nil && bySection[section] != nil {
		raw = bySection[section]
	}
	s.choose(raw)
	s.somethingChanged()
	return nil
}

// SettingsReference is the page of all settings.
func SettingsReference() string {
	var b strings.Builder
	b.WriteString("# Settings of the language server\n\n")
	b.WriteString("They stand in the section `" + section + "` of the settings of the editor, or in `initializationOptions.settings`.\n\n")
	b.WriteString("| setting | type | default | |\n|---|---|---|---|\n")
	for _, x := range Settings() {
		fmt.Fprintf(&b, "| `%s.%s` | %s | `%v` | %s |\n", section, x.Name, x.typeName(), x.Default, x.Doc)
	}
	b.WriteString("\nThe groups `inlayHints` and `codeLens` may be `false` or `true` for all in them.\n")
	return b.String()
}

// FeatureReference is the page of all features.
func FeatureReference() string {
	var b strings.Builder
	b.WriteString("# What the language server does\n\n| | | methods |\n|---|---|---|\n")
	for _, f := range Features() {
		fmt.Fprintf(&b, "| **%s** | %s | `%s` |\n", f.Name, f.Doc, strings.Join(f.Methods, "`, `"))
	}
	return b.String()
}
