// Package tokens says what the words of a plan are, so that an editor can colour them: which are fields and keys, what is
// declared, what a reference refers to and whether it refers to anything, releases and interfaces, and the variables of
// scripts. What a grammar can see by itself (texts, numbers, comments) is left to it.
//
// Read tokens.go (what comes out), then structure.go (fields and keys), exprs.go (expressions), scripts.go, and encode.go (the
// numbers that an editor gets).
package tokens

import (
	"cmp"
	"slices"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
)

// A Token is a word with what it is.
type Token struct {
	Span source.Span
	Type Type
	Mods Mods
}

// A Type is the kind of a token: an index into Types.
type Type uint8

// The types.
const (
	Namespace Type = iota // a package, or the name of one in expressions
	TypeName
	Interface
	EnumMember
	Parameter // an input, or a parameter of a lambda
	Variable  // an output, or "$this"
	Property
	Function
	Method
	Keyword // a field of the plan, or "$func"
	String
	Number
)

// Types are the names of the types; all are standard ones of the protocol.
var Types = []string{
	"namespace", "type", "interface", "enumMember", "parameter", "variable", "property", "function", "method", "keyword", "string",
	"number",
}

// Mods is a set of modifiers: bit i stands for Modifiers[i].
type Mods uint8

// The modifiers.
const (
	Declaration Mods = 1 << iota
	Definition
	Readonly
	Deprecated
	DefaultLibrary
	Unresolved // a name that does not exist, or not at this place
)

// Modifiers are the names of the modifiers. The last is our own; editors that do not know it leave it out.
var Modifiers = []string{"declaration", "definition", "readonly", "deprecated", "defaultLibrary", "unresolved"}

// Of returns the tokens of a plan that lie in a span or reach into it, sorted and without overlaps. It looks at nothing
// that lies outside.
func Of(an *lang.Analysis, span source.Span) []Token {
	w := structure{an: an, span: span, out: make([]Token, 0, max(0, int(span.Len()))/usual)}
	w.document()
	list := merge(w.out, expressions(an, span))
	list = merge(list, scripts(an, span))
	return apart(list)
}

// usual is how many bytes of a plan there are for each token; there may be more.
const usual = 20

// merge merges two lists that are sorted, in the room of the first if it is large enough. What begins at the same place comes from
// the first list.
func merge(a, b []Token) []Token {
	i, j := len(a), len(b)
	out := slices.Grow(a, len(b))[:len(a)+len(b)]
	for k := len(out); j > 0; {
		k--
		if i > 0 && out[i-1].Span.Start > b[j-1].Span.Start {
			i--
			out[k] = out[i]
		} else {
			j--
			out[k] = b[j]
		}
	}
	return out
}

// apart sorts tokens and drops those that overlap with one before, and empty ones.
func apart(list []Token) []Token {
	byPlace := func(a, b Token) int { return cmp.Compare(a.Span.Start, b.Span.Start) }
	if !slices.IsSortedFunc(list, byPlace) {
		slices.SortStableFunc(list, byPlace)
	}
	end := int32(0)
	out := list[:0]
	for _, t := range list {
		if t.Span.Start < end || t.Span.Len() <= 0 {
			continue
		}
		end = t.Span.End
		out = append(out, t)
	}
	return out
}
