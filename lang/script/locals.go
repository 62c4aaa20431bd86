package script

import (
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/source"
)

// A Local is a place of a shell script that names a variable which the script sets itself, other than one of Escape.
type Local struct {
	Name string
	Span source.Span
	// Write is set if it gets a value there.
	Write bool
	// Exported is set if programs get it as a variable of their environment, so that its name means something to them.
	Exported bool
}

// shellNames are variables whose names mean something to the shell.
var shellNames = []string{"IFS", "PATH", "HOME", "CDPATH", "ENV", "LANG", "OPTARG", "OPTIND", "OPTERR", "OLDPWD", "PPID", "PS1", "PS2", "PS3",
	"PS4", "PWD", "REPLY", "SECONDS", "RANDOM", "SHELL", "TMPDIR", "BASH_ENV", "FUNCNAME", "PIPESTATUS", "TERM", "USER"}

// A lazyLocals are the locals of a script and of all copies of it, once somebody has asked.
type lazyLocals struct {
	once sync.Once
	list []Local
}

// Locals returns the places that name variables which a shell script sets itself, in order. The first call walks the whole script.
// The list must not be changed.
func (s *Script) Locals() []Local {
	if s.Shell == nil || s.locals == nil {
		return nil
	}
	s.locals.once.Do(func() { s.locals.list = s.findLocals() })
	return s.locals.list
}

func (s *Script) findLocals() []Local {
	l := locals{text: s.File.Text(), set: map[string]bool{}, exported: map[string]bool{}}
	syntax.Walk(s.Shell, l.visit)
	all := slices.DeleteFunc(l.all, func(x Local) bool { return !l.set[x.Name] })
	for i := range all {
		all[i].Exported = l.exported[all[i].Name]
	}
	slices.SortFunc(all, func(a, b Local) int { return int(a.Span.Start) - int(b.Span.Start) })
	return slices.CompactFunc(all, func(a, b Local) bool { return a.Span == b.Span })
}

type locals struct {
	text          string
	all           []Local
	set, exported map[string]bool
}

// name notes a name that begins at a place.
func (l *locals) name(name string, at syntax.Pos, write bool) {
	start := int(at.Offset())
	if !syntax.ValidName(name) || IsEscape(name) || slices.Contains(shellNames, name) || strings.HasPrefix(name, "LC_") ||
		start > len(l.text) || !strings.HasPrefix(l.text[start:], name) {
		return
	}
	l.set[name] = l.set[name] || write
	l.all = append(l.all, Local{Name: name, Span: source.Span{Start: int32(start), End: int32(start + len(name))}, Write: write})
}

func (l *locals) visit(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.Assign:
		if n.Name != nil {
			l.name(n.Name.Value, n.Name.Pos(), !n.Naked)
		}
	case *syntax.DeclClause:
		for _, a := range n.Args {
			if a.Name == nil {
				continue
			}
			switch n.Variant.Value {
			case "export":
				l.exported[a.Name.Value] = true
			case "local", "declare", "typeset":
				l.name(a.Name.Value, a.Name.Pos(), true)
			}
		}
	case *syntax.WordIter:
		l.name(n.Name.Value, n.Name.Pos(), true)
	case *syntax.ParamExp:
		if n.Param != nil {
			l.name(n.Param.Value, n.Param.Pos(), n.Exp != nil && (n.Exp.Op == syntax.AssignUnset || n.Exp.Op == syntax.AssignUnsetOrNull))
		}
	case *syntax.CallExpr:
		if len(n.Args) > 0 {
			for _, a := range n.Assigns {
				if a.Name != nil {
					l.exported[a.Name.Value] = true
				}
			}
			l.call(n.Args)
		}
	case *syntax.BinaryArithm:
		if w, ok := n.X.(*syntax.Word); ok && strings.HasSuffix(n.Op.String(), "=") && !slices.Contains([]string{"==", "!=", "<=", ">="}, n.Op.String()) {
			l.name(w.Lit(), w.Pos(), true)
		}
		l.arithmetic(n.X, n.Y)
	case *syntax.UnaryArithm:
		l.arithmetic(n.X)
	case *syntax.ParenArithm:
		l.arithmetic(n.X)
	case *syntax.ArithmExp:
		l.arithmetic(n.X)
	case *syntax.ArithmCmd:
		l.arithmetic(n.X)
	}
	return true
}

// arithmetic notes the names that stand for values.
func (l *locals) arithmetic(list ...syntax.ArithmExpr) {
	for _, x := range list {
		if w, ok := x.(*syntax.Word); ok {
			l.name(w.Lit(), w.Pos(), false)
		}
	}
}

// call notes the variables that a command is told to set.
func (l *locals) call(args []*syntax.Word) {
	switch args[0].Lit() {
	case "read", "mapfile", "readarray":
		for _, w := range args[1:] {
			l.name(w.Lit(), w.Pos(), true)
		}
	case "unset":
		for _, w := range args[1:] {
			l.name(w.Lit(), w.Pos(), false)
		}
	case "getopts":
		if len(args) > 2 {
			l.name(args[2].Lit(), args[2].Pos(), true)
		}
	}
}

// Code returns the text of a shell script with blanks in place of its comments, so that offsets are the same; the whole text
// for other scripts.
func (s *Script) Code() string {
	text := s.File.Text()
	if s.Shell == nil {
		return text
	}
	code := []byte(text)
	syntax.Walk(s.Shell, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.Comment); ok {
			for i := min(int(c.Pos().Offset()), len(code)); i < min(int(c.End().Offset()), len(code)); i++ {
				code[i] = ' '
			}
		}
		return true
	})
	return string(code)
}
