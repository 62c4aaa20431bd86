package script

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// goTemplate looks through a part of the text that is a Go template. Only what stands in its actions, "{{ ... }}", is used;
// text around them may go to anything.
func (r *reader) goTemplate(from, to int) {
	part := r.text[from:to]
	end := 0
	text := func(to int) {
		names(part[end:to], func(start, stop int) {
			if id := part[end+start : end+stop]; !strings.HasSuffix(id, "_") {
				r.use(id, from+end+start, Mentioned, false)
			}
		})
	}
	for {
		n := strings.Index(part[end:], "{{")
		if n < 0 {
			break
		}
		start := end + n + len("{{")
		text(start)
		if end = actionEnd(part, start); !isGoComment(part[start:end]) {
			r.goAction(part[start:end], from+start)
		}
	}
	text(len(part))
}

func isGoComment(action string) bool {
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(action, "-"), " \t\r\n"), "/*")
}

// actionEnd returns where the action that goes on at i ends, without its brackets.
func actionEnd(text string, i int) int {
	if isGoComment(text[i:]) {
		if n := strings.Index(text[i:], "*/"); n >= 0 {
			i += n
		}
	}
	for i < len(text) {
		switch {
		case strings.HasPrefix(text[i:], "}}"):
			return i
		case text[i] == '"' || text[i] == '`':
			i = stringEnd(text, i+1, text[i:i+1], text[i] == '`')
		default:
			i++
		}
	}
	return len(text)
}

var (
	// goGetter finds, in front of a name in quotes, how template engines read a variable.
	goGetter = matcher("(?:(?:^|[\\s(|])(?:env|getenv|env\\.Getenv|requiredEnv|mustEnv|envOrDefault)|(index|has|hasKey|get|dig) \\$?\\.Env)\\s+[\"`]$")
	// goGuard finds the words with which an action says what to do without a value.
	goGuard = matcher(`^-?\s*(?:if|with|else\s+if|else\s+with)\s|(?:^|[\s(|])(?:default|coalesce|or|and|not|ternary|has|hasKey|empty|envOrDefault)\s`)
	// goWhole finds what may read any variable.
	goWhole = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("\\.Env(?:[^.\\w\\s]|\\s*-?$|\\s+[^\\s\"`])|(?:^|[\\s(|])(?:env|getenv|env\\.Getenv|requiredEnv|mustEnv)\\s+[^\\s\"`]|env\\.Env|tmpl\\.|file\\.Read|(?:^|[\\s(|])(?:include|template)\\s")
	})
)

// goAction looks through an action that begins at an offset of the file.
func (r *reader) goAction(action string, from int) {
	guarded := goGuard(action)
	names(action, func(start, end int) {
		before, rest := action[:start], action[end:]
		name := action[start:end]
		if strings.HasSuffix(name, "_") || goesOn(before, rest) {
			r.dynamic(from+start, from+end) // put together
			return
		}
		how, given := Mentioned, false
		switch {
		case strings.HasSuffix(before, ".Env."):
			how = Read
		case goGetter(before) && rest != "" && rest[0] == before[len(before)-1]:
			how = Read
			next := strings.TrimLeft(rest[1:], " \t\n")
			given = next != "" && strings.IndexByte("\"`($.", next[0]) >= 0 // a default follows
		case strings.Contains(strings.ToLower(before), "expandenv") && (strings.HasSuffix(before, "$") || strings.HasSuffix(before, "${")):
			how = Read
		}
		r.use(name, from+start, how, guarded || given)
	})
	for _, at := range goWhole().FindAllStringIndex(action, -1) {
		r.dynamic(from+at[0], from+at[1])
	}
}

// gomplate looks at a command that fills in templates, which may run another one behind "--".
func (r *reader) gomplate(args []*syntax.Word, s *syntax.Stmt) {
	seen, known := false, true
	for i := 0; i < len(args); i++ {
		word, _ := Literal(args[i])
		if word == "--" {
			if i+1 < len(args) {
				r.command(args[i+1:], s)
			}
			break
		}
		option, value, joined := strings.Cut(word, "=")
		switch option {
		case "-f", "--file", "-i", "--in":
			seen = true
			switch {
			case joined && option == "--file":
				r.template(args[i], place{path: path.Clean(value)})
			case joined || i+1 >= len(args):
				known = false
			case option == "-i" || option == "--in":
				known = r.nested(args[i+1], GoTemplate) && known
			default:
				known = r.run(args[i+1], GoTemplate, false) && known
			}
		case "--input-dir", "--left-delim", "--right-delim", "--config", "-t", "--template":
			seen, known = true, false
		case "-o", "--out", "-d", "--datasource", "-c", "--context", "-H", "--datasource-header", "--output-dir", "--output-map",
			"--exclude", "--chmod", "--missing-key", "--plugin":
		default:
			continue
		}
		if !joined {
			i++
		}
	}
	if !seen {
		known = slices.ContainsFunc(s.Redirs, func(x *syntax.Redirect) bool { return x.Op == syntax.RdrIn })
		r.heredoc(s, GoTemplate)
	}
	if !known {
		r.dynamic(r.off(s.Pos()), r.off(s.End()))
	}
}

// consulTemplate looks at a command with options "-template FROM:TO". What else it does is not known.
func (r *reader) consulTemplate(args []*syntax.Word, s *syntax.Stmt) {
	for i, w := range args {
		word := w.Lit()
		value, joined := strings.CutPrefix(strings.TrimPrefix(word, "-"), "-template=")
		switch {
		case joined || strings.HasPrefix(word, "-template="):
			from, _, _ := strings.Cut(strings.TrimPrefix(value, "template="), ":")
			r.template(w, place{path: path.Clean(from)})
		case (word == "-template" || word == "--template") && i+1 < len(args):
			if p, ok := r.place(args[i+1]); ok {
				p.path, _, _ = strings.Cut(p.path, ":")
				r.template(args[i+1], p)
			}
		}
	}
	r.dynamic(r.off(s.Pos()), r.off(s.End()))
}

// helmfile looks at a command that fills in its own file before it reads it.
func (r *reader) helmfile(args []*syntax.Word, s *syntax.Stmt) {
	r.dynamic(r.off(s.Pos()), r.off(s.End()))
	for i, w := range args {
		if word := w.Lit(); (word == "-f" || word == "--file") && i+1 < len(args) {
			r.run(args[i+1], GoTemplate, false)
			return
		}
	}
	span := r.span(r.off(s.Pos()), r.off(s.End()))
	for _, file := range []string{"helmfile.yaml.gotmpl", "helmfile.yaml"} {
		r.s.Calls = append(r.s.Calls, Call{Path: file, Span: span, Lang: GoTemplate, Optional: true})
	}
}

// template notes a template of the package that a word names.
func (r *reader) template(w *syntax.Word, p place) {
	if path.IsAbs(p.path) {
		return
	}
	r.s.Calls = append(r.s.Calls, Call{Path: p.path, Beside: p.beside, Span: r.span(r.off(w.Pos()), r.off(w.End())), Lang: GoTemplate})
}
