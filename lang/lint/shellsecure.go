package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// isShell reports whether a command is a shell.
func isShell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "zsh", "ksh", "ash":
		return true
	}
	return false
}

// fetches reports whether a command gets something from the network.
func fetches(args []*syntax.Word) bool {
	args = script.Unwrap(args)
	return len(args) > 0 && (args[0].Lit() == "curl" || args[0].Lit() == "wget")
}

// fetchesIn reports whether a node gets something from the network.
func fetchesIn(n syntax.Node) (found bool) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && fetches(call.Args) {
			found = true
		}
		return !found
	})
	return found
}

// maxFetch is how long a command in front of a pipe is that is looked into.
const maxFetch = 4096

// pipeToShell reports text from the network that a shell runs unread.
func pipeToShell(p *Pass) {
	const message = "what the network sends is run unread, in part if the connection breaks"
	const hint = "download a file, compare its checksum, then run it"
	for _, s := range p.shells() {
		for _, n := range s.nodes {
			b, ok := n.(*syntax.BinaryCmd)
			if !ok || b.Op != syntax.Pipe {
				continue
			}
			call, ok := b.Y.Cmd.(*syntax.CallExpr)
			if !ok {
				continue
			}
			args := script.Unwrap(call.Args)
			if len(args) == 0 || !isShell(args[0].Lit()) || len(args) > 1 && !strings.HasPrefix(args[1].Lit(), "-") ||
				s.span(b.X).Len() > maxFetch || !fetchesIn(b.X) {
				continue
			}
			p.ReportScript(s.Script, s.span(args[0]), message).Hint = hint
		}
	}
	p.eachCall(func(s *shellScript, c *shellCall) {
		for _, w := range c.args {
			if c.name != "eval" && !isShell(c.name) && c.name != "source" && c.name != "." {
				continue
			}
			if fetchesIn(w) {
				p.ReportScript(s.Script, s.span(w), message).Hint = hint
			}
		}
	}, "eval", "sh", "bash", "dash", "zsh", "ksh", "ash", "source", ".")
}

var worldMode = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-7]?[0-7]{2}[2367]$|^[ugoa]*[oa][ugoa]*[+=][rxXst]*w`)
})

// worldWritable reports files that everybody may change.
func worldWritable(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		for i, w := range c.args {
			mode := w.Lit()
			if c.name == "mkdir" {
				if i == 0 || c.args[i-1].Lit() != "-m" {
					continue
				}
			}
			if worldMode().MatchString(mode) && !(len(mode) == 4 && mode[0] == '1') {
				p.ReportScript(s.Script, s.span(w), fmt.Sprintf("with the mode %s everybody on the machine may change this", mode))
				return
			}
			if c.name == "chmod" && !strings.HasPrefix(mode, "-") {
				return // the mode is the first operand
			}
		}
	}, "chmod", "mkdir")
}

// secretIn returns the first sensitive variable that a node expands.
func secretIn(n syntax.Node, secret map[string]bool) (e *syntax.ParamExp) {
	script.Params(n, func(x *syntax.ParamExp) {
		if e == nil && secret[x.Param.Value] && !x.Length {
			if x.Exp == nil || x.Exp.Op != syntax.AlternateUnset && x.Exp.Op != syntax.AlternateUnsetOrNull {
				e = x
			}
		}
	})
	return e
}

// traceSecret reports scripts that print each command and use secrets.
func traceSecret(p *Pass) {
	secret := p.sensitive()
	if len(secret) == 0 {
		return
	}
	for _, s := range p.shells() {
		at, ok := s.option("x")
		if !ok {
			continue
		}
		if e := secretIn(s.Shell, secret); e != nil {
			x := p.ReportScript(s.Script, at, fmt.Sprintf("each command is printed with its values, also with what was made of %s", e.Param.Value))
			x.Hint = "Escape masks the value itself in logs, but not parts of it"
			if edits := s.withoutTrace(); len(edits) > 0 {
				fixScript(x, s.Script, "do not print them", true, edits...)
			}
		}
	}
}

// withoutTrace takes "x" out of the options that a script sets; nil if they are written in another way.
func (s *shellScript) withoutTrace() (edits []source.Edit) {
	if strings.HasPrefix(s.File.Text(), "#!") && strings.Contains(s.File.Slice(s.File.Line(1)), " -") {
		return nil
	}
	for i := range s.calls {
		c := &s.calls[i]
		if c.name != "set" {
			continue
		}
		for _, w := range c.args {
			word := w.Lit()
			line := s.File.Line(s.File.LineOf(int(s.span(c.word).Start)))
			switch {
			case word == "xtrace":
				return nil
			case !strings.HasPrefix(word, "-") || !strings.Contains(word, "x"):
			case strings.Trim(word, "eux") == "-" && word != "-x":
				edits = append(edits, replaced(s.span(w), strings.ReplaceAll(word, "x", "")))
			case word != "-x":
				return nil
			case len(c.args) > 1:
				edits = append(edits, replaced(source.Span{Start: s.span(c.word).End, End: s.span(w).End}, ""))
				if w != c.args[0] {
					return nil
				}
			case s.File.Slice(line) == "set -x" && int(line.End)+1 < len(s.File.Text()):
				// Up to the first character of the next line, which in a plan stands behind an indentation.
				next := s.File.Text()[line.End+1 : line.End+2]
				if strings.Trim(next, " \t\r\n") == "" || next[0] >= 0x80 {
					return nil
				}
				edits = append(edits, replaced(source.Span{Start: line.Start, End: line.End + 2}, next))
			default:
				return nil
			}
		}
	}
	return edits
}

// evalInput reports values that are run as commands.
func evalInput(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		args := c.args
		if c.name != "eval" {
			args = nil
			for i, w := range c.args {
				if word := w.Lit(); strings.HasPrefix(word, "-") && strings.HasSuffix(word, "c") && i+1 < len(c.args) {
					args = c.args[i+1 : i+2]
					break
				}
			}
		}
		for _, w := range args {
			var found *syntax.ParamExp
			script.Params(w, func(e *syntax.ParamExp) {
				if found == nil && script.IsEscape(e.Param.Value) {
					found = e
				}
			})
			if found != nil {
				p.ReportScript(s.Script, s.span(found), fmt.Sprintf("the value of %s becomes part of a command", found.Param.Value)).Hint =
					"whoever sets it can run anything; pass it as an argument or a variable"
				return
			}
		}
	}, "eval", "sh", "bash", "dash", "zsh", "ksh")
}

// printers are commands that only print their arguments.
var printers = []string{"echo", "printf"}

// echoSecret reports secrets that are printed to the log.
func echoSecret(p *Pass) {
	secret := p.sensitive()
	if len(secret) == 0 {
		return
	}
	var last *shellScript // a script may have thousands of commands
	uses := false
	p.eachCall(func(s *shellScript, c *shellCall) {
		if s != last {
			last, uses = s, s.expands(secret)
		}
		if c.taken || c.redirected || !uses {
			return
		}
		for _, w := range c.args {
			if e := secretIn(w, secret); e != nil {
				p.ReportScript(s.Script, s.span(e), fmt.Sprintf("%s is sensitive and printed here", e.Param.Value))
			}
		}
	}, printers...)
}

// builtins are commands whose arguments are not seen by other users of the machine.
var builtins = []string{"echo", "printf", "[", "test", "export", "local", "readonly", "set", "eval", "read", "case", ":", "true", "return", "shift",
	"unset", "trap", ".", "source", "exit", "cd", "sudo", "env", "command", "exec", "builtin"}

// secretArgument reports secrets that everybody on the machine sees in the list of processes.
func secretArgument(p *Pass) {
	secret := p.sensitive()
	if len(secret) == 0 {
		return
	}
	for _, s := range p.shells() {
		if !s.expands(secret) {
			continue
		}
		functions := map[string]bool{}
		for _, n := range s.nodes {
			if f, ok := n.(*syntax.FuncDecl); ok && f.Name != nil {
				functions[f.Name.Value] = true
			}
		}
		for i := range s.calls {
			c := &s.calls[i]
			if slices.Contains(builtins, c.name) || functions[c.name] {
				continue
			}
			for _, w := range c.args {
				if e := directSecret(w, secret); e != nil {
					p.ReportScript(s.Script, s.span(e), fmt.Sprintf("%s is sensitive; as an argument of %s every user of the machine can read it", e.Param.Value, c.name)).Hint =
						"pass it in a file, a variable, or by standard input"
					break
				}
			}
		}
	}
}

// directSecret is secretIn without what commands in the word do with it.
func directSecret(w *syntax.Word, secret map[string]bool) (e *syntax.ParamExp) {
	for _, part := range w.Parts {
		parts := []syntax.WordPart{part}
		if q, ok := part.(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
		for _, x := range parts {
			if x, ok := x.(*syntax.ParamExp); ok && x.Param != nil && e == nil {
				e = secretIn(x, secret)
			}
		}
	}
	return e
}

// plainHTTP finds addresses without encryption on other machines.
var plainHTTP = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^http://([^/:?$]+)`) })

// httpDownload reports files that come over connections anybody can change.
func httpDownload(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		saves := c.taken || c.name == "wget" && !c.flag(0, "--spider") || c.flag('o', "--output") || c.flag('O', "--remote-name")
		for _, r := range c.stmt.Redirs {
			saves = saves || r.Op == syntax.RdrOut && r.Word.Lit() != "/dev/null"
		}
		if !saves {
			return
		}
		for _, w := range c.args {
			text := firstText(w)
			m := plainHTTP().FindStringSubmatch(text)
			if m == nil || !strings.Contains(m[1], ".") || strings.HasPrefix(m[1], "127.") || strings.HasPrefix(m[1], "10.") || strings.HasPrefix(m[1], "169.254.") ||
				strings.HasPrefix(m[1], "192.168.") || strings.HasSuffix(m[1], ".local") || strings.HasSuffix(m[1], ".internal") || strings.HasSuffix(m[1], ".localhost") {
				continue
			}
			x := p.ReportScript(s.Script, s.span(w), "this is downloaded without encryption: anybody on the way can change it")
			if i := strings.Index(s.text(w), "http://"); i >= 0 {
				at := s.span(w).Start + int32(i) + int32(len("http"))
				fixScript(x, s.Script, "use https", alsoHTTPS[m[1]], inserted(at, "s"))
			}
		}
	}, "curl", "wget")
}

// insecureTLS reports connections whose other end is not checked.
func insecureTLS(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		for i, w := range c.args {
			word := w.Lit()
			bad := false
			switch c.name {
			case "curl":
				bad = word == "-k" || word == "--insecure" || len(word) > 1 && word[0] == '-' && word[1] != '-' && strings.Trim(word[1:], "fsSLkIvig") == "" && strings.Contains(word, "k")
			case "wget":
				bad = word == "--no-check-certificate"
			case "ssh", "scp", "sftp":
				value := strings.TrimPrefix(word, "-o")
				bad = value == "StrictHostKeyChecking=no" && (word != value || i > 0 && c.args[i-1].Lit() == "-o")
			case "git":
				bad = word == "http.sslVerify=false"
			}
			if bad {
				p.ReportScript(s.Script, s.span(w), fmt.Sprintf("%s does not check whom it talks to", c.name))
			}
		}
	}, "curl", "wget", "ssh", "scp", "sftp", "git")
}

// fixedTempFile reports temporary files whose name anybody can guess, and lay something there before.
func fixedTempFile(p *Pass) {
	report := func(s *shellScript, w *syntax.Word) {
		if text, ok := script.Literal(w); ok && strings.HasPrefix(text, "/tmp/") && len(text) > len("/tmp/") {
			p.ReportScript(s.Script, s.span(w), "others on the machine, and a second run, use the same name").Hint = "make the file with mktemp"
		}
	}
	for _, s := range p.shells() {
		for _, n := range s.nodes {
			if r, ok := n.(*syntax.Redirect); ok && (r.Op == syntax.RdrOut || r.Op == syntax.AppOut || r.Op == syntax.RdrClob) {
				report(s, r.Word)
			}
		}
	}
	p.eachCall(func(s *shellScript, c *shellCall) {
		for i, w := range c.args {
			switch c.name {
			case "curl", "wget":
				if i > 0 && (c.args[i-1].Lit() == "-o" || c.args[i-1].Lit() == "-O" || c.args[i-1].Lit() == "--output") {
					report(s, w)
				}
			case "cp", "mv":
				if i == len(c.args)-1 && i > 0 {
					report(s, w)
				}
			default:
				report(s, w)
			}
		}
	}, "touch", "mkdir", "tee", "cp", "mv", "curl", "wget")
}

// sudo reports scripts that need rights which not everybody who deploys has.
func sudo(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		p.ReportScript(s.Script, s.span(c.word), fmt.Sprintf("%s asks for a password where there is none, or the script needs too much", c.name))
	}, "sudo", "doas")
}

// secretLiteral reports secrets that stand in files of scripts. (Those in the plan are looked for in all of its text.)
func secretLiteral(p *Pass) {
	for _, s := range p.Info.Scripts() {
		text := s.File.Text()
		if s.Path == "" || len(text) > script.MaxSize || strings.IndexByte(text, 0) >= 0 {
			continue
		}
		report := func(at source.Span, what string) {
			x := p.ReportScript(s, at, "this looks like "+what+", which everybody who gets the package can read")
			x.Hint = "take it back where it was given out, and make it an input that is sensitive"
		}
		leakedIn(text, report)
		passwordsIn(text, func(at source.Span) { report(at, "a password") })
	}
}
