package check_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
	"escape.build/escape/lang/yamlfile"
)

func analyze(t *testing.T, text string, env check.Env) (*plan.Plan, *check.Info, diag.List) {
	t.Helper()
	f, findings := yamlfile.Parse(source.NewFile("escape.yml", text))
	p, more := plan.Decode(f, plan.Options{Stat: env.Stat})
	findings = append(findings, more...)
	info, more := check.Check(p, nil, env)
	return p, info, append(findings, more...).Sort()
}

const example = `name: demo/app
version: 1.0.0
metadata: {team: shop}
depends:
- demo/database-v1 as db
consumes:
- kubernetes as k8s
inputs:
- id: count
  type: integer
  default: 2
- id: label
  default: $__concat("n", $this.inputs.count, $this.metadata.team)
outputs:
- id: url
  default: $k8s.outputs.host
- id: database
  default: $db.outputs.url.upper()
`

func TestInfo(t *testing.T) {
	p, info, findings := analyze(t, example, check.Env{})
	if len(findings) > 0 {
		t.Fatal(diag.Sprint(findings))
	}
	for _, c := range []struct {
		at   string // the innermost node at the end of this text
		want string // its type
		def  any
	}{
		{"$this.inputs.count", "integer", p.Inputs[0]},
		{"$this.metadata.team", "string", &p.Metadata[0]},
		{"$this.inputs", "map", nil},
		{"$this", "map", p},
		{"$k8s", "map", p.Consumes[0]},
		{"$k8s.outputs.host", "any", nil},
		{"$db", "map", p.Depends[0]},
		{"$db.outputs", "map", nil},
		{".upper", "string", nil},
	} {
		off := strings.Index(example, c.at) + len(c.at)
		x, ok := info.At(off)
		if !ok {
			t.Errorf("no expression at %q", c.at)
			continue
		}
		inner := off - int(x.Pos.Start)
		path := expr.PathAt(x.Root, inner)
		node := path[len(path)-1]
		if got := x.TypeOf(node).String(); got != c.want {
			t.Errorf("%q has type %s, want %s", c.at, got, c.want)
		}
		if got := x.DefOf(node); got != c.def {
			t.Errorf("%q refers to %v, want %v", c.at, got, c.def)
		}
	}
	if uses := info.UsesOf(p.Inputs[0]); len(uses) != 1 || expr.String(uses[0].Node) != "$this.inputs.count" {
		t.Errorf("the uses of count are %v", uses)
	}
	if x, ok := info.At(strings.Index(example, "kubernetes")); ok {
		t.Errorf("found the expression %q where there is none", x.Text.Value)
	}
	if got := info.Exprs[0].Type; !got.Equal(types.String) {
		t.Errorf("the default of label has type %s", got)
	}
}

// world is a file system which also has a file above the folder of the plan.
func world(files fstest.MapFS) check.Env {
	return check.Env{
		Stat: func(path string) (fs.FileInfo, error) {
			if path == "../above.sh" {
				return files.Stat("run.sh")
			}
			return files.Stat(strings.TrimPrefix(path, "./"))
		},
		ReadDir:  func(path string) ([]fs.DirEntry, error) { return files.ReadDir(path) },
		LookPath: func(string) (string, error) { return "", errors.New("not found") },
	}
}

func TestStepForms(t *testing.T) {
	env := world(fstest.MapFS{"run.sh": {Data: []byte("x")}, "folder/a": {}, "..x": {}})
	for _, c := range []struct {
		step string
		env  check.Env
		form plan.Form
		code *diag.Entry
	}{
		{"run.sh", env, plan.File, nil},
		{"run.sh a b", env, plan.File, nil},
		{"./run.sh", env, plan.File, nil},
		{"..x", env, plan.File, nil},
		{"folder", env, plan.Command, nil},
		{"echo run.sh", env, plan.Command, nil},
		{"/bin/run.sh", env, plan.Command, nil},
		{"rnu.sh", env, plan.Command, diag.ScriptNotFound},
		{"../above.sh", env, plan.File, diag.OutsidePackage},
		{"./folder", env, plan.File, diag.FileMissing},
		{"run.sh", check.Env{}, plan.File, nil}, // nothing is known: it looks like one
		{"./x", check.Env{}, plan.File, nil},
		{"echo", check.Env{}, plan.Command, nil},
		{"$this.name x", check.Env{}, plan.Command, nil},
	} {
		p, _, findings := analyze(t, "name: demo/app\nversion: 1\nbuild: "+c.step+"\n", c.env)
		if p.Build == nil || p.Build.Form != c.form {
			t.Errorf("%q is %+v, want form %d", c.step, p.Build, c.form)
		}
		if c.code == nil && len(findings) > 0 || c.code != nil && (len(findings) != 1 || findings[0].Code != c.code) {
			t.Errorf("%q has these findings, want just %v:\n%s", c.step, c.code, diag.Sprint(findings))
		}
	}
	if p, _, _ := analyze(t, "name: demo/app\nversion: 1\nbuild: \" \"\n", env); p.Build != nil {
		t.Errorf("a blank step is %+v", p.Build)
	}
}
