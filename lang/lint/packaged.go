package lint

import (
	"fmt"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// packaged are the rules about the files of a package.
var packaged = []Rule{
	{Code: diag.IncludeLeftover, Category: Reproducibility, Check: includeLeftover},
	{Code: diag.IncludeEverything, Category: Reproducibility, Check: includeEverything},
	{Code: diag.IncludeTwice, Category: Maintainability, Check: includeTwice},
}

// A fileList is includes or generates.
type fileList struct {
	texts []plan.Text
	node  *syntax.Sequence // as it is written; nil if it cannot be edited
}

func (p *Pass) fileLists() []fileList {
	return []fileList{
		{p.Plan.Includes, p.listOf("includes", len(p.Plan.Includes))},
		{p.Plan.Generates, p.listOf("generates", len(p.Plan.Generates))},
	}
}

// patterns calls fn for every pattern of includes and generates.
func (p *Pass) patterns(fn func(t plan.Text, list fileList, i int)) {
	for _, list := range p.fileLists() {
		for i, t := range list.texts {
			fn(t, list, i)
		}
	}
}

// listOf returns the list of the field, if it is written once and has just n elements.
func (p *Pass) listOf(field string, n int) *syntax.Sequence {
	list := edit.Of(p.Plan.File).List(field)
	if list == nil || len(list.Items) != n {
		return nil
	}
	return list
}

// leftovers are files and folders that tools leave on one machine, and what they are.
var leftovers = map[string]string{
	".git": "the history of the source", ".svn": "the history of the source", ".hg": "the history of the source",
	".escape": "what Escape keeps on this machine", "escape_state.json": "the state of this machine", "deps": "the dependencies, which every package brings itself",
	".terraform": "what terraform has fetched for this machine", ".terragrunt-cache": "what terragrunt has fetched for this machine",
	"node_modules": "what npm has fetched for this machine", "__pycache__": "a cache", ".pytest_cache": "a cache", ".mypy_cache": "a cache",
	".cache": "a cache", ".venv": "what Python has fetched for this machine", ".vagrant": "the machines of this machine", ".idea": "settings of an editor",
	".vscode": "settings of an editor", ".DS_Store": "settings of a file manager",
}

// useless are the leftovers that no package needs to work.
var useless = map[string]bool{"__pycache__": true, ".pytest_cache": true, ".mypy_cache": true, ".idea": true, ".vscode": true, ".DS_Store": true}

// includeLeftover reports patterns that name what tools leave behind.
func includeLeftover(p *Pass) {
	p.patterns(func(t plan.Text, list fileList, i int) {
		for _, part := range strings.Split(path.Clean(t.Value), "/") {
			if what, ok := leftovers[part]; ok && !(part == "deps" && path.Clean(t.Value) != part) {
				x := p.Report(t.Span(), fmt.Sprintf("%s is %s: two builds of the same source make different packages", quoted(part), what))
				x.Fixes = p.removeItem(list.node, i, useless[part])
				return
			}
		}
	})
}

// includeEverything reports patterns that take whatever lies around.
func includeEverything(p *Pass) {
	p.patterns(func(t plan.Text, _ fileList, _ int) {
		switch t.Value {
		case "*", "**", ".", "./", "./*", "*/*", "**/*":
			x := p.Report(t.Span(), fmt.Sprintf("%q takes whatever lies around in the folder, such as editors' files and keys", t.Value))
			x.Hint = "name what belongs in the package"
		}
	})
}

// includeTwice reports patterns that add nothing: the same one or a folder around it is in the list too.
func includeTwice(p *Pass) {
	for _, list := range p.fileLists() {
		taken := make(map[string]int, len(list.texts))
		for i, t := range list.texts {
			if _, ok := taken[path.Clean(t.Value)]; !ok {
				taken[path.Clean(t.Value)] = i
			}
		}
		for i, t := range list.texts {
			clean := path.Clean(t.Value)
			by, twice := taken[clean], taken[clean] != i
			if !twice && !strings.ContainsAny(clean, `\[`) {
				dirs(clean, func(dir string) bool {
					by, twice = taken[dir]
					return !twice
				})
			}
			if t.Value == "" || !twice || !inside(clean) {
				continue
			}
			x := p.Report(t.Span(), fmt.Sprintf("%s is in the package already", quoted(t.Value)))
			x.Related = []diag.Related{{File: p.Plan.File.Source, Span: list.texts[by].Span(), Message: "this takes it along"}}
			x.Fixes = p.removeItem(list.node, i, true)
		}
	}
}

// inside reports whether a path leads to a file of the package.
func inside(name string) bool {
	clean := path.Clean(name)
	return !path.IsAbs(clean) && clean != ".." && !strings.HasPrefix(clean, "../")
}
