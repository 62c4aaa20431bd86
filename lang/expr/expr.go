// Package expr reads and prints Escape Script, the expression language inside plans. It knows the form of expressions
// and nothing of their meaning: names and types are lang/infer's, values are eval's.
//
// A broken expression still gives a usable tree: a missing name is an empty one ("$dep." is a Select without a name),
// anything else that cannot be read is a *Bad. Spans are byte offsets in the expression's own text.
//
// Read expr.go (the nodes), then parse.go, print.go and walk.go.
package expr

import "escape.build/escape/lang/source"

// An Expr is a *Literal, *Ref, *Select, *Index, *Slice, *Call, *Func or *Bad.
type Expr interface {
	// Span covers the node's own text, brackets included, without surrounding blanks.
	Span() source.Span
	expr()
}

// A Kind tells what a Literal is.
type Kind uint8

// The kinds of literals.
const (
	StringLit Kind = iota
	IntLit
)

// A Literal is a string or an integer.
type Literal struct {
	Pos  source.Span
	Kind Kind
	Str  string // value of a StringLit
	Int  int64  // value of an IntLit
}

// A Name is a name as written, with its place. Text is empty where a name is missing; Pos is then the place where it
// would stand.
type Name struct {
	Text string
	Pos  source.Span
}

// A Ref is "$name": a name of the scope, or a parameter of a lambda around it.
type Ref struct {
	Pos  source.Span
	Name Name
}

// A Select is "X.name".
type Select struct {
	Pos  source.Span
	X    Expr
	Dot  int32 // offset of the "."
	Name Name
}

// An Index is "X[i]".
type Index struct {
	Pos source.Span
	X   Expr
	At  *Literal // nil if it could not be read
}

// A Slice is "X[lo:hi]".
type Slice struct {
	Pos    source.Span
	X      Expr
	Lo, Hi *Literal // nil if not written
}

// A Call is "$__name(args)", or "Recv.name(args)" which means the same as "$__name(Recv, args)".
type Call struct {
	Pos  source.Span
	Name Name // without "__"
	Recv Expr // nil unless written as a method
	Args Args
}

// Args is a list of arguments in parentheses.
type Args struct {
	Open, Close int32 // offsets of the parentheses; -1 if not there
	Commas      []int32
	List        []Expr
}

// Method reports whether the call is written "X.name(...)".
func (c *Call) Method() bool { return c.Recv != nil }

// A Func is a lambda, "$func(a, b) { body }", applied in place if Args is not nil.
type Func struct {
	Pos    source.Span
	Params []Name
	Body   Expr // never nil; *Bad if it could not be read
	Args   *Args
}

// A Bad is a piece of text that could not be read; possibly empty.
type Bad struct {
	Pos  source.Span
	Text string
}

// Span implements Expr.
func (e *Literal) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Ref) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Select) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Index) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Slice) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Call) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Func) Span() source.Span { return e.Pos }

// Span implements Expr.
func (e *Bad) Span() source.Span { return e.Pos }

func (*Literal) expr() {}
func (*Ref) expr()     {}
func (*Select) expr()  {}
func (*Index) expr()   {}
func (*Slice) expr()   {}
func (*Call) expr()    {}
func (*Func) expr()    {}
func (*Bad) expr()     {}

// IsScript reports whether the text of a scripted field is an expression: it begins with "$", but not with "$$". Every
// other text stands for itself; "$$x" means the three characters "$$x".
func IsScript(text string) bool {
	return len(text) > 0 && text[0] == '$' && (len(text) == 1 || text[1] != '$')
}

// IsName reports whether s is a name: a letter followed by letters, digits, "-" and "_", all of them ASCII.
func IsName(s string) bool { return s != "" && NameLen(s) == len(s) }

// NameLen returns the length of the name at the start of s.
func NameLen(s string) int {
	if s == "" || !isLetter(s[0]) {
		return 0
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-' || s[n] == '_') {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
