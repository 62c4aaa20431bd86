package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// changedSince returns the absolute paths of the files that differ from a revision of the repository around the working
// directory, those that Git does not know yet among them.
func (a *app) changedSince(ctx context.Context, rev string) (map[string]bool, error) {
	if strings.HasPrefix(rev, "-") {
		return nil, fmt.Errorf("--since cannot be '%s'; it takes a revision of Git", rev)
	}
	root, err := a.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	dir := strings.TrimRight(root, "\r\n")
	diff, err := a.git(ctx, "diff", "--name-only", "--no-renames", "--no-relative", "-z", rev, "--")
	if err != nil {
		return nil, err
	}
	untracked, err := a.git(ctx, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/")
	if err != nil {
		return nil, err
	}
	changed := map[string]bool{}
	for _, name := range strings.Split(diff+untracked, "\x00") {
		if name != "" {
			changed[filepath.Join(dir, filepath.FromSlash(name))] = true
		}
	}
	return changed, nil
}

// git runs Git in the working directory and returns what it prints.
func (a *app) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = a.env.Dir, a.env.Environ
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("--since needs Git, which is not installed")
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", fmt.Errorf("--since: git %s: %s", args[0], line)
	}
	return string(out), nil
}

// touched returns the plans that changed, or that look at a file or need a plan which did. Symbolic links on the way to the repository do
// not matter.
func (a *app) touched(results []linted, changed map[string]bool) []linted {
	resolved := map[string]string{} // folders without links
	real := func(path string) string {
		dir := filepath.Dir(path)
		to, ok := resolved[dir]
		if !ok {
			to = dir
			if r, err := filepath.EvalSymlinks(dir); err == nil {
				to = r
			}
			resolved[dir] = to
		}
		return filepath.Join(to, filepath.Base(path))
	}
	var list []linted
	for _, r := range results {
		keep := r.err != nil || r.file == stdin
		for _, path := range slices.Concat(r.looked, r.needs) {
			keep = keep || changed[path] || changed[real(path)]
		}
		if keep {
			list = append(list, r)
		}
	}
	return list
}
