package cli

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/spf13/cobra"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/refdoc"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

func (a *app) newExplain() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:     "explain <code>",
		Short:   "Explain a finding by its code or name.",
		Example: "  escape explain ESC2001\n  escape explain unknown-field\n  escape explain --list",
	}
	cmd.Flags().BoolVar(&list, "list", false, "List all codes")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if list {
			return noArgs(cmd, args)
		}
		return oneArg("code or name of a finding")(cmd, args)
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if list {
			return a.explainAll()
		}
		return a.explain(args[0])
	}
	return cmd
}

func (a *app) explain(name string) error {
	entry, ok := diag.Lookup(name)
	for _, other := range []string{strings.ToUpper(name), "ESC" + name} {
		if !ok {
			entry, ok = diag.Lookup(other)
		}
	}
	if !ok {
		var names []string
		for _, e := range diag.Catalog() {
			names = append(names, e.Name)
		}
		text := fmt.Sprintf("there is no code or name '%s'", name)
		if near, ok := diag.Nearest(name, names); ok {
			text += fmt.Sprintf("; did you mean '%s'?", near)
		} else {
			text += "; 'escape explain --list' shows all"
		}
		return &statusError{exitUsage, fmt.Errorf("%s", text)}
	}
	text, err := refdoc.Explain(entry, findIn(entry))
	if err != nil {
		return err
	}
	if entry.Retired {
		text += "\nNo longer reported.\n"
	}
	_, err = io.WriteString(a.env.Stdout, text)
	return printError(err)
}

// findIn returns what finds in examples what the checker and the rule of a code have to say.
func findIn(entry *diag.Entry) refdoc.Findings {
	return func(name, text string, others []catalog.File) diag.List {
		return inExample(name, text, others, func(r *lint.Rule) bool { return r.Code == entry || lint.FromChecker(r) })
	}
}

// inExample finds what is wrong in an example, whose other files exist in memory only. Files "deps/ALIAS.json" are
// packages.
func inExample(name, text string, others []catalog.File, on func(*lint.Rule) bool) diag.List {
	folder := fstest.MapFS{}
	opts := lang.Options{Deps: check.Deps{}, Lint: on}
	for _, f := range others {
		if alias, ok := strings.CutPrefix(f.Name, "deps/"); ok {
			if m, err := release.Decode([]byte(f.Text)); err == nil {
				opts.Deps[strings.TrimSuffix(alias, ".json")] = m
			}
			continue
		}
		folder[f.Name] = &fstest.MapFile{Data: []byte(f.Text)}
	}
	opts.Env = check.Env{
		Stat: func(path string) (fs.FileInfo, error) { return folder.Stat(filepath.ToSlash(filepath.Clean(path))) },
		ReadDir: func(path string) ([]fs.DirEntry, error) {
			return folder.ReadDir(filepath.ToSlash(filepath.Clean(path)))
		},
		ReadFile: func(path string) ([]byte, error) { return folder.ReadFile(filepath.ToSlash(filepath.Clean(path))) },
		LookPath: func(string) (string, error) { return "", fs.ErrNotExist },
	}
	return lang.Analyze(source.NewFile(name, text), opts).Findings
}

func (a *app) explainAll() error {
	var out bytes.Buffer
	for _, e := range diag.Catalog() {
		if !e.Retired {
			fmt.Fprintf(&out, "%s  %-7s  %-28s  %s\n", e.Code, e.Severity, e.Name, e.Summary)
		}
	}
	_, err := a.env.Stdout.Write(out.Bytes())
	return printError(err)
}
