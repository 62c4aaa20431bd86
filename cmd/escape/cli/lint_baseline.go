package cli

import (
	"fmt"
	"path/filepath"

	"escape.build/escape/cmd/escape/cli/internal/findings"
	"escape.build/escape/lang/diag"
)

// baselinePath returns how a baseline calls a file: relative to its own folder, so that it does not matter where lint runs.
func (a *app) baselinePath(baseline string) func(name string) string {
	dir := filepath.Dir(a.env.abs(baseline))
	return func(name string) string {
		path := a.env.abs(filepath.FromSlash(name))
		if rel, err := filepath.Rel(dir, path); err == nil {
			path = rel
		}
		return filepath.ToSlash(path)
	}
}

// writeBaseline writes a file that accepts what was found.
func (a *app) writeBaseline(file string, list diag.List) error {
	text, accepted := findings.EncodeBaseline(list, a.baselinePath(file))
	if err := a.replaceFile(file, text); err != nil {
		return err
	}
	fmt.Fprintf(a.env.Stderr, "%s accepts %s\n", file, plural(accepted, "finding"))
	return nil
}

// newSince returns what is not in a baseline. whole says that all plans were looked at which it may be about.
func (a *app) newSince(file string, list diag.List, whole bool) (diag.List, error) {
	text, err := a.env.readFile(file)
	if err != nil {
		return nil, err
	}
	b, err := findings.DecodeBaseline(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	rest, gone := b.Filter(list, a.baselinePath(file))
	if gone > 0 && whole {
		fmt.Fprintf(a.env.Stderr, "%s of %s no longer there; write it again with --write-baseline\n", plural(gone, "finding"), file)
	}
	return rest, nil
}
