// Package types holds the types of Escape Script and of variables: what fits where, and how a value given for a
// variable becomes one of its type. It knows plain Go values only (see Value in value.go), no plans and no expressions.
//
// Read types.go (script types), then var.go (variable types), coerce.go and items.go.
package types

import (
	"slices"
	"strings"
)

// A Kind is the outermost form of a Type.
type Kind uint8

// The kinds. KindAny is the type of what is not known: it fits everywhere and silences all that follows.
const (
	KindAny Kind = iota
	KindString
	KindInt
	KindBool
	KindList
	KindMap
	KindObject
	KindFunc
)

// A Type is a type of Escape Script. The zero value is Any. Types are immutable; compare them with Equal.
type Type struct {
	kind Kind
	elem *Type   // of lists and maps
	obj  *object // of objects
	fn   *signature
}

type object struct {
	fields []Field
	index  map[string]int
	open   bool
}

type signature struct {
	params []Type
	result Type
}

// A Field is a key of an object, or a name of a scope.
type Field struct {
	Name string
	Type Type
	Doc  string // for hover and completion; may be empty
	// Absent says why the key cannot be used here although it exists, for example "outputs exist only after the main
	// step". Empty means that it can be used.
	Absent string
	// Const is the text that the key always has; nil if that is not known.
	Const *string
	// Def is whatever the maker of the field wants to find again: the definition. This package does not look at it.
	Def any
}

// The types without parts.
var (
	Any    = Type{}
	String = Type{kind: KindString}
	Int    = Type{kind: KindInt}
	Bool   = Type{kind: KindBool}
)

// List returns the type of lists whose elements have type elem.
func List(elem Type) Type { return Type{kind: KindList, elem: &elem} }

// Map returns the type of objects whose keys are not known and whose values have type elem.
func Map(elem Type) Type { return Type{kind: KindMap, elem: &elem} }

// Object returns the type of objects with these keys, in this order; of two fields of one name the last counts. An
// open object may have more keys, of unknown type. The fields belong to the type from then on: a caller who passes a slice
// must not change it.
func Object(open bool, fields ...Field) Type {
	o := &object{index: make(map[string]int, len(fields)), open: open, fields: fields[:len(fields):len(fields)]}
	for i := range fields {
		o.index[fields[i].Name] = i
	}
	if len(o.index) < len(fields) {
		o.unite()
	}
	return Type{kind: KindObject, obj: o}
}

// ObjectLike returns what Object returns. It takes less time if the keys are those of t, in the same order.
func ObjectLike(t Type, open bool, fields ...Field) Type {
	if t.obj == nil || len(t.obj.index) != len(fields) || !slices.EqualFunc(t.obj.fields, fields, func(f, g Field) bool { return f.Name == g.Name }) {
		return Object(open, fields...)
	}
	return Type{kind: KindObject, obj: &object{index: t.obj.index, open: open, fields: fields[:len(fields):len(fields)]}}
}

// unite leaves the last of equal fields, in the place of the first.
func (o *object) unite() {
	all := o.fields
	o.fields = make([]Field, 0, len(o.index))
	clear(o.index)
	for _, f := range all {
		if i, ok := o.index[f.Name]; ok {
			o.fields[i] = f
			continue
		}
		o.index[f.Name] = len(o.fields)
		o.fields = append(o.fields, f)
	}
}

// FuncType returns the type of lambdas with these parameters.
func FuncType(result Type, params ...Type) Type {
	return Type{kind: KindFunc, fn: &signature{params, result}}
}

// Kind returns the outermost form of t.
func (t Type) Kind() Kind { return t.kind }

// IsAny reports whether nothing is known about t.
func (t Type) IsAny() bool { return t.kind == KindAny }

// Elem returns the type of the elements of a list or map, and Any for other types.
func (t Type) Elem() Type {
	if t.elem == nil {
		return Any
	}
	return *t.elem
}

// Params and Result describe a function; they are empty for other types.
func (t Type) Params() []Type {
	if t.fn == nil {
		return nil
	}
	return t.fn.params
}

// Result returns what a function gives; Any for other types.
func (t Type) Result() Type {
	if t.fn == nil {
		return Any
	}
	return t.fn.result
}

// Field returns the key name of an object, also one that is absent (see Field.Absent).
func (t Type) Field(name string) (Field, bool) {
	if t.obj != nil {
		if i, ok := t.obj.index[name]; ok {
			return t.obj.fields[i], true
		}
	}
	return Field{}, false
}

// Fields returns all keys of an object in order, absent ones too. The caller must not change them.
func (t Type) Fields() []Field {
	if t.obj == nil {
		return nil
	}
	return t.obj.fields
}

// Open reports whether t may have keys that are not among its Fields.
func (t Type) Open() bool {
	return t.kind == KindAny || t.kind == KindMap || t.kind == KindObject && t.obj.open
}

// Names returns the sorted names of the keys that can be used.
func (t Type) Names() []string {
	var names []string
	for _, f := range t.Fields() {
		if f.Absent == "" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Equal reports whether t and u are the same type. Documentation, definitions and reasons do not count.
func (t Type) Equal(u Type) bool {
	return t.like(u, Type.Equal, func(f, g *Field) bool { return (f.Absent == "") == (g.Absent == "") })
}

// Alike reports whether the same can be said about expressions that use t as about those that use u: they differ in what the
// fields are documented and defined by at most.
func (t Type) Alike(u Type) bool {
	return t.like(u, Type.Alike, func(f, g *Field) bool {
		return f.Absent == g.Absent && (f.Const == nil) == (g.Const == nil) && (f.Const == nil || *f.Const == *g.Const)
	})
}

// like reports whether t and u are of one kind, with parts that are the same and fields that are besides their types.
func (t Type) like(u Type, same func(t, u Type) bool, fields func(f, g *Field) bool) bool {
	if t.kind != u.kind {
		return false
	}
	switch t.kind {
	case KindList, KindMap:
		return same(t.Elem(), u.Elem())
	case KindFunc:
		return same(t.fn.result, u.fn.result) && slices.EqualFunc(t.fn.params, u.fn.params, same)
	case KindObject:
		if t.obj == u.obj {
			return true
		}
		if t.obj.open != u.obj.open || len(t.obj.fields) != len(u.obj.fields) {
			return false
		}
		for i := range t.obj.fields {
			f, g := &t.obj.fields[i], &u.obj.fields[i]
			if f.Name != g.Name {
				other, ok := u.obj.index[f.Name]
				if !ok {
					return false
				}
				g = &u.obj.fields[other]
			}
			if !fields(f, g) || !same(f.Type, g.Type) {
				return false
			}
		}
	}
	return true
}

// String returns the short form used in signatures: "string", "integer", "list[string]", "object".
func (t Type) String() string {
	switch t.kind {
	case KindString:
		return "string"
	case KindInt:
		return "integer"
	case KindBool:
		return "bool"
	case KindList:
		if t.Elem().IsAny() {
			return "list"
		}
		return "list[" + t.Elem().String() + "]"
	case KindMap, KindObject:
		return "map"
	case KindFunc:
		params := make([]string, len(t.fn.params))
		for i, p := range t.fn.params {
			params[i] = p.String()
		}
		return "func(" + strings.Join(params, ", ") + ") " + t.fn.result.String()
	default:
		return "any"
	}
}

// Describe returns t for a sentence, with its article: "a string", "a list of integers".
func (t Type) Describe() string {
	switch t.kind {
	case KindString:
		return "a string"
	case KindInt:
		return "an integer"
	case KindBool:
		return "a bool"
	case KindList:
		if t.Elem().IsAny() {
			return "a list"
		}
		return "a list of " + t.Elem().plural()
	case KindMap, KindObject:
		return "a map"
	case KindFunc:
		return "a function"
	default:
		return "anything"
	}
}

func (t Type) plural() string {
	_, noun, _ := strings.Cut(t.Describe(), " ")
	if head, tail, ok := strings.Cut(noun, " "); ok {
		return head + "s " + tail
	}
	return noun + "s"
}

// A Fit says whether a value of one type can be used where another is wanted.
type Fit uint8

// The fits, from good to bad.
const (
	Fits        Fit = iota
	FitsAsJSON      // a list becomes JSON text: it works, but is seldom meant
	FitsPerhaps     // depends on the value: a string may hold an integer
	FitsNot
)

// Assignable says whether an expression of type from may give the value of a variable of type to. It follows what
// Var.Coerce does with values.
func Assignable(from, to Type) Fit {
	if from.IsAny() || to.IsAny() {
		return Fits
	}
	switch to.kind {
	case KindString:
		switch from.kind {
		case KindString, KindInt, KindBool:
			return Fits
		case KindList:
			return FitsAsJSON
		}
	case KindInt, KindBool:
		switch {
		case from.kind == to.kind || from.kind == KindInt:
			return Fits
		case from.kind == KindString:
			return FitsPerhaps
		}
	case KindList:
		switch {
		case from.kind == KindString:
			return FitsPerhaps
		case from.kind == KindList && (from.Elem().IsAny() || to.Elem().IsAny() || from.Elem().Equal(to.Elem())):
			return Fits
		}
	case KindMap:
		switch from.kind {
		case KindMap:
			return Assignable(from.Elem(), to.Elem())
		case KindObject:
			for _, f := range from.Fields() {
				if Assignable(f.Type, to.Elem()) == FitsNot {
					return FitsNot
				}
			}
			return Fits
		}
	case KindObject:
		if from.kind == KindMap {
			return FitsPerhaps
		}
		if from.kind == KindObject {
			for _, f := range to.Fields() {
				g, ok := from.Field(f.Name)
				if !ok && !from.Open() || ok && Assignable(g.Type, f.Type) == FitsNot {
					return FitsNot
				}
			}
			return Fits
		}
	case KindFunc:
		if from.kind == KindFunc && len(from.Params()) == len(to.Params()) {
			return Fits
		}
	}
	return FitsNot
}
