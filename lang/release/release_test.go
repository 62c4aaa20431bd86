package release_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/lang/release"
)

// minimal is what the original writes for "name: foo", "version: 1" outside of a git repository, but for the version
// of the client (20-plan-and-release, 6.3).
const minimal = `{
   "api_version": 15,
   "built_with_core_version": "0.15.7",
   "built_with_escape_version": "1",
   "description": "",
   "files": {},
   "license": "",
   "logo": "",
   "name": "foo",
   "repository": "",
   "branch": "",
   "git_revision": "",
   "revision_message": "",
   "revision_author": "",
   "metadata": {},
   "version": "1",
   "generates": [],
   "consumes": [],
   "downloads": null,
   "depends": [],
   "errands": {},
   "extends": [],
   "inputs": [],
   "outputs": [],
   "project": "_",
   "provides": [],
   "stages": {},
   "templates": [],
   "variable_context": {}
}`

func TestEncodeMinimal(t *testing.T) {
	m := release.New()
	m.Name, m.Version, m.BuiltWithEscapeVersion = "foo", "1", "1"
	if diff := cmp.Diff(minimal, string(m.Encode())); diff != "" {
		t.Errorf("Encode (-want +got):\n%s", diff)
	}
}

// full has something in every key.
func full() *release.Metadata {
	m := release.New()
	m.Name, m.Project, m.Version, m.Description = "ferry", "harbour", "2.1.0", "Carries <people> & \"cars\".\n\tx\u2028\x01\b"
	m.BuiltWithEscapeVersion, m.License, m.Logo = "0.1", "MIT", "ZmVycnk="
	m.Repository, m.Branch, m.Revision, m.RevisionMessage, m.RevisionAuthor = "r", "main", "ba88", "First", "Ada <ada@x>"
	m.Files = map[string]string{"b": "1", "a": "2", "ä": "3", "B": "4"}
	m.Metadata["k"] = "v"
	m.Generates = []string{"out/*"}
	m.Consumes = []*release.Consumer{{Name: "shore", Variable: "s", Scopes: []string{"deploy"}, SkipActivate: true, SkipDeactivate: true}}
	m.Downloads = []*release.Download{
		{URL: "http://x/a", Dest: "a", Scopes: release.Both()},
		{URL: "http://x/b", Dest: "b", Overwrite: true, Unpack: true, IfNotExists: []string{"c/*"}, Platform: "linux", Arch: "amd64", Scopes: []string{"build"}},
	}
	m.Depends = []*release.Dependency{{
		ReleaseID: "harbour/rope-v1.0.0", Mapping: map[string]any{},
		BuildMapping:  map[string]any{"a": int64(1), "b": 1.5, "c": []any{"x", true, nil}, "d": uint64(1<<63 + 1), "e": 1e-9, "f": 1e21},
		DeployMapping: map[string]any{"m": map[string]any{"z": int64(-4), "a": "$this.name"}},
		Consumes:      map[string]string{"power": "$shore.deployment"}, DeploymentName: "d", Variable: "rope", Scopes: release.Both(),
	}}
	m.Errands["count"] = &release.Errand{Name: "count", Description: "D", Run: &release.Stage{Cmd: "wc", Args: []string{"-l"}},
		Inputs: []*release.Variable{{ID: "n", Type: "integer", Default: int64(0), Visible: true, Scopes: release.Both()}}}
	m.Errands["none"] = &release.Errand{Name: "none"}
	m.Extends = []*release.Extension{{ReleaseID: "harbour/hull-v0.3.0"}}
	m.Inputs = []*release.Variable{{ID: "x", Type: "list", Default: []any{}, Description: "d", Friendly: "f", Visible: true,
		Options: map[string]any{"string": true, "min": int64(2)}, Sensitive: true, Items: []any{"a", int64(1)}, EvalBeforeDependencies: true, Scopes: release.Both()}}
	m.Outputs = []*release.Variable{{ID: "y", Type: "string", Default: "", Scopes: []string{"build"}}}
	m.Provides = []*release.Provider{{Name: "ferry"}}
	m.Stages = map[string]*release.Stage{"build": {Script: "b.sh"}, "test": {Inline: "echo\n"}, "smoke": {}}
	m.Templates = []*release.Template{{File: "t.tpl", Target: "t", Scopes: []string{"deploy"}, Mapping: map[string]any{"n": "$this.name", "i": int64(3)}}}
	m.VariableContext = map[string]string{"old": "_/old"}
	return m
}

// The struct tags say the same as the hand-written encoder, so encoding/json is its oracle.
func TestEncodeIsWhatEncodingJSONWrites(t *testing.T) {
	m := full()
	m.Errands["none"].Inputs = []*release.Variable{}
	want, err := json.MarshalIndent(m, "", "   ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(m.Encode())); diff != "" {
		t.Errorf("Encode (-encoding/json +ours):\n%s", diff)
	}
	want, _ = json.Marshal(m)
	if diff := cmp.Diff(string(want), string(m.EncodeCompact())); diff != "" {
		t.Errorf("EncodeCompact (-encoding/json +ours):\n%s", diff)
	}
}

func TestDecodeEncodeRoundTrip(t *testing.T) {
	m := full()
	got, err := release.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("Decode(Encode(m)) (-want +got):\n%s", diff)
	}
	if m.Digest() != got.Digest() || !strings.HasPrefix(m.Digest(), "sha256:") {
		t.Errorf("digests differ: %s, %s", m.Digest(), got.Digest())
	}
}

func TestDecodeOldDocuments(t *testing.T) {
	const doc = `{"API_VERSION": 1, "Name": "base", "version": "1.0", "unknown": [1],
	"generates": null, "files": null, "stages": {"build": null, "old_name": {"script": "x.sh"}},
	"inputs": [{"id": " x "}, {"id": "y", "visible": false, "eval_before_dependencies": false, "scopes": [], "default": 12.0, "items": [1e3, 2.5]}],
	"consumes": [{"Name": "shore"}],
	"depends": [{"release_id": "rope-v1", "mapping": {"a": 1, "b": [2]}, "deploy_mapping": {"a": 2}, "deployment_name": "sub"}, {"release_id": "xx/rope:v2.0"}],
	"errands": {"e": {"script": "e.sh"}, "f": {"script": "f.sh", "exec_stage": {"cmd": "ls"}}, "g": null},
	"templates": [{"file": "a", "target": "b"}]}`
	m, err := release.Decode([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	want := release.New()
	want.APIVersion, want.Name, want.Version = 1, "base", "1.0"
	want.Stages = map[string]*release.Stage{"old_name": {Script: "x.sh"}}
	want.Inputs = []*release.Variable{
		{ID: "x", Visible: true, EvalBeforeDependencies: true, Scopes: release.Both()},
		{ID: "y", Default: int64(12), Items: []any{int64(1000), 2.5}, Scopes: release.Both()},
	}
	want.Consumes = []*release.Consumer{{Name: "shore", Variable: "shore", Scopes: release.Both()}}
	want.Depends = []*release.Dependency{
		{ReleaseID: "rope-v1", Mapping: map[string]any{}, BuildMapping: map[string]any{"a": int64(1), "b": []any{int64(2)}},
			DeployMapping: map[string]any{"a": int64(2), "b": []any{int64(2)}}, Consumes: map[string]string{}, Variable: "_/rope",
			DeploymentName: "sub", Scopes: release.Both()},
		{ReleaseID: "xx/rope:v2.0", Mapping: map[string]any{}, BuildMapping: map[string]any{}, DeployMapping: map[string]any{},
			Consumes: map[string]string{}, Variable: "xx/rope", DeploymentName: "xx/rope", Scopes: release.Both()},
	}
	want.Errands = map[string]*release.Errand{
		"e": {Name: "e", Run: &release.Stage{Script: "e.sh"}},
		"f": {Name: "f", Script: "f.sh", Run: &release.Stage{Cmd: "ls"}},
		"g": {Name: "g"},
	}
	want.Templates = []*release.Template{{File: "a", Target: "b", Scopes: release.Both(), Mapping: map[string]any{}}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
	if again, err := release.Decode(m.Encode()); err != nil || !reflect.DeepEqual(m, again) {
		t.Errorf("reading what was written from an old document changes it (%v):\n%s", err, cmp.Diff(m, again))
	}
}

func TestDecodeErrors(t *testing.T) {
	doc := func(more string) string { return `{"name": "foo", "version": "1"` + more + `}` }
	for _, c := range []struct{ doc, want string }{
		{` null `, "Missing release metadata"},
		{``, "Couldn't unmarshal JSON release metadata: unexpected end of JSON input"},
		{`{`, "Couldn't unmarshal JSON release metadata: unexpected end of JSON input"},
		{`{} x`, "Couldn't unmarshal JSON release metadata: text after the end of the document"},
		{`[]`, "Couldn't unmarshal JSON release metadata: json: cannot unmarshal array into Go value of type release.Metadata"},
		{`{}`, "Missing name field in release metadata"},
		{`{"name": "H"}`, "Invalid name 'H'"},
		{`{"name": "h"}`, "Invalid name 'h'"},
		{`{"name": "this"}`, "The name 'this' is a protected variable."},
		{`{"name": "foo"}`, "Missing version field in release metadata"},
		{`{"name": "foo", "version": "v1"}`, "Invalid version string 'v1'."},
		{`{"name": "foo", "version": "latest"}`, "Invalid version string 'latest'."},
		{`{"name": "foo", "version": "1.@"}`, "Invalid version string '1.@'."},
		{doc(`, "project": "P"`), "Invalid name 'P'"},
		{doc(`, "project": ""`), ""},
		{doc(`, "api_version": 16`), "The release metadata is compiled with a version of Escape targetting API version v16, but this build supports up to v15"},
		{doc(`, "api_version": 0`), "The release metadata is compiled with a version of Escape targetting API version v0, but this build supports up to v15"},
		{doc(`, "inputs": [null]`), "Variable object is missing an 'id'"},
		{doc(`, "inputs": [{"id": "9"}]`), "Invalid variable format '9'"},
		{doc(`, "outputs": [{"id": "Previous_x"}]`), "Invalid variable format 'Previous_x'. Variable is not allowed to start with 'PREVIOUS_'"},
		{doc(`, "inputs": [{"id": "x", "visible": 1}]`), "Couldn't unmarshal JSON release metadata: json: cannot unmarshal number into Go struct field Metadata.inputs.visible of type bool"},
		{doc(`, "inputs": [{"id": "x", "default": 1e999}]`), "Couldn't unmarshal JSON release metadata: json: cannot unmarshal number 1e999 into Go value of type float64"},
		{doc(`, "depends": ["foo-v1"]`), "Couldn't unmarshal JSON release metadata: json: cannot unmarshal string into Go struct field Metadata.depends of type release.Dependency"},
		{doc(`, "depends": [null]`), "Invalid release format: ''."},
		{doc(`, "depends": [{"release_id": "_/aa-latest"}]`), "The dependency '_/aa-latest' needs its version resolved."},
		{doc(`, "consumes": [null]`), "Missing name for Consumer"},
		{doc(`, "downloads": [null]`), "Missing URL in download config."},
		{doc(`, "downloads": [{"url": "u"}]`), "Missing 'dest' in download config for 'u'"},
		{doc(`, "downloads": [{"url": ":", "dest": "d"}]`), `Invalid URL ':' in download config: parse ":": missing protocol scheme`},
		{doc(`, "downloads": [{"url": "u", "dest": "d"}]`), "Missing URL scheme in download config 'u'"},
		{doc(`, "stages": {"build": {"cmd": "a", "inline": "b"}}`), "Found a problem in the 'build' field: More than one field is set. Please specify only one of script, cmd or inline."},
		{doc(`, "templates": [null], "provides": [null], "extends": [null], "errands": {"e": {"inputs": [null]}}`), ""},
	} {
		_, err := release.Decode([]byte(c.doc))
		if got := text(err); got != c.want {
			t.Errorf("Decode(%s) fails with\n%q, want\n%q", c.doc, got, c.want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestInvalidSaysWhere(t *testing.T) {
	_, err := release.Decode([]byte(`{"name": "foo", "version": "1", "outputs": [{"id": "a"}, {"id": "-"}]}`))
	var inv *release.Invalid
	if !errors.As(err, &inv) || inv.Field != "outputs" || inv.Index != 1 {
		t.Errorf("the error is %#v", err)
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.json")
	if _, err := release.ReadFile(path); !errors.Is(err, fs.ErrNotExist) || err.Error() != "Release metadata file "+path+" does not exist" {
		t.Errorf("a missing file gives %v", err)
	}
	if err := os.WriteFile(path, []byte(minimal), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := release.ReadFile(path); err != nil || m.QualifiedID() != "_/foo-v1" || m.ReleaseID() != "foo-v1" {
		t.Errorf("ReadFile gives %v, %v", m, err)
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add(full().Encode())
	f.Add([]byte(`{"name":"foo","version":"1","downloads":[],"depends":[{"release_id":"aa-v1","mapping":{"a":{"b":[1.5,-0.0,1e30]}}}]}`))
	f.Add([]byte(`{"name":"foo","version":"1","errands":{"e":{"script":"x","inputs":[{"id":"a","options":{}}]}},"stages":{"a":null}}`))
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		// A compiled release is indented, so only its own braces start lines.
		if start, end := strings.Index(string(text), "\n{\n"), strings.LastIndex(string(text), "\n}\n"); start >= 0 && end > start {
			f.Add(text[start : end+2])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := release.Decode(data)
		if err != nil {
			return
		}
		for _, out := range [][]byte{m.Encode(), m.EncodeCompact()} {
			again, err := release.Decode(out)
			if err != nil {
				t.Fatalf("cannot read back: %v\n%s", err, out)
			}
			if !reflect.DeepEqual(m, again) {
				t.Fatalf("Decode(Encode(m)) is not m:\n%s", cmp.Diff(m, again))
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	m := full()
	b.ReportAllocs()
	for b.Loop() {
		m.Encode()
	}
}

func BenchmarkDecode(b *testing.B) {
	data := full().Encode()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := release.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPackages(t *testing.T) {
	m := release.New()
	m.Depends = []*release.Dependency{{ReleaseID: "shop/db-v1.0"}, {ReleaseID: "net-v2"}}
	m.Extends = []*release.Extension{{ReleaseID: "_/base-v3"}}
	ids, err := m.Packages()
	var got []string
	for _, id := range ids {
		got = append(got, id.String())
	}
	if want := "shop/db-v1.0 _/net-v2 _/base-v3"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("packages are %q (%v), want %s", got, err, want)
	}
	for text, want := range map[string]string{"base": "Invalid release format: base.", "base-latest": "The extension '_/base-latest' needs its version resolved."} {
		m.Extends[0].ReleaseID = text
		if _, err := m.Packages(); err == nil || err.Error() != want {
			t.Errorf("extension %s gives %v, want %s", text, err, want)
		}
	}
}
