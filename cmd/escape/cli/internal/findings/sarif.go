package findings

import (
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// The part of SARIF 2.1.0 that is written here.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string          `json:"id"`
		Name    string          `json:"name"`
		Short   sarifText       `json:"shortDescription"`
		Full    sarifText       `json:"fullDescription"`
		Help    sarifHelp       `json:"help"`
		Default sarifDefault    `json:"defaultConfiguration"`
		Props   sarifProperties `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifDefault struct {
		Enabled bool   `json:"enabled"`
		Level   string `json:"level"`
	}
	sarifProperties struct {
		Category string   `json:"category"`
		Tags     []string `json:"tags"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fixes        []sarifFix         `json:"fixes,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		ID       *int          `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
)

// fingerprintName is the name and version of the way in which Fingerprints are made.
const fingerprintName = "escapeFinding/v1"

func writeSARIF(w io.Writer, r *Report) error {
	s := sarif{Report: r, index: map[*diag.Entry]int{}}
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}, Invocations: []sarifInvocation{s.invocation()}}
	all := slices.Clone(r.Findings)
	for _, x := range r.Ignored {
		all = append(all, x.Finding)
	}
	for i, fingerprint := range Fingerprints(all, r.pathOf) {
		result := s.result(&all[i], fingerprint)
		if n := i - len(r.Findings); n >= 0 {
			result.Suppressions = []sarifSuppression{{Kind: "inSource", Justification: r.Ignored[n].Reason}}
		}
		run.Results = append(run.Results, result)
	}
	if s.rules == nil {
		s.rules = []sarifRule{}
	}
	run.Tool.Driver = sarifDriver{Name: "escape", Version: r.Version, Rules: s.rules}
	return encode(w, " ", sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// A sarif collects the rules that findings need.
type sarif struct {
	*Report
	rules []sarifRule
	index map[*diag.Entry]int
}

// invocation says which files could not be read.
func (s *sarif) invocation() sarifInvocation {
	v := sarifInvocation{Successful: true}
	for _, f := range s.Files {
		if f.Error != "" {
			v.Successful = false
			v.Notifications = append(v.Notifications, sarifNotification{
				Level: "error", Message: sarifText{f.Error},
				Locations: []sarifLocation{{Physical: sarifPhysical{Artifact: s.artifact(source.NewFile(f.Name, ""))}}},
			})
		}
	}
	return v
}

func (s *sarif) result(d *diag.Diagnostic, fingerprint string) sarifResult {
	x := sarifResult{
		RuleID: string(d.Code.Code), RuleIndex: s.rule(d.Code), Level: sarifLevel(d.Severity),
		Message:      sarifText{d.Message},
		Fingerprints: map[string]string{fingerprintName: fingerprint},
	}
	if d.Hint != "" {
		x.Message.Text += "\n" + d.Hint
	}
	if d.File != nil {
		x.Locations = []sarifLocation{s.location(d.File, d.Span)}
	}
	for _, rel := range d.Related {
		if rel.File == nil {
			x.Message.Text += "\n" + rel.Message
			continue
		}
		id := len(x.Related)
		l := s.location(rel.File, rel.Span)
		l.ID, l.Message = &id, &sarifText{rel.Message}
		x.Related = append(x.Related, l)
	}
	for _, f := range d.Fixes {
		edited := d.Edited(&f)
		if edited == nil || len(f.Edits) == 0 {
			continue
		}
		change := sarifChange{Artifact: s.artifact(edited)}
		for _, e := range f.Edits {
			change.Replacements = append(change.Replacements, sarifReplacement{region(edited, e.Span), sarifText{e.New}})
		}
		x.Fixes = append(x.Fixes, sarifFix{sarifText{f.Title}, []sarifChange{change}})
	}
	return x
}

// exampleTitles are what the examples of the catalogue are, by file.
var exampleTitles = map[string]string{
	"bad.yml": "Wrong", "fixed.yml": "Right", "bad.hcl": "Wrong, in HCL", "fixed.hcl": "Right, in HCL",
}

// rule returns the index of the rule of a code.
func (s *sarif) rule(e *diag.Entry) int {
	if i, ok := s.index[e]; ok {
		return i
	}
	text := e.Summary
	x, _ := catalog.Explain(e.Code)
	if x.Text != "" {
		text = x.Text
	}
	markdown := text
	for _, f := range x.Files {
		title := exampleTitles[f.Name]
		if title == "" {
			title = "With the file " + f.Name
		}
		markdown += "\n\n" + title + ":\n\n    " + strings.ReplaceAll(strings.TrimRight(f.Text, "\n"), "\n", "\n    ")
	}
	r := sarifRule{
		ID: string(e.Code), Name: e.Name, Short: sarifText{e.Summary}, Full: sarifText{text}, Help: sarifHelp{text, markdown},
		Default: sarifDefault{Enabled: true, Level: sarifLevel(e.Severity)},
	}
	if rule := lint.Of(e); rule != nil {
		r.Default.Enabled = !rule.Off
		r.Props.Category = string(rule.Category)
		r.Props.Tags = []string{string(rule.Category)}
	}
	s.index[e] = len(s.rules)
	s.rules = append(s.rules, r)
	return s.index[e]
}

func sarifLevel(s diag.Severity) string {
	if s == diag.Advice {
		return "note"
	}
	return s.String()
}

func (s *sarif) location(f *source.File, span source.Span) sarifLocation {
	r := region(f, span)
	return sarifLocation{Physical: sarifPhysical{Artifact: s.artifact(f), Region: &r}}
}

func (s *sarif) artifact(f *source.File) sarifArtifact {
	name := s.path(f)
	a := sarifArtifact{URI: (&url.URL{Path: name}).String()}
	switch {
	case path.IsAbs(name):
		a.URI = "file://" + a.URI
	case !strings.HasPrefix(name, "../"):
		a.Base = "%SRCROOT%"
	}
	return a
}

// region returns a span as lines and UTF-16 units, of which a byte order mark is none.
func region(f *source.File, span source.Span) sarifRegion {
	at := func(off int32) (int, int) {
		line, char := f.UTF16(int(off))
		if line == 0 && char > 0 && strings.HasPrefix(f.Text(), source.BOM) {
			char--
		}
		return line + 1, char + 1
	}
	var r sarifRegion
	r.StartLine, r.StartColumn = at(span.Start)
	r.EndLine, r.EndColumn = at(max(span.Start, span.End))
	return r
}
