package lint

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// A shellScript is a script of a shell with its commands.
type shellScript struct {
	*check.Script
	*shellFacts
}

// shellFacts are what the text of a script of a shell says.
type shellFacts struct {
	file  *source.File
	calls []shellCall
	// nodes are all nodes of the tree but statements and words, in order, without what is in words in which nothing is expanded.
	nodes []syntax.Node
	// options are the options that "set" or the first line switch on anywhere: "e", "u", "x", "pipefail".
	options []shellOption
	// plain is set if bashism finds nothing, and quoted if no argument holds a variable outside of quotes.
	plain, quoted bool
}

// A shellCall is a simple command whose name is known.
type shellCall struct {
	name string
	args []*syntax.Word // without the name
	word *syntax.Word   // the name
	stmt *syntax.Stmt
	// tested is set if something looks at its exit status: "||", "&&", "if", "while", "!".
	tested bool
	// taken is set if its standard output goes to another command or into a word.
	taken bool
	// redirected is set if its output, or that of a command around it, goes elsewhere.
	redirected bool
	// last is set if no command of its shell comes behind it.
	last bool
}

type shellOption struct {
	name string
	at   source.Span
}

// shells returns the shell scripts of the plan that can be parsed. They are looked through once for all rules.
func (p *Pass) shells() []*shellScript {
	if !p.walked {
		p.walked = true
		stack := make([]syntax.Node, 0, 32)
		for _, s := range p.Info.Scripts() {
			if s.Shell != nil {
				p.shell = append(p.shell, &shellScript{s, p.facts(s, stack)})
			}
		}
	}
	return p.shell
}

// facts looks through a script, if that has not been done before.
func (p *Pass) facts(s *check.Script, stack []syntax.Node) *shellFacts {
	if p.Kept == nil {
		return newShellFacts(s, stack)
	}
	x, ok := p.Kept.shells.Get(s.Shell)
	if !ok {
		x = newShellFacts(s, stack)
		p.Kept.shells.Put(s.Shell, x)
	}
	return x
}

// newShellFacts looks through a script. stack is room for the nodes around the one at hand.
func newShellFacts(s *check.Script, stack []syntax.Node) *shellFacts {
	x := &shellFacts{file: s.File}
	first, _, _ := strings.Cut(s.File.Text(), "\n")
	if strings.HasPrefix(first, "#!") {
		for _, word := range strings.Fields(first)[1:] {
			x.switchOn(word, source.Span{End: int32(len(first))})
		}
	}
	x.nodes = make([]syntax.Node, 0, 8+len(s.File.Text())/32)
	syntax.Walk(s.Shell, func(n syntax.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		switch n := n.(type) {
		case *syntax.Word:
			if _, plain := script.Literal(n); plain {
				return false
			}
		case *syntax.Stmt, *syntax.Lit, *syntax.DblQuoted, *syntax.Comment:
		case *syntax.CallExpr:
			x.nodes = append(x.nodes, n)
			if len(n.Args) > 0 {
				x.call(n, stack)
			}
		default:
			x.nodes = append(x.nodes, n)
		}
		stack = append(stack, n)
		return true
	})
	x.quoted = true
	for i := range x.calls {
		for _, w := range x.calls[i].args {
			for _, part := range w.Parts {
				_, bare := part.(*syntax.ParamExp)
				x.quoted = x.quoted && !bare
			}
		}
	}
	x.plain = true
	for _, n := range x.nodes {
		x.bashism(n, func(syntax.Node, string, ...source.Edit) { x.plain = false })
	}
	return x
}

// maxAround is how many nodes around a command are looked at.
const maxAround = 300

// call adds a command; stack are the nodes around it, outermost first.
func (s *shellFacts) call(call *syntax.CallExpr, stack []syntax.Node) {
	c := shellCall{last: true}
	var inner syntax.Node = call
	last := &c.last
	for i := len(stack) - 1; i >= 0; i-- {
		if len(stack)-i > maxAround {
			c.tested, c.taken, c.redirected = true, true, true // nobody knows
			break
		}
		switch n := stack[i].(type) {
		case *syntax.Stmt:
			if c.stmt == nil {
				c.stmt = n
			}
			c.tested = c.tested || n.Negated
			c.redirected = c.redirected || len(n.Redirs) > 0
		case *syntax.BinaryCmd:
			isX := inner == syntax.Node(n.X)
			switch n.Op {
			case syntax.Pipe, syntax.PipeAll:
				c.taken = c.taken || isX
				*last = *last && !isX
			default:
				c.tested = c.tested || isX
				*last = *last && !isX
			}
		case *syntax.CmdSubst:
			c.taken = true
			*last = *last && isLast(n.Stmts, inner)
			last = new(bool) // what it does to the shell ends here
		case *syntax.ProcSubst:
			c.taken = true
			last = new(bool)
		case *syntax.IfClause:
			c.tested = c.tested || contains(n.Cond, inner)
			*last = *last && isLast(n.Then, inner)
		case *syntax.WhileClause:
			c.tested = c.tested || contains(n.Cond, inner)
			*last = false
		case *syntax.ForClause:
			*last = false
		case *syntax.Block:
			*last = *last && isLast(n.Stmts, inner)
		case *syntax.Subshell:
			*last = *last && isLast(n.Stmts, inner)
			last = new(bool)
		case *syntax.File:
			*last = *last && isLast(n.Stmts, inner)
		}
		inner = stack[i]
	}
	for _, args := range [][]*syntax.Word{call.Args, script.Unwrap(call.Args)} {
		if len(args) == 0 || c.word == args[0] {
			continue
		}
		c.word = args[0]
		name, ok := script.Literal(args[0])
		if !ok {
			return
		}
		c.name, c.args = path.Base(name), args[1:]
		s.calls = append(s.calls, c)
		if c.name == "set" {
			for i, w := range c.args {
				if word := w.Lit(); word == "-o" && i+1 < len(c.args) {
					s.switchOn(c.args[i+1].Lit(), s.span(w))
				} else {
					s.switchOn(word, s.span(w))
				}
			}
		}
	}
}

func contains(list []*syntax.Stmt, n syntax.Node) bool {
	for _, s := range list {
		if syntax.Node(s) == n {
			return true
		}
	}
	return false
}

func isLast(list []*syntax.Stmt, n syntax.Node) bool {
	return len(list) > 0 && syntax.Node(list[len(list)-1]) == n
}

var longOptions = map[string]string{"errexit": "e", "nounset": "u", "xtrace": "x", "pipefail": "pipefail"}

// switchOn notes an option of "set": a bundle of letters, or a long name.
func (s *shellFacts) switchOn(word string, at source.Span) {
	if name, ok := longOptions[word]; ok {
		s.options = append(s.options, shellOption{name, at})
	} else if strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") {
		for i := 1; i < len(word) && word[i] != 'o'; i++ {
			s.options = append(s.options, shellOption{word[i : i+1], at})
		}
	}
}

// expands reports whether one of the variables is expanded anywhere.
func (s *shellFacts) expands(names map[string]bool) bool {
	return slices.ContainsFunc(s.nodes, func(n syntax.Node) bool {
		e, ok := n.(*syntax.ParamExp)
		return ok && e.Param != nil && names[e.Param.Value]
	})
}

func (s *shellFacts) has(option string) bool {
	_, ok := s.option(option)
	return ok
}

// option returns where an option is switched on for the last time.
func (s *shellFacts) option(name string) (at source.Span, ok bool) {
	for _, o := range s.options {
		if o.name == name {
			at, ok = o.at, true
		}
	}
	return at, ok
}

// span is the place of a node in the script.
func (s *shellFacts) span(n syntax.Node) source.Span {
	size := uint(len(s.file.Text()))
	start := min(n.Pos().Offset(), size)
	return source.Span{Start: int32(start), End: int32(max(start, min(n.End().Offset(), size)))}
}

// text is a node as it is written.
func (s *shellFacts) text(n syntax.Node) string { return s.file.Slice(s.span(n)) }

// flag reports whether a command has an option: a short one, also in a bundle ("-sSf"), or a long one, also with a value.
func (c *shellCall) flag(short byte, long ...string) bool {
	for _, w := range c.args {
		word := firstText(w)
		if len(word) > 1 && word[0] == '-' && word[1] != '-' && short != 0 && strings.IndexByte(word[1:], short) >= 0 {
			return true
		}
		for _, l := range long {
			if word == l || strings.HasPrefix(word, l+"=") {
				return true
			}
		}
	}
	return false
}

// operands are the arguments that are no options; those options that take a value do not stand in front of one.
func (c *shellCall) operands(withValue ...string) (list []*syntax.Word) {
	for i := 0; i < len(c.args); i++ {
		word := c.args[i].Lit()
		switch {
		case word == "--":
			return append(list, c.args[i+1:]...)
		case strings.HasPrefix(word, "-") && word != "-":
			for _, v := range withValue {
				if word == v {
					i++
					break
				}
			}
		case word == "" && strings.HasPrefix(firstText(c.args[i]), "-"):
		default:
			list = append(list, c.args[i])
		}
	}
	return list
}

// firstText is the text that a word begins with.
func firstText(w *syntax.Word) string {
	if len(w.Parts) == 0 {
		return ""
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value
	case *syntax.SglQuoted:
		return p.Value
	case *syntax.DblQuoted:
		if len(p.Parts) > 0 {
			if lit, ok := p.Parts[0].(*syntax.Lit); ok {
				return lit.Value
			}
		}
	}
	return ""
}

// eachCall calls fn with each command of all shell scripts that has one of the names.
func (p *Pass) eachCall(fn func(*shellScript, *shellCall), names ...string) {
	if p.calls == nil {
		p.calls = map[string]*[]callPlace{}
		for i, s := range p.shells() {
			for j := range s.calls {
				list := p.calls[s.calls[j].name]
				if list == nil {
					list = new([]callPlace)
					p.calls[s.calls[j].name] = list
				}
				*list = append(*list, callPlace{i, j})
			}
		}
	}
	var places []callPlace
	for _, name := range names {
		if list := p.calls[name]; list != nil {
			places = append(places, *list...)
		}
	}
	slices.SortFunc(places, func(a, b callPlace) int { return cmp.Or(cmp.Compare(a.script, b.script), cmp.Compare(a.call, b.call)) })
	for _, at := range places {
		s := p.shell[at.script]
		fn(s, &s.calls[at.call])
	}
}

// A callPlace says which command of which script it is.
type callPlace struct{ script, call int }

// fixScript gives a finding in a script a fix, if the edits can be written where the script stands.
func fixScript(x *diag.Diagnostic, s *check.Script, title string, preferred bool, edits ...source.Edit) {
	x.Fixes = append(x.Fixes, s.Fix(title, preferred, edits...)...)
}

func replaced(span source.Span, text string) source.Edit { return source.Edit{Span: span, New: text} }

func inserted(at int32, text string) source.Edit {
	return source.Edit{Span: source.Span{Start: at, End: at}, New: text}
}
