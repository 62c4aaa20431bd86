// Package check finds what is wrong with a decoded plan before anything runs: names, references, types, scopes, and
// whatever can only fail later. It does not read the text of a plan (see lang/yamlfile) nor its form (see lang/plan).
//
// Read check.go, then scope.go (which names an expression may use where), bundle.go and inherit.go (what other packages
// add), runs.go (the scripts that the plan runs), then the file of the entry in question.
package check

import (
	"io/fs"
	"maps"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// Deps holds the release metadata of dependencies and extensions by alias, and that of packages which they need by release
// id ("project/name-v1.0"). What is not in it is unknown, and nothing is said about it. nil is fine.
type Deps map[string]*release.Metadata

// Env is what the checker may see of the world around the plan. A nil function means that nothing is known: then
// nothing is said about files or commands.
type Env struct {
	// Stat looks at a path relative to the folder of the plan.
	Stat func(path string) (fs.FileInfo, error)
	// ReadDir lists a folder relative to the folder of the plan, for suggestions.
	ReadDir func(path string) ([]fs.DirEntry, error)
	// ReadFile reads a file relative to the folder of the plan. Of what cannot be read nothing is said.
	ReadFile func(path string) ([]byte, error)
	// LookPath finds a command on the PATH.
	LookPath func(name string) (string, error)
	// ParseScript reads the script in a file of the package: script.ParseAs, which nil means, or something that remembers
	// what that has returned for the same name, text and language.
	ParseScript func(*source.File, script.Lang) *script.Script
	// Origin says where release metadata comes from; nil, also of the function, is a release.
	Origin func(*release.Metadata) *Origin
	// Providers are further packages that provide an interface, such as the plans of a workspace.
	Providers func(iface string) []*release.Metadata
	// Partial says that the text could not be read in full: nothing is said about what is missing.
	Partial bool
	// Kept is what is known from checking the plan before it was edited; nil if nothing is to be kept.
	Kept *Kept
}

// Check returns what is wrong with p and what its expressions mean. The plan must come from plan.Decode; it may be one
// with errors: what could not be decoded is left alone.
func Check(p *plan.Plan, deps Deps, env Env) (*Info, diag.List) {
	c := checker{p: p, deps: deps, env: env, src: p.File.Source, info: &Info{Plan: p}}
	c.observe = c.observed
	c.info.Exprs = make([]Expr, 0, len(p.Inputs)+len(p.BuildInputs)+len(p.DeployInputs)+len(p.Outputs)+len(p.BuildOutputs)+len(p.DeployOutputs))
	c.bundle()
	c.inherit()
	c.identity()
	c.aliases()
	c.variables()
	c.depends()
	c.packages()
	c.overrides()
	c.consumers()
	c.steps()
	c.errands()
	c.scripts()
	c.templates()
	c.downloads()
	c.patterns()
	c.unusedConsumers()
	c.info.sort()
	if k := env.Kept; k != nil {
		k.objects, k.former, k.formerObjects, k.formerIDs = maps.Clone(c.objects), nil, nil, [2]keptIDs{}
	}
	c.info.spots = &spots{c: &c}
	return c.info, c.list
}

type checker struct {
	p    *plan.Plan
	deps Deps
	env  Env
	src  *source.File
	info *Info
	list diag.List

	// extensions and dependencies are in the order of their entries; behind the plan's own dependencies are those that
	// extensions bring.
	extensions, dependencies []*bundled
	absorbed                 []absorbed
	place                    map[string]int // of dependencies, by alias

	inherited       inherited
	scopes          map[scopeKey]types.Type
	unknown         [afterMain + 1]types.Type // dependencies without metadata, by moment
	inputs, outputs declared
	lastScope       lastScope
	made            *made // files that the plan itself makes
	objects         map[objectKey]types.Type
	observe         func(expr.Expr, types.Type, *types.Field)
	see             func(expr.Expr, *types.Field) // of the expression at hand
	errandIDs       map[string]*plan.Variable     // inputs of an errand that has many
	edges           map[*plan.Variable][]edge
	used            map[*plan.Consumer]bool
	consumed        bool // whether an expression that was checked uses a consumer
	suggested       int
}

// edit makes fixes of the plan.
func (c *checker) edit() edit.Plan { return edit.Of(c.p.File) }

func (c *checker) report(code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	c.list = append(c.list, diag.New(code, c.src, span, message))
	return &c.list[len(c.list)-1]
}

// maxSuggestions is for how many unknown words a similar known one is looked up.
const maxSuggestions = 100

func (c *checker) nearest(word string, candidates []string) (string, bool) {
	if c.suggested++; c.suggested > maxSuggestions {
		return "", false
	}
	return diag.Nearest(word, candidates)
}

func replaceFix(span source.Span, text, title string) []diag.Fix {
	return []diag.Fix{{Title: title, Preferred: true, Edits: []source.Edit{{Span: span, New: text}}}}
}

// isFile reports whether path is a regular file; known is false if nothing is known about files.
func (c *checker) isFile(path string) (exists, known bool) {
	if c.env.Stat == nil {
		return false, false
	}
	info, err := c.env.Stat(path)
	return err == nil && info.Mode().IsRegular(), true
}
