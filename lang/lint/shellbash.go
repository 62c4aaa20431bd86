package lint

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/source"
)

// bashisms reports what only bash understands in scripts that sh runs, each kind once for a script.
func bashisms(p *Pass) {
	for _, s := range p.shells() {
		if s.plain || s.Dialect != "sh" && s.Dialect != "dash" && s.Dialect != "ash" || !strings.HasPrefix(s.File.Text(), "#!") && !runBySh(s.Script) {
			continue
		}
		found := map[string]*bashism{}
		var kinds []string
		note := func(n syntax.Node, what string, edits ...source.Edit) {
			b := found[what]
			if b == nil {
				b = &bashism{first: n, mended: true}
				found[what], kinds = b, append(kinds, what)
			}
			b.edits, b.mended = append(b.edits, edits...), b.mended && len(edits) > 0
		}
		for _, n := range s.nodes {
			s.bashism(n, note)
		}
		for _, what := range kinds {
			n := found[what].first
			x := p.ReportScript(s.Script, s.span(n), fmt.Sprintf("%s is not part of sh, which runs this script", what))
			if s.Path != "" {
				x.Hint = "begin the file with #!/usr/bin/env bash"
			} else {
				x.Hint = "write it to a file that begins with #!/usr/bin/env bash"
			}
			if found[what].mended {
				fixScript(x, s.Script, "write it for sh", true, found[what].edits...)
			}
		}
	}
}

// A bashism is one kind of them in a script.
type bashism struct {
	first  syntax.Node
	edits  []source.Edit // which say all of them for sh, if mended is set
	mended bool
}

// bashism calls report if n is one, with edits that say the same for sh if there are some.
func (s *shellFacts) bashism(n syntax.Node, report func(n syntax.Node, what string, edits ...source.Edit)) {
	switch n := n.(type) {
	case *syntax.TestClause:
		report(n, "[[ ... ]]", s.plainTest(n)...)
	case *syntax.ArrayExpr:
		report(n, "an array")
	case *syntax.ArithmCmd:
		report(n, "((...))")
	case *syntax.LetClause:
		report(n, "let")
	case *syntax.ProcSubst:
		report(n, "<(...)")
	case *syntax.SglQuoted:
		if n.Dollar {
			report(n, "$'...'")
		}
	case *syntax.FuncDecl:
		if n.RsrvWord {
			report(n.Name, "\"function\"", s.plainFunction(n)...)
		}
	case *syntax.ForClause:
		if n.Select {
			report(n, "select")
		}
	case *syntax.CStyleLoop:
		report(n, "for ((...))")
	case *syntax.Redirect:
		switch n.Op {
		case syntax.WordHdoc:
			report(n, "<<<")
		case syntax.RdrAll, syntax.AppAll:
			op := int32(n.OpPos.Offset())
			report(n, "&>", replaced(source.Span{Start: op, End: op + 1}, ""), inserted(s.span(n.Word).End, " 2>&1"))
		}
	case *syntax.BinaryCmd:
		if n.Op == syntax.PipeAll {
			op := int32(n.OpPos.Offset())
			report(n.Y, "|&", replaced(source.Span{Start: op, End: op + 2}, "2>&1 |"))
		}
	case *syntax.ParamExp:
		switch {
		case n.Slice != nil:
			report(n, "${x:1:2}")
		case n.Repl != nil:
			report(n, "${x/a/b}")
		case n.Excl:
			report(n, "${!x}")
		case n.Index != nil:
			report(n, "an array")
		case n.Exp != nil && (n.Exp.Op == syntax.UpperFirst || n.Exp.Op == syntax.UpperAll || n.Exp.Op == syntax.LowerFirst || n.Exp.Op == syntax.LowerAll):
			report(n, "${x^^}")
		}
	case *syntax.DeclClause:
		switch n.Variant.Value {
		case "declare", "typeset", "nameref":
			report(n.Variant, n.Variant.Value)
		}
	case *syntax.Assign:
		if n.Append {
			report(n, "+=")
		}
	case *syntax.CallExpr:
		if len(n.Args) == 0 {
			return
		}
		switch name := n.Args[0].Lit(); name {
		case "source":
			if len(n.Args) == 2 && strings.Contains(n.Args[1].Lit(), "/") { // else it is looked for in another place
				report(n.Args[0], name, replaced(s.span(n.Args[0]), "."))
				return
			}
			report(n.Args[0], name)
		case "pushd", "popd", "shopt", "mapfile", "readarray":
			report(n.Args[0], name)
		case "[":
			for _, w := range n.Args[1:] {
				if w.Lit() == "==" {
					report(w, "\"==\" in [ ]", replaced(s.span(w), "="))
				}
			}
		case "set":
			for _, w := range n.Args[1:] {
				if w.Lit() == "pipefail" {
					report(w, "pipefail")
				}
			}
		}
	}
}

// plainFunction says "function f" as "f()".
func (s *shellFacts) plainFunction(f *syntax.FuncDecl) []source.Edit {
	if f.Name == nil || f.Body == nil || strings.Trim(f.Name.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return nil
	}
	if _, ok := f.Body.Cmd.(*syntax.Block); !ok {
		return nil
	}
	edits := []source.Edit{replaced(source.Span{Start: s.span(f).Start, End: s.span(f.Name).Start}, "")}
	if !f.Parens {
		edits = append(edits, inserted(s.span(f.Name).End, "()"))
	}
	return edits
}

// plainTest says a test as "[ ... ]", if it is a simple one of words that mean the same there.
func (s *shellFacts) plainTest(t *syntax.TestClause) []source.Edit {
	edits := []source.Edit{replaced(s.two(t.Left), "["), replaced(s.two(t.Right), "]")}
	switch x := t.X.(type) {
	case *syntax.UnaryTest:
		switch x.Op {
		case syntax.TsExists, syntax.TsRegFile, syntax.TsDirect, syntax.TsSmbLink, syntax.TsRead, syntax.TsWrite, syntax.TsExec, syntax.TsNoEmpty,
			syntax.TsEmpStr, syntax.TsNempStr:
			if isCalm(x.X) {
				return edits
			}
		}
	case *syntax.BinaryTest:
		if !isCalm(x.X) || !isCalm(x.Y) {
			return nil
		}
		switch x.Op {
		case syntax.TsMatch:
			return append(edits, replaced(s.two(x.OpPos), "="))
		case syntax.TsMatchShort, syntax.TsNoMatch, syntax.TsEql, syntax.TsNeq:
			return edits
		}
	}
	return nil
}

// two is the place of two characters.
func (s *shellFacts) two(at syntax.Pos) source.Span {
	return source.Span{Start: int32(at.Offset()), End: int32(at.Offset()) + 2}
}

// isCalm reports whether a word is the same inside and outside of "[[ ]]": in quotes, or a plain one.
func isCalm(x syntax.TestExpr) bool {
	w, ok := x.(*syntax.Word)
	if !ok || len(w.Parts) != 1 {
		return false
	}
	switch part := w.Parts[0].(type) {
	case *syntax.DblQuoted:
		return !part.Dollar
	case *syntax.SglQuoted:
		return !part.Dollar
	case *syntax.Lit:
		return strings.Trim(part.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" && !strings.HasPrefix(part.Value, "-")
	}
	return false
}
