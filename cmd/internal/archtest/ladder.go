package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of this module; the table leaves it out.
const Module = "escape.build/escape"

// A Rung says what one package may import. A name that ends in "/..." stands for a folder with all below it. Packages of
// the standard library are free, and so is a package below an "internal" folder for the package that holds it.
type Rung struct {
	Package string
	Ours    []string // packages of this module
	Libs    []string // outside libraries, by prefix of the import path; a "!" before one bars it
}

const (
	cty   = "github.com/zclconf/go-cty"
	cobra = "github.com/spf13"
	sys   = "golang.org/x/sys"
)

// text are the rungs that everything which reads documents stands on.
var text = []string{"lang/source", "lang/diag", "lang/syntax"}

func on(base []string, more ...string) []string { return append(slices.Clone(base), more...) }

// Ladder is the table, lowest rungs first.
var Ladder = []Rung{
	// Text and trees.
	{"lang/source", nil, nil},
	{"lang/diag", []string{"lang/source"}, nil},
	{"lang/diag/catalog", []string{"lang/diag"}, nil},
	{"lang/syntax", []string{"lang/source", "lang/diag"}, nil},
	{"lang/edit", text, nil},
	{"lang/kept", nil, nil},
	{"lang/regular", nil, nil},
	{"lang/internal/archivetest", nil, []string{"github.com/rogpeppe/go-internal/txtar"}},
	{"lang/yamlfile", text, nil},
	{"lang/yamlfile/plangen", nil, nil},
	{"lang/expr", []string{"lang/source", "lang/diag"}, nil},
	{"lang/hclfile/hcltext", []string{"lang/expr"}, nil},
	{"lang/hclfile", on(text, "lang/expr"), []string{"github.com/hashicorp/hcl/v2", "!github.com/hashicorp/hcl/v2/hclwrite", cty}},
	{"lang/notation", on(text, "lang/yamlfile", "lang/hclfile"), nil},

	// Static meaning.
	{"lang/expr/exprtest", []string{"lang/diag"}, nil},
	{"lang/types", nil, nil},
	{"lang/release", nil, nil},
	{"lang/mustache", nil, nil},
	{"lang/script", text[:2], []string{"mvdan.cc/sh/v3"}},
	{"lang/builtin", []string{"lang/types", "lang/release"}, []string{cty}},
	{"lang/infer", []string{"lang/source", "lang/diag", "lang/expr", "lang/types", "lang/builtin"}, []string{cty}},
	{"lang/plan", on(text, "lang/edit", "lang/kept", "lang/expr", "lang/types", "lang/release", "lang/hclfile/hcltext"), nil},
	{"lang/check", on(text, "lang/edit", "lang/kept", "lang/plan", "lang/expr", "lang/types", "lang/infer", "lang/builtin", "lang/release", "lang/mustache", "lang/script", "lang/hclfile/hcltext"), nil},
	{"lang/lint", on(text, "lang/edit", "lang/kept", "lang/check", "lang/plan", "lang/expr", "lang/infer", "lang/types", "lang/builtin", "lang/release", "lang/mustache", "lang/script"), []string{"mvdan.cc/sh/v3/syntax"}},
	{"lang/lint/config", []string{"lang/lint", "lang/diag"}, []string{"gopkg.in/yaml.v3"}},
	{"lang/format", on(text, "lang/notation", "lang/yamlfile", "lang/hclfile", "lang/plan"), []string{"github.com/rogpeppe/go-internal/diff"}},
	{"lang/convert", on(text, "lang/notation", "lang/yamlfile", "lang/hclfile", "lang/hclfile/hcltext", "lang/plan", "lang/expr", "lang/types"), nil},
	{"lang/refdoc", []string{"lang/plan", "lang/builtin", "lang/types", "lang/diag", "lang/diag/catalog", "lang/lint"}, nil},
	{"lang", []string{"lang/..."}, nil},

	// Values and the compiled form.
	{"eval", []string{"lang/expr", "lang/types", "lang/builtin", "lang/release", "lang/diag", "lang/source"}, []string{cty}},
	{"eval/redact", []string{"lang/types"}, []string{cty}},
	{"eval/compile", on(text, "eval", "lang/plan", "lang/check", "lang/expr", "lang/types", "lang/release"), nil},
	{"eval/workspace", on(text, "eval/compile", "lang/regular", "lang/plan", "lang/check", "lang/expr", "lang/release"), nil},

	// What to do, and doing it.
	{"planner/filelock", nil, []string{sys}},
	{"planner/state", []string{"planner/filelock", "lang/release"}, []string{sys}},
	{"planner/state/statetest", []string{"planner/state"}, []string{"github.com/google/go-cmp"}},
	{"planner/state/remote", []string{"planner/state"}, nil},
	{"planner/archive", []string{"lang/release"}, nil},
	{"planner/fetch", []string{"planner/archive", "planner/filelock", "lang/release"}, nil},
	{"planner", []string{"planner/state", "lang/expr", "lang/release", "lang/diag"}, nil},
	{"planner/run", []string{"planner", "planner/state", "planner/archive", "eval", "eval/redact", "lang/expr", "lang/types", "lang/release", "lang/mustache"}, []string{sys}},

	// The artefact store.
	{"inventory", []string{"lang/release"}, nil},
	{"inventory/local", []string{"inventory", "planner/filelock", "lang/release"}, nil},
	{"inventory/client", []string{"inventory", "lang/release"}, nil},
	{"inventory/servertest", []string{"lang/release"}, nil},

	// The editor. Only the server itself sees the protocol; what is below it answers for text and offsets.
	{"lsp/internal/cache", []string{"lang/...", "eval/workspace"}, nil},
	{"lsp/internal/complete", []string{"lang/..."}, nil},
	{"lsp/internal/layout", []string{"lang/..."}, nil},
	{"lsp/internal/lookup", nil, nil},
	{"lsp/internal/symbol", []string{"lang/..."}, nil},
	{"lsp/internal/navigate", []string{"lang/...", "eval/workspace"}, nil},
	{"lsp/internal/outline", []string{"lang/..."}, nil},
	{"lsp/internal/plantest", []string{"lang/..."}, []string{"pgregory.net/rapid"}},
	{"lsp/internal/tokens", []string{"lang/..."}, nil},
	{"lsp/internal/value", []string{"lang/...", "eval", "eval/redact"}, nil},
	{"lsp/internal/hover", []string{"lang/...", "eval/redact"}, nil},
	{"lsp/internal/hints", []string{"lang/..."}, nil},
	{"lsp/internal/action", []string{"lang/..."}, nil},
	{"lsp/internal/graph", []string{"lang/...", "eval/compile"}, nil},
	{"lsp", []string{"lang/...", "eval", "eval/compile", "eval/workspace"}, []string{"go.lsp.dev"}},
	{"lsp/statefile", []string{"lsp", "planner", "planner/state"}, nil},
	{"lsp/internal/markertest", []string{"lang/release", "lang/source", "lsp", "lsp/statefile"}, []string{"go.lsp.dev", "github.com/rogpeppe/go-internal"}},

	// Wiring; nobody imports these.
	{"cmd/...", []string{"lang/...", "eval/...", "planner/...", "inventory/...", "lsp", "lsp/statefile", "cmd/..."}, []string{cobra, sys, "golang.org/x/term", "github.com/rogpeppe/go-internal/lockedfile"}},
}

// An Import is a package and the paths it imports, as the go command lists them.
type Import struct {
	ImportPath string
	Imports    []string
}

// Check compares packages with the ladder and returns what breaks it, one line each.
func Check(packages []Import) []string {
	var faults []string
	used := map[string]bool{}
	for _, p := range packages {
		path := relative(p.ImportPath)
		rung, ok := find(path)
		if !ok {
			faults = append(faults, fmt.Sprintf("%s is not in the table; add it to cmd/internal/archtest/ladder.go", path))
			continue
		}
		used[rung.Package] = true
		for _, imp := range p.Imports {
			if ours, isOurs := strings.CutPrefix(imp, Module); isOurs {
				if ours = strings.TrimPrefix(ours, "/"); !rung.mayImport(path, ours) {
					faults = append(faults, fmt.Sprintf("%s must not import %s", path, ours))
				}
			} else if strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && !rung.maySee(imp) {
				faults = append(faults, fmt.Sprintf("%s must not import %s", path, imp))
			}
		}
	}
	for _, r := range Ladder {
		if !used[r.Package] {
			faults = append(faults, fmt.Sprintf("the table names %s, which does not exist", r.Package))
		}
	}
	return faults
}

func relative(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, Module), "/") }

// find returns the rung of a package: its own, that of the package around an internal one, or that of a folder.
func find(path string) (*Rung, bool) {
	owner, _, internal := strings.Cut(path, "/internal/")
	for _, name := range []string{path, owner} {
		for i := range Ladder {
			if r := &Ladder[i]; r.Package == name && (internal || name == path) {
				return r, true
			}
		}
	}
	for i := range Ladder {
		if r := &Ladder[i]; matches(r.Package, path) {
			return r, true
		}
	}
	return nil, false
}

func matches(pattern, path string) bool {
	folder, ok := strings.CutSuffix(pattern, "/...")
	if !ok {
		return pattern == path
	}
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func (r *Rung) mayImport(path, target string) bool {
	owner, _, internal := strings.Cut(target, "/internal/")
	if internal && (owner == path || strings.HasPrefix(path, owner+"/")) {
		return true
	}
	return slices.ContainsFunc(r.Ours, func(pattern string) bool { return matches(pattern, target) })
}

func (r *Rung) maySee(lib string) bool {
	below := func(prefix string) bool { return lib == prefix || strings.HasPrefix(lib, prefix+"/") }
	barred := func(mark string) bool { prefix, ok := strings.CutPrefix(mark, "!"); return ok && below(prefix) }
	return slices.ContainsFunc(r.Libs, below) && !slices.ContainsFunc(r.Libs, barred)
}
