package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rewrite makes every deployment of s one that has to be encoded, instead of copied.
func rewrite(t testing.TB, s *State) {
	t.Helper()
	for _, env := range s.Environments() {
		for name, d := range s.Environment(env).Deployments() {
			if err := s.Apply(PutDeployment{Address{env, Path{name}, ""}, d.Clone()}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestWorkedExample reads and writes every state file of the worked example in chapter 30, section 10. They are condensed
// there; on disk they have the layout that the standard library gives them here.
func TestWorkedExample(t *testing.T) {
	files, err := filepath.Glob("testdata/worked/*.json")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var compact, want bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&want, compact.Bytes(), "", "   "); err != nil {
			t.Fatal(err)
		}
		for _, doc := range []string{string(text), compact.String(), want.String()} {
			s := mustDecode(t, doc)
			for _, how := range []string{"as it is", "rewritten"} {
				if how == "rewritten" {
					rewrite(t, s)
				}
				got, err := s.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want.String(), string(got)); diff != "" {
					t.Errorf("%s, %s: %s", file, how, diff)
				}
			}
		}
	}
}

func doc(deployment string) string {
	return `{"name": "pp", "environments": {"dev": {"deployments": {"d": ` + deployment + `}}}}`
}

func stageDoc(stage string) string { return doc(`{"stages": {"deploy": ` + stage + `}}`) }

func TestDocumentErrors(t *testing.T) {
	const pattern = ` is not allowed. Expected a string matching /`
	for _, test := range []struct{ name, doc, want string }{
		{"empty", "", "1:1: unexpected end of JSON input"},
		{"blank", " \n ", "2:2: unexpected end of JSON input"},
		{"cut", exampleOfChapter[:300], "unexpected end of JSON input"},
		{"zeros", "\x00\x00\x00", `1:1: invalid character '\x00' looking for beginning of value`},
		{"null", "null", "1:1: must be an object, but this is null"},
		{"list", "[]", "1:1: must be an object, but this is a list"},
		{"trailing", `{"name":"pp"} x`, "1:15: invalid character 'x' after top-level value"},
		{"two", `{"name":"pp"}{"name":"pp"}`, "1:14: invalid character '{' after top-level value"},
		{"no name", `{}`, `1:1: The project name ''` + pattern + `^[a-zA-Z0-9]+[a-zA-Z0-9-_]+$/`},
		{"short name", `{"name":"x"}`, `The project name 'x'` + pattern},
		{"environment name", `{"name":"pp","environments":{"Dev":{}}}`,
			`1:30: environment "Dev": The environment name 'Dev'` + pattern + `^[a-z]+[a-z0-9-_]*$/`},
		{"deployment name", `{"name":"pp","environments":{"dev":{"deployments":{"1 y":{}}}}}`,
			`1:52: environment "dev", deployment "1 y": The deployment name '1 y'` + pattern + `^[a-zA-Z_]+[a-zA-Z0-9-_/]*$/`},
		{"stage name", doc(`{"stages":{"foo":{}}}`),
			`environment "dev", deployment "d", stage "foo": Invalid stage name 'foo'. Expecting 'build' or 'deploy'.`},
		{"name of a sub-deployment", stageDoc(`{"deployments":{"a":{"stages":{"deploy":{"deployments":{"1 y":{}}}}}}}`),
			`environment "dev", deployment "d", stage "deploy", deployment "a", stage "deploy", deployment "1 y": The deployment name '1 y'` + pattern},
		{"stages", doc(`{"stages":[]}`), `environment "dev", deployment "d": "stages" must be an object, but this is a list`},
		{"status", stageDoc(`{"status":"ok"}`), `"status" must be an object, but this is a string`},
		{"version", stageDoc(`{"version":1.10}`), `"version" must be a string, but this is a number`},
		{"provides", stageDoc(`{"provides":[1]}`), `"provides" must be a string, but this is a number`},
		{"providers", stageDoc(`{"providers":{"a":1}}`), `key "a": must be a string`},
		{"time", stageDoc(`{"status":{"updated_at":"yesterday"}}`), `"updated_at" must be a time such as`},
		{"no such day", stageDoc(`{"status":{"updated_at":"2018-02-30T00:00:00Z"}}`), `"updated_at" must be a time such as`},
		{"tried", stageDoc(`{"status":{"tried":1.5}}`), `"tried" must be an integer, but this is 1.5`},
		{"twice", `{"name":"pp","environments":{"dev":{"deployments":{"a":{},"b":{},"a":{}}}}}`, `duplicate key "a"`},
		{"key twice", doc(`{"release":"a","release":"b"}`), `duplicate key "release"`},
		{"control character", "{\"name\":\"p\np\"}", "1:11: invalid character '\\n' in string literal"},
		{"escape", `{"name":"\x"}`, "invalid character 'x' in string escape code"},
		{"comma", `{"name":"pp",}`, "1:14: invalid character '}' looking for beginning of object key string"},
		{"deep", stageDoc(`{"inputs":{"a":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}}`), "nested deeper than 2000 levels"},
		{"newer", `{"name":"pp","format":2}`, "1:1: written by a newer version of Escape (format 2, this one knows 1)"},
		{"newer with another shape", `{"name":["pp"],"environments":[],"format":7}`, "1:1: written by a newer version of Escape (format 7"},
	} {
		s, err := Decode([]byte(test.doc), epoch)
		if err == nil {
			t.Errorf("%s: no error, but %v", test.name, s.Environments())
			continue
		}
		var d *DocumentError
		if !errors.As(err, &d) {
			t.Errorf("%s: %T", test.name, err)
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n got %s\nwant %s", test.name, err, test.want)
		}
		if strings.HasPrefix(test.name, "newer") != errors.Is(err, ErrNewer) {
			t.Errorf("%s: ErrNewer is %v", test.name, errors.Is(err, ErrNewer))
		}
	}
}

func TestNullIsAbsent(t *testing.T) {
	s := mustDecode(t, `{"name": "pp", "serial": null, "environments": {"gone": null, "dev": {"inputs": null, "deployments": {"gone": null,
		"a": {"release": null, "stages": {"build": null, "deploy": {"inputs": {"kept": null}, "status": null, "version": "1", "provides": null,
		"deployments": {"gone": null}}}}}}}}`)
	want := &Deployment{Name: "a", Release: "a", Stages: map[StageName]*Stage{DeployStage: {Inputs: map[string]any{"kept": nil}, Version: "1",
		Status: Status{Code: OK, UpdatedAt: epoch}}}}
	got, _ := s.Environment("dev").Deployment("a")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if envs, names := s.Environments(), s.Environment("dev").Names(); len(envs) != 1 || len(names) != 1 {
		t.Errorf("environments %v, deployments %v", envs, names)
	}
	data, err := s.Encode()
	if err != nil || bytes.Contains(data, []byte("gone")) {
		t.Errorf("null is written back: %s, %v", data, err)
	}
}

func TestFixUpOfOldDocuments(t *testing.T) {
	s := mustDecode(t, `{"name": "pp", "environments": {"dev": {"name": "x", "deployments": {"a": {"name": "y", "stages": {
		"build": {}, "deploy": {"version": "1"}}}}}}}`)
	want := &Deployment{Name: "a", Release: "a", Stages: map[StageName]*Stage{
		BuildStage:  {Status: Status{Code: Empty, UpdatedAt: epoch}},
		DeployStage: {Version: "1", Status: Status{Code: OK, UpdatedAt: epoch}}}}
	got, _ := s.Environment("dev").Deployment("a")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownKeysAreKept(t *testing.T) {
	text := `{
   "name": "pp",
   "environments": {
      "dev": {
         "name": "dev",
         "deployments": {
            "a": {
               "name": "a",
               "release": "a",
               "stages": {
                  "deploy": {
                     "status": {
                        "status": "ok",
                        "updated_at": "2018-11-21T20:47:49Z",
                        "in_status": [
                           1,
                           {
                              "a": {},
                              "b": []
                           }
                        ]
                     },
                     "in_stage": "x"
                  }
               },
               "in_deployment": 1e-7
            }
         },
         "in_environment": 18446744073709551615
      }
   },
   "in_project": true
}`
	s := mustDecode(t, text)
	for _, how := range []string{"copied", "rewritten"} {
		got, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(got)); diff != "" {
			t.Errorf("%s: %s", how, diff)
		}
		rewrite(t, s)
	}
}

func TestNumbersAreExact(t *testing.T) {
	for text, want := range map[string]any{
		"0": int64(0), "-1": int64(-1), "9223372036854775807": int64(math.MaxInt64), "-9223372036854775808": int64(math.MinInt64),
		"9223372036854775808": uint64(1 << 63), "18446744073709551615": uint64(math.MaxUint64),
		"18446744073709551616": json.Number("18446744073709551616"),
		"1.0":                  1.0, "1.5": 1.5, "0.1": 0.1, "1e2": 100.0, "1.50": 1.5, "-0": math.Copysign(0, -1), "5e-324": 5e-324,
		"0.1000000000000000055511151231257827": json.Number("0.1000000000000000055511151231257827"),
		"1e400":                                json.Number("1e400"), "-1E-999": json.Number("-1E-999"),
	} {
		s := mustDecode(t, stageDoc(`{"inputs":{"n":`+text+`}}`))
		for _, how := range []string{"read", "written and read again"} {
			st, _ := s.Stage(Address{"dev", Path{"d"}, ""}, DeployStage)
			got := st.Inputs["n"]
			if f, ok := want.(float64); ok {
				g, ok := got.(float64)
				if !ok || math.Float64bits(f) != math.Float64bits(g) {
					t.Errorf("%s %s: %T %v, want %v", text, how, got, got, want)
				}
			} else if got != want {
				t.Errorf("%s %s: %T %v, want %T %v", text, how, got, got, want, want)
			}
			rewrite(t, s)
			data, err := s.Encode()
			if err != nil {
				t.Fatal(err)
			}
			s = mustDecode(t, string(data))
		}
	}
	for _, bad := range []any{math.NaN(), math.Inf(1), json.Number("1x"), json.Number(""), struct{}{}, make(chan int)} {
		s := New("pp")
		if err := s.Apply(PutStage{Address{"dev", Path{"d"}, ""}, DeployStage, "", &Stage{Inputs: map[string]any{"n": bad}}}); err != nil {
			t.Fatal(err)
		}
		if data, err := s.Encode(); err == nil {
			t.Errorf("%v was written: %s", bad, data)
		}
	}
}

// TestStringsAsTheStandardLibrary compares with encoding/json, but for the two escapes which it got after the original
// was built.
func TestStringsAsTheStandardLibrary(t *testing.T) {
	for _, s := range []string{"", "plain", "<a href=\"x\">&amp;</a>", "\x00\x01\x1f\x7f", "\n\r\t", "\u2028\u2029", "ü€😀", "\xff\xfe", "a\xc3", "�", `\u0041`} {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var e encoder
		e.string(s)
		if string(e.out) != string(want) {
			t.Errorf("%q: wrote %s, want %s", s, e.out, want)
		}
		var std string
		if err := json.Unmarshal(want, &std); err != nil {
			t.Fatal(err)
		}
		d := decoder{scanner: scanner{data: want, build: true}}
		if got, err := d.str(); err != nil || got != std {
			t.Errorf("%q: read %q, want %q", s, got, std)
		}
	}
	for _, text := range []string{`"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\b\f\/\"\\"`, `"\u00e9\u0000"`, `"\ude00\ud83d"`} {
		var std string
		if err := json.Unmarshal([]byte(text), &std); err != nil {
			t.Fatal(err)
		}
		d := decoder{scanner: scanner{data: []byte(text), build: true}}
		if got, err := d.str(); err != nil || got != std {
			t.Errorf("%s: read %q, want %q", text, got, std)
		}
	}
}

// TestSeal changes every byte of a sealed document: what is found is what the document says, never what it said.
func TestSeal(t *testing.T) {
	s := project(t, 3)
	s.serial, s.lineage = 7, "abc"
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !unseal(data, newSums(data)) {
		t.Fatalf("there is no seal: %s", data)
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if unseal(changed, newSums(changed)) {
			t.Fatalf("byte %d: the seal fits a changed document", i)
		}
		s, err := Decode(changed, epoch)
		if err != nil {
			continue
		}
		if !json.Valid(changed) {
			t.Fatalf("byte %d: accepted %s", i, changed)
		}
		for range s.Environment("prod").Deployments() {
		}
		if s.Err() != nil {
			t.Fatalf("byte %d: %v", i, s.Err())
		}
	}
	edited := strings.Replace(string(data), "eu-west", "us-east", 1)
	if d, _ := mustDecode(t, edited).Environment("prod").Deployment("team/app-00000"); d.Stages[DeployStage].Inputs["region"] != "us-east" {
		t.Error("the edit is not seen")
	}
	// No seal while a stage is running, so that nobody has to look for such stages in a sealed document.
	if err := s.Apply(PutStatus{Address{"prod", Path{"team/app-00001", "sub"}, ""}, DeployStage, Status{Code: RunningTest, UpdatedAt: epoch}}); err != nil {
		t.Fatal(err)
	}
	if data, err = s.Encode(); err != nil || bytes.Contains(data, []byte("checksum")) {
		t.Errorf("sealed although a stage is running: %v", err)
	}
	again := mustDecode(t, string(data))
	if places := again.Running(); len(places) != 1 || places[0].Path.String() != "team/app-00001:sub" {
		t.Errorf("running: %v", places)
	}
	if err := again.Apply(PutEnvironment{Environment: "other"}); err != nil {
		t.Fatal(err)
	}
	if data, err = again.Encode(); err != nil || bytes.Contains(data, []byte("checksum")) {
		t.Errorf("sealed although a copied stage is running: %v", err)
	}
}

// TestCopiesAreCanonical mixes deployments laid out as we do and otherwise; all are written in our layout.
func TestCopiesAreCanonical(t *testing.T) {
	want, err := project(t, 40).Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(want)
	for i := range 40 {
		if i%3 != 0 {
			continue
		}
		mark := `"version": "1.0.` + strconv.Itoa(i%20) + `",` + "\n" + strings.Repeat(" ", 21) + `"status"`
		text = strings.Replace(text, mark, strings.ReplaceAll(mark, "\n", " \n"), 1)
		text = strings.Replace(text, `"team/app-000`+strconv.Itoa(10+i)+`": {`+"\n", `"team/app-000`+strconv.Itoa(10+i)+`" :{`+"\r\n", 1)
	}
	if text == string(want) {
		t.Fatal("nothing was disturbed")
	}
	s := mustDecode(t, text)
	got, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
	// Add, replace and remove in the middle of what is copied.
	env := func(name string) Address { return Address{"prod", Path{name}, ""} }
	changes := []Change{DeleteDeployment{env("team/app-00005")}, PutDeployment{env("team/app-00007x"), typical("x", 1)},
		PutDeployment{env("team/app-00020"), typical("x", 2)}, DeleteDeployment{env("team/app-00039")}, PutDeployment{env("a"), typical("a", 3)}}
	fresh := project(t, 40)
	for _, s := range []*State{s, fresh} {
		if err := s.Apply(changes...); err != nil {
			t.Fatal(err)
		}
	}
	a, errA := s.Encode()
	b, errB := fresh.Encode()
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%v, %v: %s", errA, errB, cmp.Diff(string(b), string(a)))
	}
}

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/worked/*.json")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(exampleOfChapter))
	sealed := project(f, 2)
	sealed.serial = 3
	data, err := sealed.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(stageDoc(`{"inputs":{"n":1e400,"s":"\ud83d\u2028","l":[[],{}]},"x":null,"status":{"status":"r","try_again_at":"2018-11-21T20:47:49.1+23:59"}}`)))
	f.Add([]byte(doc(`{"revisions":[{"number":1,"deployments":{"a":1},"at":"2018-11-21T20:47:49Z"}]}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data, epoch)
		if err != nil {
			if text := err.Error(); json.Valid(data) && (strings.Contains(text, "invalid character") || strings.Contains(text, "end of JSON")) && s == nil && len(bytes.TrimSpace(data)) > 0 {
				t.Errorf("valid JSON is refused: %v", err)
			}
			return
		}
		if !unseal(data, newSums(data)) && !json.Valid(data) {
			t.Fatal("accepted what is no JSON")
		}
		first, err := s.Encode()
		if err != nil {
			if unseal(data, newSums(data)) {
				return
			}
			t.Fatal(err)
		}
		again := mustDecode(t, string(first))
		second, err := again.Encode()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("not a fixed point, %v:\n%s", err, cmp.Diff(string(first), string(second)))
		}
		rewrite(t, again)
		if again.Err() != nil {
			t.Fatal(again.Err())
		}
		third, err := again.Encode()
		if err != nil || len(again.Running()) != len(s.Running()) {
			t.Fatalf("running %v and %v, %v", again.Running(), s.Running(), err)
		}
		rewritten := mustDecode(t, string(third))
		rewrite(t, rewritten)
		fourth, err := rewritten.Encode()
		if err != nil || !bytes.Equal(third, fourth) {
			t.Fatalf("rewriting is not a fixed point, %v:\n%s", err, cmp.Diff(string(third), string(fourth)))
		}
	})
}
