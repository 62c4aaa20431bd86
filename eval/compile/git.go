package compile

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Git is three questions to git that run beside everything else. Each answer stands alone: a repository without a
// remote still has a commit. What git cannot say stays empty. A nil Git says nothing.
type Git struct {
	log, branch, remote *question
	cancel              context.CancelFunc
}

// question is one git command. Its output is what git writes to standard output, read to the end.
type question struct {
	cmd  *exec.Cmd // nil if git could not be started, or has been waited for
	out  bytes.Buffer
	text string
	ok   bool
}

// StartGit asks git about the repository that holds dir, with environ as its environment (nil is that of this process).
// Without a repository, or without git, it returns nil. It does not wait: started as early as possible and given to
// Compile as Options.Facts, git costs hardly any time. Stop must be called when the Git is not needed any more.
func StartGit(ctx context.Context, dir string, environ []string) *Git {
	if !inRepository(dir, environ) {
		return nil
	}
	git, err := lookGit(environ)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	ask := func(args ...string) *question {
		q := &question{cmd: exec.CommandContext(ctx, git, args...)}
		q.cmd.Dir, q.cmd.Env, q.cmd.Stdout = dir, environ, &q.out
		if q.cmd.Start() != nil {
			q.cmd = nil
		}
		return q
	}
	return &Git{
		log:    ask("log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%H%x00%an <%ae>%x00%B", "HEAD", "--"),
		branch: ask("rev-parse", "--abbrev-ref", "HEAD"),
		remote: ask("config", "--get", "remote.origin.url"),
		cancel: cancel,
	}
}

// inRepository looks for a repository from dir upwards, so that no process is started outside of one.
func inRepository(dir string, environ []string) bool {
	if getenv(environ, "GIT_DIR") != "" {
		return true
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return true // let git say
	}
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	for {
		if exists(".git") || exists("HEAD") && exists("objects") && exists("refs") {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

func getenv(environ []string, name string) string {
	if environ == nil {
		return os.Getenv(name)
	}
	for _, e := range slices.Backward(environ) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// lookGit finds git on the PATH of environ, which need not be that of this process.
func lookGit(environ []string) (string, error) {
	if environ == nil {
		return exec.LookPath("git")
	}
	for _, dir := range filepath.SplitList(getenv(environ, "PATH")) {
		if dir == "" {
			continue
		}
		if found, err := exec.LookPath(filepath.Join(dir, "git")); err == nil {
			return found, nil
		}
	}
	return "", exec.ErrNotFound
}

// answer waits for the question and returns its output; false if git failed.
func (q *question) answer() (string, bool) {
	if q.cmd != nil {
		q.ok = q.cmd.Wait() == nil
		q.text, q.cmd = q.out.String(), nil
	}
	return q.text, q.ok
}

// Stop ends questions that are not answered yet.
func (g *Git) Stop() {
	if g == nil {
		return
	}
	g.cancel()
	for _, q := range []*question{g.log, g.branch, g.remote} {
		q.answer()
	}
}

// gitFacts writes the answers into the release.
func (c *compiler) gitFacts() {
	g := c.opts.Facts
	if g == nil {
		return
	}
	if out, ok := g.log.answer(); ok {
		if parts := strings.SplitN(out, "\x00", 3); len(parts) == 3 {
			c.meta.Revision, c.meta.RevisionAuthor, c.meta.RevisionMessage = tidy(parts[0]), tidy(parts[1]), tidy(parts[2])
		}
	}
	if out, ok := g.branch.answer(); ok {
		c.meta.Branch = tidy(out)
	}
	if out, ok := g.remote.answer(); ok {
		c.meta.Repository = tidy(out)
	}
}

// tidy trims every line and drops blank ones.
func tidy(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}
