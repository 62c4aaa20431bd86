package script

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A place is a path, relative to the working directory or to the folder of the script.
type place struct {
	path   string
	beside bool
}

// values finds the variables that hold a path all the time.
func (r *reader) values(tree *syntax.File) {
	if strings.IndexByte(r.text, '=') < 0 {
		return
	}
	r.paths, r.files, r.objects = map[string]place{}, map[string]target{}, map[string]*syntax.Word{}
	times := map[string]int{}
	inFunc := 0
	var visit func(n syntax.Node) bool
	visit = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n.Body != nil {
				inFunc++
				syntax.Walk(n.Body, visit)
				inFunc--
			}
			return false
		case *syntax.Assign:
			if n.Name == nil || n.Naked {
				return true
			}
			name := n.Name.Value
			if times[name]++; times[name] > 1 || n.Append || n.Value == nil {
				delete(r.paths, name)
				delete(r.files, name)
				delete(r.objects, name)
				return true
			}
			if text, _ := r.head(n.Value); strings.HasPrefix(strings.TrimLeft(text, " \t\n"), "{") {
				r.objects[name] = n.Value
			}
			if p, ok := r.place(n.Value); ok {
				r.paths[name] = p
			}
			if t, ok := r.targetOf(n.Value); ok && (inFunc == 0 || t.arg == 0) { // a function has arguments of its own
				r.files[name] = t
			}
		case *syntax.WordIter:
			times[n.Name.Value]++
			delete(r.paths, n.Name.Value)
			delete(r.files, n.Name.Value)
			delete(r.objects, n.Name.Value)
		case *syntax.Word:
			_, plain := Literal(n)
			return !plain
		}
		return true
	}
	syntax.Walk(tree, visit)
}

// place returns the path that a word is, if it is always the same.
func (r *reader) place(w *syntax.Word) (place, bool) { return r.placeOf(w.Parts) }

func (r *reader) placeOf(parts []syntax.WordPart) (place, bool) {
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			return r.placeOf(q.Parts)
		}
	}
	var p place
	text := ""
	for i, part := range parts {
		s, ok := literalPart(part)
		if ok {
			text += s
			continue
		}
		if i > 0 {
			return p, false
		}
		if q, isQuoted := part.(*syntax.DblQuoted); isQuoted {
			if p, ok = r.placeOf(q.Parts); !ok {
				return p, false
			}
			text = p.path
			continue
		}
		if p, ok = r.folder(part); !ok {
			return p, false
		}
		text = p.path
	}
	if text == "" {
		return p, false
	}
	p.path = path.Clean(text)
	return p, true
}

// folder returns the folder that an expansion stands for: that of the script, the working directory, or one in a
// variable.
func (r *reader) folder(part syntax.WordPart) (place, bool) {
	switch n := part.(type) {
	case *syntax.ParamExp:
		if n.Param == nil {
			return place{}, false
		}
		name := n.Param.Value
		if (name == "0" || name == "BASH_SOURCE") && (n.Exp != nil && n.Exp.Op == syntax.RemSmallSuffix && n.Exp.Word.Lit() == "/*" || len(n.Modifiers) > 0) {
			return place{path: ".", beside: true}, true
		}
		if n.Exp != nil || n.Slice != nil || n.Repl != nil || n.Index != nil || n.Excl || n.Length {
			return place{}, false
		}
		if name == "PWD" {
			return place{path: "."}, true
		}
		p, ok := r.paths[name]
		return p, ok
	case *syntax.CmdSubst:
		return r.printed(n.Stmts)
	}
	return place{}, false
}

// printed returns the folder that commands print: "dirname FILE", "pwd", or "cd FOLDER && pwd".
func (r *reader) printed(stmts []*syntax.Stmt) (place, bool) {
	var calls [][]*syntax.Word
	for _, s := range stmts {
		switch c := s.Cmd.(type) {
		case *syntax.CallExpr:
			calls = append(calls, c.Args)
		case *syntax.BinaryCmd:
			x, okX := c.X.Cmd.(*syntax.CallExpr)
			y, okY := c.Y.Cmd.(*syntax.CallExpr)
			if !okX || !okY || c.Op != syntax.AndStmt {
				return place{}, false
			}
			calls = append(calls, x.Args, y.Args)
		default:
			return place{}, false
		}
	}
	at := place{path: "."}
	for i, args := range calls {
		if len(args) == 0 {
			return place{}, false
		}
		last := args[len(args)-1]
		switch args[0].Lit() {
		case "cd":
			p, ok := r.place(last)
			if !ok || len(args) < 2 {
				return place{}, false
			}
			at = p
		case "pwd":
			return at, i == len(calls)-1
		case "dirname":
			if len(calls) > 1 || len(args) < 2 || !NamesScript(last) {
				return place{}, false
			}
			return place{path: ".", beside: true}, true
		case "readlink", "realpath":
			if len(calls) > 1 || len(args) < 2 {
				return place{}, false
			}
			return r.place(last)
		default:
			return place{}, false
		}
	}
	return place{}, false
}

// NamesScript reports whether a word is the path of the script itself.
func NamesScript(w *syntax.Word) (found bool) {
	Params(w, func(p *syntax.ParamExp) { found = found || p.Param.Value == "0" || p.Param.Value == "BASH_SOURCE" })
	return found
}

// Params calls fn with each expansion of a variable in n.
func Params(n syntax.Node, fn func(*syntax.ParamExp)) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil {
			fn(p)
		}
		return true
	})
}

// Literal returns the text of a word in which nothing is expanded.
func Literal(w *syntax.Word) (string, bool) {
	text := ""
	for _, part := range w.Parts {
		s, ok := literalPart(part)
		if !ok {
			return "", false
		}
		text += s
	}
	return text, true
}

func literalPart(part syntax.WordPart) (string, bool) {
	switch n := part.(type) {
	case *syntax.Lit:
		if !strings.Contains(n.Value, `\`) {
			return n.Value, true
		}
		var b strings.Builder
		for i := 0; i < len(n.Value); i++ {
			if n.Value[i] == '\\' && i+1 < len(n.Value) {
				i++
			}
			b.WriteByte(n.Value[i])
		}
		return b.String(), true
	case *syntax.SglQuoted:
		return n.Value, !n.Dollar
	case *syntax.DblQuoted:
		text := ""
		for _, p := range n.Parts {
			lit, ok := p.(*syntax.Lit)
			if !ok || strings.Contains(lit.Value, `\`) {
				return "", false
			}
			text += lit.Value
		}
		return text, true
	}
	return "", false
}

// Unwrap returns the command that other commands such as sudo, env or timeout run: args without what stands before its
// name; nil if there is none.
func Unwrap(args []*syntax.Word) []*syntax.Word {
	for len(args) > 0 {
		name, _ := Literal(args[0])
		name = path.Base(name)
		options, ok := wrappers[name]
		if !ok {
			return args
		}
		i := 1
		for ; i < len(args); i++ {
			word := args[i].Lit()
			if slices.Contains(options, word) {
				i++
				continue
			}
			if !strings.HasPrefix(word, "-") && !(name == "env" && isPair(args[i])) && !(name == "timeout" && i == 1) {
				break
			}
		}
		if i >= len(args) {
			return nil
		}
		args = args[i:]
	}
	return nil
}
