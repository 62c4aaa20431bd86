package lint

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// quote gives a finding the fix to put an expansion in quotes.
func quote(x *diag.Diagnostic, s *shellScript, e *syntax.ParamExp) {
	span := s.span(e)
	fixScript(x, s.Script, "put it in quotes", true, inserted(span.Start, `"`), inserted(span.End, `"`))
}

// backticks reports the older spelling of "$(...)".
func backticks(p *Pass) {
	for _, s := range p.shells() {
		for _, n := range s.nodes {
			sub, ok := n.(*syntax.CmdSubst)
			if !ok || !sub.Backquotes {
				continue
			}
			span := s.span(sub)
			text := s.File.Slice(span)
			x := p.ReportScript(s.Script, span, "backticks cannot be nested and change what backslashes mean")
			if len(text) > 2 && text[0] == '`' && text[len(text)-1] == '`' && !strings.ContainsAny(text[1:len(text)-1], "`\\") {
				fixScript(x, s.Script, "write $(...)", true, replaced(source.Span{Start: span.Start, End: span.Start + 1}, "$("), replaced(source.Span{Start: span.End - 1, End: span.End}, ")"))
			}
		}
	}
}

// curlWithoutFail reports downloads that take the page of an error for the file.
func curlWithoutFail(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		for _, w := range c.args {
			if w.Lit() == "" && len(w.Parts) == 1 {
				if _, ok := w.Parts[0].(*syntax.ParamExp); ok {
					return // it may be options
				}
			}
		}
		if len(c.args) == 0 || c.flag(0, "--fail", "--fail-with-body", "--fail-early", "--head", "--write-out", "--version", "--help", "--unix-socket", "-I", "-w", "-V") {
			return
		}
		for _, w := range c.args {
			if word := w.Lit(); len(word) > 1 && word[0] == '-' && word[1] != '-' {
				letters := word[1:]
				if i := strings.IndexAny(letters, "oXHdubAeFTEmwKxcC"); i >= 0 {
					letters = letters[:i]
				}
				if strings.ContainsAny(letters, "fI") {
					return
				}
			}
		}
		x := p.ReportScript(s.Script, s.span(c.word), "curl succeeds if the server answers with an error")
		x.Hint = "write curl -f"
		fixScript(x, s.Script, "write -f", false, inserted(s.span(c.word).End, " -f"))
	}, "curl")
}

// readWithoutR reports reading that takes backslashes away.
func readWithoutR(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if c.flag('r') {
			return
		}
		x := p.ReportScript(s.Script, s.span(c.word), "read takes backslashes out of what it reads")
		fixScript(x, s.Script, "write -r", true, inserted(s.span(c.word).End, " -r"))
	}, "read")
}

// which reports a command that not all systems have.
func which(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if len(c.args) != 1 {
			return
		}
		x := p.ReportScript(s.Script, s.span(c.word), "not every system has \"which\"")
		fixScript(x, s.Script, "write command -v", true, replaced(s.span(c.word), "command -v"))
	}, "which")
}

// bashisms reports what only bash understands in scripts that sh runs, each kind once for a script.
func bashisms(p *Pass) {
	for _, s := range p.shells() {
		if s.Dialect != "sh" && s.Dialect != "dash" && s.Dialect != "ash" || !strings.HasPrefix(s.File.Text(), "#!") && !runBySh(s.Script) {
			continue
		}
		said := map[string]bool{}
		report := func(n syntax.Node, what string) {
			if said[what] {
				return
			}
			said[what] = true
			x := p.ReportScript(s.Script, s.span(n), fmt.Sprintf("%s is not part of sh, which runs this script", what))
			if s.Path != "" {
				x.Hint = "begin the file with #!/usr/bin/env bash"
			} else {
				x.Hint = "write it to a file that begins with #!/usr/bin/env bash"
			}
		}
		for _, n := range s.nodes {
			bashism(n, report)
		}
	}
}

func bashism(n syntax.Node, report func(syntax.Node, string)) {
	switch n := n.(type) {
	case *syntax.TestClause:
		report(n, "[[ ... ]]")
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
			report(n.Name, "\"function\"")
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
			report(n, "&>")
		}
	case *syntax.BinaryCmd:
		if n.Op == syntax.PipeAll {
			report(n.Y, "|&")
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
		case "source", "pushd", "popd", "shopt", "mapfile", "readarray":
			report(n.Args[0], name)
		case "[":
			for _, w := range n.Args[1:] {
				if w.Lit() == "==" {
					report(w, "\"==\" in [ ]")
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
