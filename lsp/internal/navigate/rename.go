package navigate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// Edits are edits of files, in the order of their names.
type Edits []FileEdits

// FileEdits are edits of one file, in order.
type FileEdits struct {
	File  *source.File
	Edits []source.Edit
}

// add adds an edit, once.
func (e *Edits) add(f *source.File, edit source.Edit) {
	i, ok := slices.BinarySearchFunc(*e, f.Name(), func(x FileEdits, name string) int { return cmp.Compare(x.File.Name(), name) })
	if !ok {
		*e = slices.Insert(*e, i, FileEdits{File: f})
	}
	list := &(*e)[i]
	at, same := slices.BinarySearchFunc(list.Edits, edit, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	})
	if !same {
		list.Edits = slices.Insert(list.Edits, at, edit)
	}
}

// Prepare says whether a symbol can be renamed at all. The error is for people.
func Prepare(snap *cache.Snapshot, s symbol.Symbol) error {
	switch s.Kind {
	case symbol.Input, symbol.Output, symbol.Dependency, symbol.Extension, symbol.Consumer, symbol.Errand, symbol.ErrandInput,
		symbol.Package, symbol.Parameter, symbol.Tag, symbol.Metadata, symbol.Deployment, symbol.Variable:
	case symbol.Interface:
		return errors.New("an interface is what packages agree on; give the provider another alias with \"as\" instead")
	case symbol.File, symbol.Template:
		return errors.New("rename the file itself: the plan follows")
	default:
		return fmt.Errorf("%q is a word of the language", s.Name)
	}
	if s.Use == symbol.Mention {
		return errors.New("this text need not mean the variable")
	}
	if s.Use == symbol.Indirect {
		return fmt.Errorf("%q is a word of the language", s.File.Slice(s.Span))
	}
	for _, o := range s.Owners {
		if err := canChange(o); err != nil {
			return err
		}
	}
	if s.Kind == symbol.Variable {
		return canRename(snap, s)
	}
	if !slices.ContainsFunc(s.Owners, func(o symbol.Owner) bool { return o.Package != "" }) {
		return fmt.Errorf("no plan of the workspace that provides %q has the output %q", s.Within, s.Name)
	}
	if len(s.Defs) == 0 {
		return fmt.Errorf("the %s %q is declared nowhere", s.Kind, s.Name)
	}
	return typedByName(s.Plan, s.ID)
}

// canChange says why a declaration cannot be changed.
func canChange(o symbol.Owner) error {
	switch {
	case o.Version == symbol.Unknown && o.Kind == symbol.Package:
		return fmt.Errorf("nothing is known of %q here: it has no plan in the workspace", o.Package)
	case o.Version == symbol.Unknown:
		return fmt.Errorf("nothing is known of the package %q here, which has the %s %q", o.Package, o.Kind, o.Name)
	case o.Version != "" && o.Kind == symbol.Package:
		return fmt.Errorf("%s-v%s is released and cannot be changed", o.Package, o.Version)
	case o.Version != "":
		return fmt.Errorf("the release %s-v%s has the %s %q and cannot be changed", o.Package, o.Version, o.Kind, o.Name)
	}
	return nil
}

// Word returns what stands at a symbol and would be replaced.
func Word(s symbol.Symbol) string { return s.File.Slice(s.Span) }

// Rename returns the edits that give a symbol another name everywhere. The error says why that is not possible, for people.
func Rename(ctx context.Context, snap *cache.Snapshot, s symbol.Symbol, name string) (Edits, error) {
	if err := Prepare(snap, s); err != nil {
		return nil, err
	}
	if err := validName(s.Kind, name); err != nil {
		return nil, err
	}
	if name == Word(s) {
		return Edits{}, nil
	}
	found := References(ctx, snap, s)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := renaming{snap: snap, found: found, name: name}
	if err := r.check(); err != nil {
		return nil, err
	}
	for i := range found.Uses {
		if err := r.edit(&found.Uses[i]); err != nil {
			return nil, err
		}
	}
	return r.edits, nil
}

// validName says why a text cannot be the name of a kind of symbol.
func validName(kind symbol.Kind, name string) error {
	switch kind {
	case symbol.Package:
		project, short := release.SplitName(name)
		if project != "_" {
			if err := release.CheckName(project); err != nil {
				return err
			}
		}
		return release.CheckName(short)
	case symbol.Deployment:
		return release.CheckName(name)
	}
	if kind == symbol.Variable {
		if !shellName().MatchString(name) || script.IsEscape(name) {
			return fmt.Errorf("%q cannot be a variable of a script: letters, digits and \"_\", no digit first", name)
		}
		return nil
	}
	id, err := release.CheckVariable(name)
	if err != nil && strings.Contains(err.Error(), "PREVIOUS_") {
		return fmt.Errorf("a name cannot begin with %q", name[:len("previous_")])
	}
	if err != nil || id != name {
		return fmt.Errorf("%q is no name: letters, digits, \"-\" and \"_\", a letter first", name)
	}
	switch kind {
	case symbol.Dependency, symbol.Extension, symbol.Consumer, symbol.Parameter:
		if name == "this" || name == "func" {
			return fmt.Errorf("%q is a word of the language", name)
		}
	case symbol.Input:
		for _, prefix := range []string{"METADATA_", "OUTPUT_"} {
			if strings.HasPrefix(name, prefix) {
				return fmt.Errorf("scripts know something else as INPUT_%s...", prefix)
			}
		}
	}
	return nil
}

var shellName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// A renaming collects edits.
type renaming struct {
	snap  *cache.Snapshot
	found *Found
	name  string
	edits Edits
}

// edit adds the edit of one word.
func (r *renaming) edit(u *Use) error {
	word := u.File.Slice(u.Span)
	old := r.found.Symbol.Name
	isPlan := u.File == u.Plan.Source
	switch {
	case u.Kind == symbol.Consumer && u.Use == symbol.Declare && isBareConsumer(u):
		return r.addAlias(u)
	case u.Kind == symbol.Package:
		if word != old && !strings.HasSuffix(old, "/"+word) {
			return r.unreadable(u)
		}
	case word != old && (!isPlan || !r.escaped(u, word)):
		return r.unreadable(u)
	}
	text := r.name
	if isPlan && r.mustQuote(u) {
		text = `"` + text + `"`
	}
	r.edits.add(u.File, source.Edit{Span: u.Span, New: text})
	return nil
}

// escaped reports whether a word of a plan that looks different is the name with escapes, which can be written without.
func (r *renaming) escaped(u *Use, word string) bool {
	return u.Scalar != nil && u.Scalar.Style == syntax.DoubleQuoted && strings.Contains(word, `\`) && !strings.ContainsAny(word, "\"\n")
}

func (r *renaming) unreadable(u *Use) error {
	at := u.File.Position(int(u.Span.Start))
	return fmt.Errorf("the name is written in a way that cannot be changed: %s, line %d", r.rel(u.File), at.Line)
}

// rel is how messages call a file.
func (r *renaming) rel(f *source.File) string {
	if rel, err := filepath.Rel(filepath.Dir(r.found.Symbol.Plan.Doc.Path), f.Name()); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.Base(f.Name())
}

// isBareConsumer reports whether the interface of a consumer is its alias.
func isBareConsumer(u *Use) bool {
	c, ok := u.Def.(*plan.Consumer)
	return ok && c.As.Value == ""
}

// addAlias writes " as NAME" behind the interface of a consumer.
func (r *renaming) addAlias(u *Use) error {
	at := source.Span{Start: u.Span.End, End: u.Span.End}
	if u.Plan.Syntax.Notation == syntax.YAML {
		r.edits.add(u.File, source.Edit{Span: at, New: " as " + r.name})
		return nil
	}
	text := u.File.Text()[at.End:]
	rest := strings.TrimPrefix(text, `"`)
	at = at.Shift(len(text) - len(rest))
	at.Start = at.End
	open := strings.IndexByte(rest, '{')
	if open < 0 || strings.TrimSpace(rest[:open]) != "" {
		return r.unreadable(u)
	}
	at = at.Shift(open + 1)
	line := u.File.Line(u.File.LineOf(int(at.Start)))
	behind := strings.TrimSpace(u.File.Slice(source.Span{Start: at.Start, End: line.End}))
	text = " as = \"" + r.name + "\" "
	if behind == "" || strings.HasPrefix(behind, "#") || strings.HasPrefix(behind, "//") {
		text = "\n  as = \"" + r.name + "\""
		at = source.Span{Start: line.End, End: line.End}
	} else if behind != "}" {
		return r.unreadable(u)
	}
	r.edits.add(u.File, source.Edit{Span: at, New: text})
	return nil
}

// mustQuote reports whether the new name would be no text where it stands.
func (r *renaming) mustQuote(u *Use) bool {
	f := u.Plan.Syntax
	if u.Span.Start > 0 && strings.ContainsRune(`"'.`, rune(u.File.Text()[u.Span.Start-1])) {
		return false
	}
	if f.Notation == syntax.HCL {
		return (u.Use == symbol.Write || u.Use == symbol.Declare) && slices.Contains(hclWords, r.name)
	}
	s := u.Scalar
	return s != nil && s.Style == syntax.Plain && s.Pos == u.Span && slices.Contains(yamlWords, strings.ToLower(r.name))
}

// yamlWords mean something else than themselves without quotes in YAML 1.1, and hclWords in HCL.
var (
	yamlWords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
	hclWords  = []string{"for", "true", "false", "null"}
)

// captured reports whether a parameter of a lambda around a use has the new name already, or the lambda of a parameter uses
// something else of that name.
func (r *renaming) captured(u *Use) bool {
	if u.File != u.Plan.Source {
		return false
	}
	e, ok := u.Plan.Info.At(int(u.Span.Start))
	if !ok {
		return false
	}
	found := false
	expr.Walk(e.Root, func(n expr.Expr) bool {
		f, ok := n.(*expr.Func)
		if ok && e.Text.At(f.Span()).Encloses(u.Span) {
			found = found || slices.ContainsFunc(f.Params, func(p expr.Name) bool { return p.Text == r.name }) ||
				u.Kind == symbol.Parameter && refersTo(f.Body, r.name)
		}
		return true
	})
	return found
}

// refersTo reports whether an expression uses a name.
func refersTo(e expr.Expr, name string) (found bool) {
	expr.Walk(e, func(n expr.Expr) bool {
		ref, ok := n.(*expr.Ref)
		found = found || ok && ref.Name.Text == name
		return true
	})
	return found
}
