package findings

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// sample is a report with everything that a finding can have, and texts that formats must escape.
func sample() *Report {
	f := source.NewFile("a b/escape.yml", "\uFEFFname: \"😀\" inptus <&>\nsecond: line\nsecond: line\n")
	script := source.NewFile("a b/t%.sh", "echo 😀 $INPUT_x\n")
	span := func(f *source.File, word string) source.Span {
		i := int32(strings.Index(f.Text(), word))
		return source.Span{Start: i, End: i + int32(len(word))}
	}
	d := diag.New(diag.UnknownField, f, span(f, "inptus"), "unknown <field> \"inptus\"\nand \x01 more, 50%")
	d.Hint = "a hint: with \"quotes\""
	d.Fixes = []diag.Fix{{Title: "replace", Preferred: true, Edits: []source.Edit{{Span: span(f, "inptus"), New: "inputs"}}}, {Title: "none"}}
	d.Related = []diag.Related{{File: script, Span: span(script, "$INPUT_x"), Message: "here"}, {Message: "nowhere"}}
	several := diag.New(diag.InvalidName, f, source.Span{Start: 10, End: int32(len(f.Text()))}, "over lines")
	advice := diag.New(diag.IgnoreReason, script, span(script, "$INPUT_x"), "advice")
	none := diag.New(diag.DuplicateKey, nil, source.Span{}, "no place")
	ignored := diag.New(diag.DependencyLatest, f, span(f, "second"), "silenced")
	return &Report{
		Version:  "1.0",
		Files:    []File{{Name: "a b/escape.yml"}, {Name: "clean/escape.yml"}, {Name: "none.yml", Error: "it <cannot> be read"}},
		Findings: diag.List{none, d, several, advice}.Sort(),
		Ignored:  []lint.Ignored{{Finding: ignored, File: f, By: span(f, "name"), Reason: "because"}},
	}
}

func write(t *testing.T, format string, r *Report) string {
	t.Helper()
	f, ok := Lookup(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var out bytes.Buffer
	if err := f.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestSARIF checks reports against the official schema, which has its descriptions left out.
func TestSARIF(t *testing.T) {
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Report{"empty": {}, "sample": sample()} {
		out := write(t, "sarif", r)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestSARIFPlaces: columns are UTF-16 units without the byte order mark, paths are URIs, silenced findings say so.
func TestSARIFPlaces(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(write(t, "sarif", sample())), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if run.ColumnKind != "utf16CodeUnits" || run.Invocations[0].Successful {
		t.Errorf("the run is %+v", run)
	}
	i := slices.IndexFunc(run.Results, func(r sarifResult) bool { return r.RuleID == "ESC2001" })
	r := run.Results[i]
	at := r.Locations[0].Physical
	if want := (sarifRegion{1, 12, 1, 18}); *at.Region != want { // name: "😀" is 11 units wide
		t.Errorf("the region is %+v, want %+v", *at.Region, want)
	}
	if at.Artifact.URI != "a%20b/escape.yml" || r.Related[0].Physical.Artifact.URI != "a%20b/t%25.sh" {
		t.Errorf("the paths are %s and %s", at.Artifact.URI, r.Related[0].Physical.Artifact.URI)
	}
	if r.Related[0].Physical.Region.StartColumn != 9 {
		t.Errorf("the related column is %d", r.Related[0].Physical.Region.StartColumn)
	}
	if got := r.Fixes[0].Changes[0].Replacements[0]; got.Inserted.Text != "inputs" || got.Deleted != *at.Region {
		t.Errorf("the fix is %+v", got)
	}
	if run.Tool.Driver.Rules[r.RuleIndex].ID != "ESC2001" {
		t.Errorf("the rule of the finding is %+v", run.Tool.Driver.Rules[r.RuleIndex])
	}
	last := run.Results[len(run.Results)-1]
	if last.RuleID != "ESC6101" || len(last.Suppressions) != 1 || last.Suppressions[0].Justification != "because" {
		t.Errorf("the silenced finding is %+v", last)
	}
}

// TestWellFormed: whatever findings say, reports can be read.
func TestWellFormed(t *testing.T) {
	for _, format := range []string{"json", "sarif", "gitlab"} {
		if out := write(t, format, sample()); !json.Valid([]byte(out)) {
			t.Errorf("%s is no JSON:\n%s", format, out)
		}
	}
	lines := strings.Split(strings.TrimSpace(write(t, "jsonl", sample())), "\n")
	if len(lines) != 4 {
		t.Errorf("jsonl has %d lines, want 4", len(lines))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("jsonl has a line that is no JSON: %s", line)
		}
	}
	for _, format := range []string{"junit", "checkstyle"} {
		if err := xml.Unmarshal([]byte(write(t, format, sample())), new(struct{})); err != nil {
			t.Errorf("%s is no XML: %v", format, err)
		}
	}
	for format, lines := range map[string]int{"oneline": 4, "github": 5} {
		if out := write(t, format, sample()); strings.Count(out, "\n") != lines {
			t.Errorf("%s has not %d lines:\n%s", format, lines, out)
		}
	}
	github := write(t, "github", sample())
	if want := "::warning file=a b/escape.yml,line=1,endLine=1,col=11,endColumn=17,title=ESC2001 unknown-field::unknown <field> \"inptus\"%0Aand \x01 more, 50%25%0Aa hint: with \"quotes\"\n"; !strings.Contains(github, want) {
		t.Errorf("github gives\n%s", github)
	}
}

// TestUnreadable: what only programs read tells of files that could not be read.
func TestUnreadable(t *testing.T) {
	for _, format := range []string{"json", "sarif", "junit", "checkstyle", "github", "gitlab"} {
		out := write(t, format, sample())
		if !strings.Contains(out, "none.yml") || !strings.Contains(out, "be read") {
			t.Errorf("%s does not tell:\n%s", format, out)
		}
	}
}

func TestJUnitFailures(t *testing.T) {
	r := sample()
	out := write(t, "junit", r)
	if !strings.Contains(out, `<testsuites name="escape lint" tests="6" failures="1" errors="1">`) {
		t.Errorf("only errors fail without more:\n%s", out)
	}
	r.Fails = func(d *diag.Diagnostic) bool { return d.Severity <= diag.Warning }
	if out := write(t, "junit", r); !strings.Contains(out, `tests="6" failures="3" errors="1"`) {
		t.Errorf("warnings do not fail:\n%s", out)
	}
}

// TestFingerprints: what a finding is known by survives moved lines and other indentation; equal findings are told apart.
func TestFingerprints(t *testing.T) {
	list := func(text string) diag.List {
		f := source.NewFile("escape.yml", text)
		var list diag.List
		for at := 0; ; {
			i := strings.Index(text[at:], "owner")
			if i < 0 {
				return list
			}
			at += i + len("owner")
			list = append(list, diag.New(diag.UnknownField, f, source.Span{Start: int32(at - len("owner")), End: int32(at)}, "unknown"))
		}
	}
	same := func(name string) string { return name }
	first := Fingerprints(list("owner: me\nowner: me\nowner: you\n"), same)
	if first[0] == first[1] || first[0] == first[2] || first[1] == first[2] {
		t.Errorf("equal fingerprints: %v", first)
	}
	moved := Fingerprints(list("# a line\n\n  owner: me\n\towner: me\n\nowner: you\n"), same)
	if !slices.Equal(first, moved) {
		t.Errorf("moved lines change %v to %v", first, moved)
	}
	other := Fingerprints(list("owner: me\n"), func(string) string { return "other.yml" })
	if other[0] == first[0] {
		t.Error("another file has the same fingerprint")
	}
}

// FuzzBaseline: whatever is read as a baseline filters a list without losing errors.
func FuzzBaseline(f *testing.F) {
	text, _ := EncodeBaseline(sample().Findings, func(name string) string { return name })
	f.Add([]byte(text))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := DecodeBaseline(text)
		if err != nil {
			return
		}
		list := sample().Findings
		rest, gone := b.Filter(list, func(name string) string { return name })
		if rest.Count(diag.Error) != list.Count(diag.Error) || len(gone) > len(b.accepted) {
			t.Errorf("filtering leaves %d errors of %d; %d are gone", rest.Count(diag.Error), list.Count(diag.Error), len(gone))
		}
	})
}
