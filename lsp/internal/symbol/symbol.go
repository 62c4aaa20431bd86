// Package symbol says what stands at a place of a plan, script or template, what it means, and where that is declared: in the
// plan, in the plan of another package, or in the metadata of a release. It knows nothing of the protocol.
//
// Read symbol.go (the answers), index.go (what a plan holds outside of its expressions), exprs.go, scripts.go and templates.go
// (the other places where names stand), owner.go (which package a name belongs to), keys.go (the words of the language).
package symbol

import (
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
)

// A Kind says what a symbol is.
type Kind uint8

// The kinds of symbols.
const (
	None Kind = iota
	Package
	Input
	Output
	Dependency // its alias
	Extension  // its alias
	Consumer   // its alias
	Interface  // that is provided or consumed
	Errand
	ErrandInput // Within is the errand
	Template    // the file; Name is its absolute path
	Tag         // a key of the mapping of a template; Within is its absolute path
	Step
	File // Name is its absolute path
	Metadata
	Builtin
	Field      // a field or key of the plan, or a key of the language such as "inputs" in $this.inputs
	Deployment // a deployment name
	Parameter  // a parameter of a lambda
	Type       // of a variable
	Variable   // that a shell script sets for itself; Within is where the script stands
)

var kinds = [...]string{"", "package", "input", "output", "dependency", "extension", "consumer", "interface", "errand", "errand input",
	"template", "template tag", "step", "file", "metadata key", "builtin", "field", "deployment name", "parameter", "type", "script variable"}

// String names the kind, such as "input".
func (k Kind) String() string { return kinds[k] }

// An ID says what a symbol is, wherever it stands: equal symbols have equal ids.
type ID struct {
	Kind Kind
	// Package is "project/name" of the plan or release that it belongs to; empty for what belongs to none.
	Package string
	// Within is what else it belongs to: an errand, a template, the interface of a provider whose output it is.
	Within string
	Name   string
}

// A Use says what a word does with what it names.
type Use uint8

// The uses.
const (
	Read     Use = iota
	Write        // it gives it a value
	Declare      // it says that it is there
	Mention      // a text that may or may not mean it
	Indirect     // another word that stands for it, such as "this" for the package
)

// A Place is a span of a file.
type Place struct {
	File *source.File
	Span source.Span
}

// An Occurrence is a word that means something.
type Occurrence struct {
	ID
	Place
	Use Use
	// Def is the part of the plan that the word stands for, as check.Expr.DefOf returns it; nil if it is in another package.
	Def any
	// Release is what is known of the package that it belongs to, if that is another one than the plan.
	Release *release.Metadata
	// Scalar is the value of the plan in which it stands; nil in other files.
	Scalar *syntax.Scalar
	// Env is set in scripts: the name of the variable up to the word, such as "INPUT_".
	Env string
	// Exported is set for a Variable whose name means something to other programs.
	Exported bool
}

// A Symbol is an Occurrence with what it means.
type Symbol struct {
	Occurrence
	// Plan is the plan in which it means that.
	Plan *cache.Analyzed
	// Owners are what declares it; the first one gives the ID. There is at least one.
	Owners []Owner
	// Defs are the places where it is declared, the nearest first; none if nobody knows, or the language has it.
	Defs []Place
}

// At returns what stands at an offset of a document; false if that is nothing with a meaning.
func At(snap *cache.Snapshot, d *cache.Document, off int) (Symbol, bool) {
	if d == nil {
		return Symbol{}, false
	}
	if an := snap.Analyze(d); an != nil {
		return In(snap, an, d.Source.Name(), off)
	}
	for _, an := range snap.Users(d.Path) {
		if s, ok := In(snap, an, d.Source.Name(), off); ok {
			return s, true
		}
	}
	return Symbol{}, false
}

// In returns what stands at an offset of the plan, or of a file that it uses.
func In(snap *cache.Snapshot, an *cache.Analyzed, file string, off int) (Symbol, bool) {
	x := Of(snap, an)
	o, ok := x.at(file, off)
	if !ok {
		return Symbol{}, false
	}
	s := Symbol{Occurrence: o, Plan: an, Owners: Resolve(snap, an, o.ID)}
	s.ID = s.Owners[0].ID
	for _, owner := range s.Owners {
		s.Defs = append(s.Defs, owner.Places...)
	}
	return s, true
}

// Alias returns the consumer that an interface declares which has no other name in the plan; false for anything else.
func Alias(snap *cache.Snapshot, s Symbol) (Symbol, bool) {
	c, ok := s.Def.(*plan.Consumer)
	if !ok || s.Kind != Interface || c.As.Value != "" {
		return Symbol{}, false
	}
	s.ID, s.Use = Of(snap, s.Plan).mine(Consumer, s.Name), Declare
	s.Owners = Resolve(snap, s.Plan, s.ID)
	s.ID, s.Defs = s.Owners[0].ID, nil
	for _, owner := range s.Owners {
		s.Defs = append(s.Defs, owner.Places...)
	}
	return s, true
}
