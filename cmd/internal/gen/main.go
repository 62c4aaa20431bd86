// Command gen writes the reference pages from the tables they describe:
//
//	go run ./cmd/internal/gen         # write what changed
//	go run ./cmd/internal/gen -check  # fail if a page is out of date
//
// It runs in any folder of the module.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"escape.build/escape/cmd/escape/cli"
	"escape.build/escape/cmd/internal/grammars"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/refdoc"
	"escape.build/escape/lsp"
)

// files are the pages and what editors read.
func files() []page {
	all := slices.Clone(pages)
	for _, f := range grammars.Files() {
		all = append(all, page{f.Path, f.Text})
	}
	return all
}

// A page is a generated file and what makes its text.
type page struct {
	path string // below the root of the module
	text func() string
}

var pages = []page{
	{"lang/plan/FIELDS.md", refdoc.FieldReference},
	{"lang/plan/plan.schema.json", refdoc.JSONSchema},
	{"lang/builtin/BUILTINS.md", refdoc.BuiltinReference},
	{"lang/diag/CODES.md", refdoc.CodeReference},
	{"lang/lint/RULES.md", func() string { return refdoc.RuleReference(cli.Fixable) }},
	{"lang/lint/config/escapelint.schema.json", config.Schema},
	{"cmd/escape/COMMANDS.md", cli.Reference},
	{"lsp/SETTINGS.md", lsp.SettingsReference},
	{"lsp/FEATURES.md", lsp.FeatureReference},
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a page is out of date")
	flag.Parse()
	root, err := moduleRoot()
	if err == nil {
		err = generate(root, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// moduleRoot finds the folder of go.mod at or above the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod here or above")
		}
		dir = parent
	}
}

// generate writes the pages whose text changed; with check it only reports them.
func generate(root string, check bool) error {
	var stale []error
	for _, p := range files() {
		path, want := filepath.Join(root, p.path), p.text()
		have, err := os.ReadFile(path)
		if err == nil && string(have) == want {
			continue
		}
		if check {
			stale = append(stale, fmt.Errorf("%s is out of date; run \"make gen\"", p.path))
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			return err
		}
	}
	return errors.Join(stale...)
}
