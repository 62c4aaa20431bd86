package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const (
	ciRoot  = "../.."
	badPlan = "name: shop/storefront\nversion: v1.0\n" // which has a fix
)

// readYAML reads a file of the repository into v, which must know all its keys.
func readYAML(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(ciRoot, file))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// shell runs a script as CI does, in a folder with a plan, and returns its exit status and output.
func shell(t *testing.T, dir, script string, environ ...string) (int, string) {
	t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), environ...)
	cmd.Env = append(cmd.Env, "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func planFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a", "escape.yml"), []byte(badPlan), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPreCommitHooks(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Entry, Language string
		PassFilenames                          *bool `yaml:"pass_filenames"`
	}
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 2 {
		t.Fatalf("there are %d hooks, want 2", len(hooks))
	}
	for _, h := range hooks {
		if h.ID == "" || h.Name == "" || h.Language != "golang" || h.PassFilenames == nil || *h.PassFilenames {
			t.Errorf("the hook is %+v", h)
		}
		dir := planFolder(t)
		status, out := shell(t, dir, h.Entry)
		want := 1
		if strings.HasSuffix(h.ID, "-fix") {
			want = 0
		}
		if status != want {
			t.Errorf("%q ends with %d, want %d:\n%s", h.Entry, status, want, out)
		}
		if status, out := shell(t, dir, "rm -r a; "+h.Entry); status != 0 || out != "" {
			t.Errorf("%q without plans ends with %d:\n%s", h.Entry, status, out)
		}
	}
}

func TestGitHubAction(t *testing.T) {
	var action struct {
		Name, Description string
		Inputs            map[string]struct{ Description, Default string }
		Runs              struct {
			Using string
			Steps []struct {
				Name, Shell, Run string
				Env              map[string]string
			}
		}
	}
	readYAML(t, "editors/ci/action.yml", &action)
	if action.Runs.Using != "composite" || len(action.Runs.Steps) == 0 {
		t.Fatalf("the action is %+v", action)
	}
	last := action.Runs.Steps[len(action.Runs.Steps)-1]
	run := func(given map[string]string) (int, string) {
		var environ []string
		for name, value := range last.Env {
			input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			in, ok := action.Inputs[input]
			if !ok {
				t.Fatalf("%s is no input", value)
			}
			text := in.Default
			if g, ok := given[input]; ok {
				text = g
			}
			environ = append(environ, name+"="+text)
		}
		dir := planFolder(t)
		status, out := shell(t, dir, last.Run, environ...)
		if name := given["sarif"]; name != "" {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		return status, out
	}
	if status, out := run(nil); status != 1 || !strings.Contains(out, "::error file=a/escape.yml,line=2,") {
		t.Errorf("the action ends with %d:\n%s", status, out)
	}
	if status, out := run(map[string]string{"fail-on": "never", "sarif": "escape.sarif", "paths": "a */escape.yml"}); status != 0 {
		t.Errorf("with inputs the action ends with %d:\n%s", status, out)
	}
	if status, out := run(map[string]string{"baseline": "none.json"}); status != 2 || !strings.Contains(out, "none.json") {
		t.Errorf("with a baseline that is not there the action ends with %d:\n%s", status, out)
	}
}

func TestGitLabJob(t *testing.T) {
	type job struct {
		Stage     string
		Variables map[string]string
		Script    []string
		Artifacts struct {
			When    string
			Reports map[string]string
		}
		Rules []map[string][]string
	}
	var jobs map[string]job
	readYAML(t, "editors/ci/gitlab.yml", &jobs)
	j, ok := jobs["escape-lint"]
	if !ok || len(j.Script) != 1 || j.Artifacts.When != "always" {
		t.Fatalf("the jobs are %+v", jobs)
	}
	dir := planFolder(t)
	for flags, want := range map[string]int{"": 1, "--fail-on never": 0} {
		if status, out := shell(t, dir, j.Script[0], "ESCAPE_LINT_FLAGS="+flags); status != want {
			t.Errorf("with %q the job ends with %d, want %d:\n%s", flags, status, want, out)
		}
	}
	for kind, file := range j.Artifacts.Reports {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Errorf("the report for %s: %v", kind, err)
		}
	}
}
