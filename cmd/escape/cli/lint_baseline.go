package cli

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

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

// applyBaseline returns what the baseline does not accept, which is written before if that is asked for. all says that
// everything could be read: else a baseline would forget what it accepts there.
func (a *app) applyBaseline(cmd *cobra.Command, f *lintFlags, list diag.List, all bool) (diag.List, error) {
	if f.writeBaseline {
		if !all {
			a.warning(f.baseline + " was not written: not everything could be read")
			return list, nil
		}
		if err := a.writeBaseline(f.baseline, list); err != nil {
			return nil, &statusError{exitInternal, err}
		}
	}
	whole := all && f.since == "" && f.only == nil && f.except == nil && cmd.Flags().NArg() == 0
	list, err := a.newSince(f.baseline, list, whole)
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	return list, nil
}

// newSince returns what is not in a baseline. whole says that everything below the working directory was looked at; then it
// warns of what is no longer there.
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
	gone = slices.DeleteFunc(gone, func(name string) bool {
		return !isBelow(filepath.Join(filepath.Dir(a.env.abs(file)), filepath.FromSlash(name)), a.env.Dir)
	})
	if n := len(gone); n > 0 && whole {
		fmt.Fprintf(a.env.Stderr, "%s of %s no longer there; write it again with --write-baseline\n", plural(n, "finding"), file)
	}
	return rest, nil
}
