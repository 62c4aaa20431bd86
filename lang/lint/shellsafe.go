package lint

import (
	"fmt"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// runAsFile reports whether a step runs a script by its name, so that its first line chooses the interpreter.
func runAsFile(s *check.Script) bool {
	if s.Path == "" || !s.Root {
		return false
	}
	for _, run := range s.Runs {
		if run.Step.Form == plan.File && run.Unit.Scripts[0] == s.Script {
			return true
		}
	}
	return false
}

// runBySh reports whether nothing but its first line decides how a shell script runs: it stands in the plan, or a step runs
// it by its name.
func runBySh(s *check.Script) bool {
	return runAsFile(s) || s.Path == "" && s.Runs[0].Step.Form == plan.Inline
}

// noShebang reports scripts that leave it to the system what runs them.
func noShebang(p *Pass) {
	for _, s := range p.Info.Scripts() {
		if !runAsFile(s) || strings.HasPrefix(s.File.Text(), "#!") || strings.TrimSpace(s.File.Text()) == "" || strings.IndexByte(s.File.Text(), 0) >= 0 {
			continue
		}
		message := "the script does not begin with \"#!\", so sh runs it, whatever it is written for"
		x := p.ReportScript(s, source.Span{End: s.File.Line(1).End}, message)
		lines := map[script.Lang]string{script.Shell: "#!/bin/sh", script.Python: "#!/usr/bin/env python3", script.Ruby: "#!/usr/bin/env ruby",
			script.JavaScript: "#!/usr/bin/env node", script.Perl: "#!/usr/bin/env perl"}
		if line, ok := lines[s.Lang]; ok {
			fixScript(x, s, "begin with "+line, true, inserted(0, line+"\n"))
		}
	}
}

// notExecutable reports scripts that nobody can run without Escape, which makes them executable.
func notExecutable(p *Pass) {
	if p.Env.Stat == nil {
		return
	}
	for _, s := range p.Info.Scripts() {
		if !runAsFile(s) {
			continue
		}
		if info, err := p.Env.Stat(s.Path); err == nil && info.Mode().Perm()&0o111 == 0 {
			p.ReportScript(s, source.Span{End: s.File.Line(1).End}, "the file is not executable").Hint = "chmod +x " + s.Path
		}
	}
}

// carriageReturns reports scripts with the line ends of Windows.
func carriageReturns(p *Pass) {
	for _, s := range p.Info.Scripts() {
		if s.Path == "" || s.Lang != script.Shell && !strings.HasPrefix(s.File.Text(), "#!") {
			continue
		}
		text := s.File.Text()
		i := strings.Index(text, "\r\n")
		if i < 0 {
			continue
		}
		x := p.ReportScript(s, source.Span{Start: int32(i), End: int32(i + 1)}, "lines end in a carriage return, which is part of the last word for a shell")
		var edits []source.Edit
		for at := 0; ; {
			n := strings.Index(text[at:], "\r\n")
			if n < 0 {
				break
			}
			edits = append(edits, replaced(source.Span{Start: int32(at + n), End: int32(at + n + 1)}, ""))
			at += n + 2
		}
		fixScript(x, s, "remove them", true, edits...)
	}
}

// noErrexit reports scripts that go on after a command has failed.
func noErrexit(p *Pass) {
	for _, s := range p.shells() {
		if s.has("e") || len(s.Shell.Stmts) < 2 || !runBySh(s.Script) {
			continue
		}
		var lost *syntax.Stmt // the first command whose failure is lost
		for i, st := range s.Shell.Stmts[:len(s.Shell.Stmts)-1] {
			if _, ok := st.Cmd.(*syntax.CallExpr); ok && !st.Negated && !harmless(st) {
				lost = s.Shell.Stmts[i]
				break
			}
		}
		if lost == nil || traps(s) {
			continue
		}
		first := s.Shell.Stmts[0]
		x := p.ReportScript(s.Script, s.span(lost), "the script goes on if this fails, and the step succeeds if the last command does")
		x.Hint = "write \"set -e\" before the first command"
		fixScript(x, s.Script, "write it", false, inserted(s.span(first).Start, "set -e\n"))
	}
}

// harmless reports whether a command does not fail.
func harmless(st *syntax.Stmt) bool {
	call := st.Cmd.(*syntax.CallExpr)
	if len(call.Args) == 0 {
		return true
	}
	switch call.Args[0].Lit() {
	case "echo", "printf", "set", "umask", "trap", "shift", "export", "true", ":", "exit", "sleep", "unset":
		return true
	}
	return false
}

func traps(s *shellScript) bool {
	for i := range s.calls {
		if c := &s.calls[i]; c.name == "trap" && len(c.args) > 1 && c.args[len(c.args)-1].Lit() == "ERR" {
			return true
		}
	}
	return false
}

// noNounset reports scripts for which a misspelt variable is empty.
func noNounset(p *Pass) {
	for _, s := range p.shells() {
		if runBySh(s.Script) && !s.has("u") && len(s.Shell.Stmts) > 0 {
			x := p.ReportScript(s.Script, s.span(s.Shell.Stmts[0]), "a misspelt variable is empty in this script")
			x.Hint = "write \"set -u\" before the first command"
			fixScript(x, s.Script, "write it", s.isSet(p.always()), inserted(s.span(s.Shell.Stmts[0]).Start, "set -u\n"))
		}
	}
}

// always returns the variables of Escape that every script of the plan gets, and those that every process has.
func (p *Pass) always() map[string]bool {
	names := map[string]bool{"HOME": true, "PATH": true, "PWD": true, "ESCAPE_PLATFORM": true, "ESCAPE_ARCH": true,
		"#": true, "?": true, "$": true, "0": true, "-": true}
	for _, v := range p.Plan.Inputs {
		if v.Scopes.Stages() == plan.StageBoth {
			names["INPUT_"+v.ID.Value] = true
		}
	}
	return names
}

// isSet reports whether all variables that a script expands certainly have a value: one of those given, or one that a
// command further up sets.
func (s *shellScript) isSet(names map[string]bool) bool {
	for i := range s.calls {
		if name := s.calls[i].name; name == "." || name == "source" || name == "eval" || name == "unset" || name == "trap" {
			return false
		}
	}
	set := map[string]uint{}
	for _, st := range s.Shell.Stmts {
		if call, ok := st.Cmd.(*syntax.CallExpr); ok && len(call.Args) == 0 && !st.Background {
			for _, a := range call.Assigns {
				if _, ok := set[a.Name.Value]; !ok && !a.Append && a.Index == nil {
					set[a.Name.Value] = st.End().Offset()
				}
			}
		}
	}
	ok := true
	syntax.Walk(s.Shell, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop, *syntax.FuncDecl:
			ok = false // names without a dollar sign, or commands that run at another time
		case *syntax.ParamExp:
			if n.Param == nil || n.Excl || n.Index != nil {
				ok = false
				return ok
			}
			if n.Exp != nil && (n.Exp.Op == syntax.DefaultUnset || n.Exp.Op == syntax.DefaultUnsetOrNull || n.Exp.Op == syntax.AlternateUnset ||
				n.Exp.Op == syntax.AlternateUnsetOrNull || n.Exp.Op == syntax.ErrorUnset || n.Exp.Op == syntax.ErrorUnsetOrNull) {
				return ok
			}
			at, assigned := set[n.Param.Value]
			ok = ok && (names[n.Param.Value] || assigned && at <= n.Pos().Offset())
		}
		return ok
	})
	return ok
}

// noPipefail reports pipes of bash in which a failure is lost.
func noPipefail(p *Pass) {
	for _, s := range p.shells() {
		if s.Dialect != "bash" || s.has("pipefail") || !s.has("e") {
			continue
		}
		for _, n := range s.nodes {
			if b, ok := n.(*syntax.BinaryCmd); ok && b.Op == syntax.Pipe {
				x := p.ReportScript(s.Script, s.span(b.X), "\"set -e\" does not see a failure here, in front of a pipe")
				x.Hint = "write \"set -o pipefail\""
				fixScript(x, s.Script, "write it", false, inserted(s.span(s.Shell.Stmts[0]).Start, "set -o pipefail\n"))
				break // once is enough
			}
		}
	}
}

// unquoted reports variables of Escape that are cut at blanks where they become arguments.
func unquoted(p *Pass) {
	plain := sync.OnceValue(p.plainVariables)
	for _, s := range p.shells() {
		if s.quoted {
			continue
		}
		for i := range s.calls {
			c := &s.calls[i]
			if c.name == "export" || c.name == "local" || c.name == "set" || c.stmt == nil {
				continue
			}
			for _, w := range c.args {
				for _, part := range w.Parts {
					e, ok := part.(*syntax.ParamExp)
					if !ok || e.Param == nil || e.Length || e.Width || e.Excl {
						continue
					}
					name := e.Param.Value
					switch {
					case script.IsEscape(name) && !plain()[name]:
						x := p.ReportScript(s.Script, s.span(e), fmt.Sprintf("%s is cut at blanks here, and its \"*\" and \"?\" match files", s.text(e)))
						quote(x, s, e)
					case name == "@" && e.Exp == nil && e.Slice == nil:
						x := p.ReportScript(s.Script, s.span(e), "arguments with blanks are cut here")
						quote(x, s, e)
					}
				}
			}
		}
	}
}

// plainVariables are the variables of Escape whose values hold nothing that a shell changes.
func (p *Pass) plainVariables() map[string]bool {
	names := map[string]bool{}
	pl := p.Plan
	for _, list := range [][]*plan.Variable{pl.Inputs, pl.BuildInputs, pl.DeployInputs} {
		for _, v := range list {
			if k := v.Var.Type().Kind(); k == types.KindInt || k == types.KindBool || plainItems(v) {
				names["INPUT_"+v.ID.Value] = true
			}
		}
	}
	return names
}

// plainItems reports whether all values that a variable may have are words.
func plainItems(v *plan.Variable) bool {
	for _, item := range v.Items.List {
		if item.Kind != plan.String || item.Text == "" || strings.ContainsAny(item.Text, " \t\n*?[$~") {
			return false
		}
	}
	return len(v.Items.List) > 0
}

// unguardedRemove reports commands that remove everything if a variable is empty.
func unguardedRemove(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if !c.flag('r', "--recursive") && !c.flag('R') {
			return
		}
		for _, w := range c.operands() {
			parts := w.Parts
			if q, ok := parts[0].(*syntax.DblQuoted); ok {
				parts = append(append([]syntax.WordPart(nil), q.Parts...), parts[1:]...)
			}
			if len(parts) < 2 {
				continue
			}
			e, ok := parts[0].(*syntax.ParamExp)
			rest, isText := parts[1].(*syntax.Lit)
			if !ok || e.Param == nil || e.Exp != nil || !isText || !strings.HasPrefix(rest.Value, "/") || !script.IsEscape(e.Param.Value) {
				continue
			}
			x := p.ReportScript(s.Script, s.span(e), fmt.Sprintf("if %s is empty, this removes %q", e.Param.Value, rest.Value))
			fixScript(x, s.Script, "fail if it is empty", true, replaced(s.span(e), "${"+e.Param.Value+":?}"))
		}
	}, "rm")
}

// uncheckedCd reports a change of folder after which a script goes on in the wrong one.
func uncheckedCd(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if s.has("e") || !runBySh(s.Script) && !strings.HasPrefix(s.File.Text(), "#!") || c.tested || c.last || c.taken || len(c.args) != 1 || c.word == nil {
			return
		}
		if word := c.args[0].Lit(); word == "/" || word == "-" || word == ".." || script.NamesScript(c.args[0]) {
			return
		}
		x := p.ReportScript(s.Script, s.span(c.word).To(s.span(c.args[0])), "if there is no such folder, the script goes on in this one")
		fixScript(x, s.Script, "exit then", true, inserted(s.span(c.args[0]).End, " || exit"))
	}, "cd")
}

// listedFiles reports loops over the output of ls or find.
func listedFiles(p *Pass) {
	for _, s := range p.shells() {
		for _, n := range s.nodes {
			it, ok := n.(*syntax.WordIter)
			if !ok {
				continue
			}
			for _, w := range it.Items {
				if len(w.Parts) != 1 {
					continue
				}
				sub, ok := w.Parts[0].(*syntax.CmdSubst)
				if !ok || len(sub.Stmts) != 1 {
					continue
				}
				if call, ok := sub.Stmts[0].Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 {
					if name := call.Args[0].Lit(); name == "ls" || name == "find" {
						p.ReportScript(s.Script, s.span(sub), "names with blanks are cut here").Hint = "loop over a pattern such as ./*.txt"
					}
				}
			}
		}
	}
}
