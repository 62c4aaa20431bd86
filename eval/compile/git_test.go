package compile_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// facts are the five values of git.
type facts struct{ Revision, Branch, Repository, Message, Author string }

func factsOf(m *release.Metadata) facts {
	return facts{m.Revision, m.Branch, m.Repository, m.RevisionMessage, m.RevisionAuthor}
}

func simplePlan() *plan.Plan {
	return &plan.Plan{Name: plan.Text{Value: "foo"}, Version: plan.Script{Text: plan.Text{Value: "1"}}}
}

func compileFacts(t *testing.T, dir string, environ []string) facts {
	t.Helper()
	m, findings, err := compile.Compile(context.Background(), simplePlan(), compile.Options{Dir: dir, Git: true, Environ: environ})
	if err != nil || len(findings) > 0 {
		t.Fatalf("Compile: %v, %v", findings, err)
	}
	return factsOf(m)
}

// gitEnviron keeps the settings of the machine out.
func gitEnviron(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada Berg", "GIT_AUTHOR_EMAIL=ada@harbour.example", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@x"}
}

func TestGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	home, dir := t.TempDir(), t.TempDir()
	environ := gitEnviron(home)
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, environ
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	check := func(when string, in string, environ []string, want facts) {
		t.Helper()
		if diff := cmp.Diff(want, compileFacts(t, in, environ)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	check("outside of a repository", dir, environ, facts{})
	git("init", "-q", "-b", "main")
	check("without a commit", dir, environ, facts{})
	git("remote", "add", "origin", "https://git.example/harbour/ferry.git")
	check("without a commit, with a remote", dir, environ, facts{Repository: "https://git.example/harbour/ferry.git"})
	git("remote", "remove", "origin")
	git("commit", "-q", "--allow-empty", "-m", "First ferry\n\n  Carries \"people\" åäö.  \n\n\nAnd cars.\n")
	message := "First ferry\nCarries \"people\" åäö.\nAnd cars."
	head := git("rev-parse", "HEAD")
	want := facts{Revision: head, Branch: "main", Message: message, Author: "Ada Berg <ada@harbour.example>"}
	check("without a remote", dir, environ, want)
	git("remote", "add", "origin", "https://git.example/harbour/ferry.git")
	want.Repository = "https://git.example/harbour/ferry.git"
	for range 10 { // the original lost values now and then
		check("with everything", dir, environ, want)
	}
	sub := filepath.Join(dir, "sub", "deep")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	check("in a folder of the repository", sub, environ, want)
	check("by GIT_DIR", home, append(environ, "GIT_DIR="+filepath.Join(dir, ".git")), want)
	check("without git", dir, []string{"PATH=" + home}, facts{})
	git("checkout", "-q", "--detach")
	want.Branch = "HEAD"
	check("detached", dir, environ, want)
	git("worktree", "add", "-q", "-b", "side", filepath.Join(home, "tree"))
	want.Branch = "side"
	check("in a worktree", filepath.Join(home, "tree"), environ, want)
	if err := os.RemoveAll(filepath.Join(dir, ".git", "objects")); err != nil {
		t.Fatal(err)
	}
	if got := compileFacts(t, dir, environ); got.Revision != "" || got.Message != "" {
		t.Errorf("in a broken repository the facts are %+v", got)
	}
}

// Facts asked for early serve any number of compilations.
func TestGitStartedEarly(t *testing.T) {
	want := compileFacts(t, ".", nil)
	g := compile.StartGit(context.Background(), ".", nil)
	defer g.Stop()
	for range 2 {
		m, _, err := compile.Compile(context.Background(), simplePlan(), compile.Options{Facts: g})
		if err != nil || factsOf(m) != want {
			t.Errorf("Compile gives %+v, %v, want %+v", factsOf(m), err, want)
		}
	}
}

func TestCancelledCompilationEndsGit(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := compile.Compile(ctx, simplePlan(), compile.Options{Git: true, Dir: "."}); err == nil {
		t.Error("a cancelled compilation succeeds")
	}
}

func BenchmarkCompileWithGit(b *testing.B) {
	for b.Loop() {
		if _, _, err := compile.Compile(context.Background(), simplePlan(), compile.Options{Dir: ".", Git: true}); err != nil {
			b.Fatal(err)
		}
	}
}
