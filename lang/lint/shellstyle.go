package lint

import (
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
		saves := (c.flag('o', "--output") || c.flag('O', "--remote-name")) && !c.tested && !c.taken &&
			!c.flag('X', "--request") && !c.flag('d', "--data", "--data-raw", "--data-binary", "--form") && !c.flag('F') && !c.flag('K', "--config")
		for _, w := range c.args {
			saves = saves && w.Lit() != "/dev/null" && w.Lit() != "-"
		}
		fixScript(x, s.Script, "write -f", saves, inserted(s.span(c.word).End, " -f"))
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
