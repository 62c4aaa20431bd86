package expr

import (
	"strconv"
	"strings"
)

// String returns e in canonical form: no blanks but one behind a comma and around the body of a lambda. Parsing it gives e
// again, unless e holds a *Bad or a missing name.
func String(e Expr) string {
	var b strings.Builder
	write(&b, e)
	return b.String()
}

func write(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case *Literal:
		writeLiteral(b, e)
	case *Ref:
		b.WriteByte('$')
		b.WriteString(e.Name.Text)
	case *Select:
		write(b, e.X)
		b.WriteByte('.')
		b.WriteString(e.Name.Text)
	case *Index:
		write(b, e.X)
		b.WriteByte('[')
		writeLiteral(b, e.At)
		b.WriteByte(']')
	case *Slice:
		write(b, e.X)
		b.WriteByte('[')
		writeLiteral(b, e.Lo)
		b.WriteByte(':')
		writeLiteral(b, e.Hi)
		b.WriteByte(']')
	case *Call:
		if e.Recv != nil {
			write(b, e.Recv)
			b.WriteByte('.')
		} else {
			b.WriteString("$__")
		}
		b.WriteString(e.Name.Text)
		writeArgs(b, &e.Args)
	case *Func:
		b.WriteString("$func(")
		for i, p := range e.Params {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(p.Text)
		}
		b.WriteString(") { ")
		write(b, e.Body)
		b.WriteString(" }")
		if e.Args != nil {
			writeArgs(b, e.Args)
		}
	case *Bad:
		b.WriteString(e.Text)
	}
}

func writeArgs(b *strings.Builder, a *Args) {
	if a.Open < 0 {
		return
	}
	b.WriteByte('(')
	for i, e := range a.List {
		if i > 0 {
			b.WriteString(", ")
		}
		write(b, e)
	}
	b.WriteByte(')')
}

func writeLiteral(b *strings.Builder, l *Literal) {
	switch {
	case l == nil:
	case l.Kind == IntLit:
		b.WriteString(strconv.FormatInt(l.Int, 10))
	default:
		b.WriteString(Quote(l.Str))
	}
}

var quoter = strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, `\"`, `\`, `\\`)

// Quote returns s as a string literal of Escape Script.
func Quote(s string) string { return `"` + quoter.Replace(s) + `"` }
