package script

import (
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// sets records that a command sets the variable that a word names. If the script puts the name together, it may be any.
func (r *reader) sets(w *syntax.Word) {
	start, end, ok := r.verbatim(w)
	name, _, _ := strings.Cut(r.text[start:end], "[")
	if !ok || !syntax.ValidName(name) {
		r.s.Computed = true
		return
	}
	r.use(name, start, Assigned, false)
}

// head is the text that a word begins with, in quotes or not, and where it stands.
func (r *reader) head(w *syntax.Word) (text string, start int) {
	if len(w.Parts) == 0 {
		return "", 0
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) > 0 {
		part = q.Parts[0]
	}
	switch p := part.(type) {
	case *syntax.Lit:
		return p.Value, r.off(p.Pos())
	case *syntax.SglQuoted:
		if !p.Dollar {
			return p.Value, r.off(p.Left) + 1
		}
	}
	return "", 0
}

// declares records the variables of export, local, declare and the like.
func (r *reader) declares(d *syntax.DeclClause) {
	named, reference := false, false
	for _, a := range d.Args {
		switch {
		case a.Name == nil && a.Value != nil:
			option, isOption := r.declaresWord(a.Value)
			named = named || !isOption
			reference = reference || strings.Contains(option, "n") && d.Variant.Value != "export"
			continue
		case a.Name == nil:
			continue
		case a.Naked:
			how := Read // "export INPUT_x" passes it on
			if d.Variant.Value == "local" || d.Variant.Value == "declare" || d.Variant.Value == "typeset" {
				how = Assigned
			}
			r.use(a.Name.Value, r.off(a.Name.Pos()), how, true)
		case reference && a.Value != nil:
			r.sets(a.Value) // it may be set by its other name
		}
		named = true
	}
	if !named && d.Variant.Value != "local" {
		r.dynamic(r.off(d.Pos()), r.off(d.End())) // it prints all
	}
}

// declaresWord records what a word declares that is no plain NAME or NAME=value, such as "NAME=value" in quotes. It returns
// an option as it is.
func (r *reader) declaresWord(w *syntax.Word) (option string, isOption bool) {
	text, start := r.head(w)
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		return text, true
	}
	key, _, pair := strings.Cut(text, "=")
	_, _, whole := r.verbatim(w)
	switch {
	case pair && syntax.ValidName(key):
		r.use(key, start, Assigned, false)
	case whole:
		r.use(text, start, Read, true)
	default:
		r.s.Computed = true
	}
	return "", false
}

// reads records the variables that read sets: its arguments behind the options.
func (r *reader) reads(args []*syntax.Word) {
	for i := 0; i < len(args); i++ {
		word := args[i].Lit()
		if !strings.HasPrefix(word, "-") {
			r.sets(args[i])
			continue
		}
		if len(word) > 1 && strings.IndexByte("dinNptu", word[len(word)-1]) >= 0 {
			i++
		}
	}
}

// tested records the variables that "[[ ... ]]" tests for having a value.
func (r *reader) tested(x syntax.TestExpr) {
	switch x := x.(type) {
	case *syntax.Word:
		r.guard(x)
	case *syntax.ParenTest:
		r.tested(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			r.tested(x.X)
		}
	case *syntax.BinaryTest:
		switch x.Op {
		case syntax.AndTest, syntax.OrTest:
			r.tested(x.X)
			r.tested(x.Y)
		case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
			a, okA := x.X.(*syntax.Word)
			b, okB := x.Y.(*syntax.Word)
			if okA && okB {
				r.compared(a, b)
			}
		}
	}
}

// testedBy records the variables that the arguments of "[" or test ask for having a value.
func (r *reader) testedBy(args []*syntax.Word) {
	if n := len(args); n > 0 && args[n-1].Lit() == "]" {
		args = args[:n-1]
	}
	switch {
	case len(args) == 1:
		r.guard(args[0])
	case len(args) == 2 && args[0].Lit() == "!":
		r.guard(args[1])
	}
	for i := 0; i+1 < len(args); i++ {
		switch args[i].Lit() {
		case "-v":
			r.use(args[i+1].Lit(), r.off(args[i+1].Pos()), Read, true)
		case "-n", "-z":
			r.guard(args[i+1])
		case "=", "==", "!=":
			if i > 0 {
				r.compared(args[i-1], args[i+1])
			}
		}
	}
}

// compared records the variables of words one of which is what the other one is if they have no value: "" or, in the older
// manner, "x$NAME" and x.
func (r *reader) compared(a, b *syntax.Word) {
	if text, ok := Literal(b); ok {
		if head, _ := r.head(a); head == text {
			r.guard(a)
		}
		return
	}
	if text, ok := Literal(a); ok {
		if head, _ := r.head(b); head == text {
			r.guard(b)
		}
	}
}

// chosen records the variables that a case command asks for having a value.
func (r *reader) chosen(c *syntax.CaseClause) {
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			if text, ok := Literal(p); ok && text == "" {
				r.guard(c.Word)
			}
		}
	}
}

// arithmText records the names of an arithmetic expression in quotes, as let has them.
func (r *reader) arithmText(w *syntax.Word) {
	from, to, ok := r.verbatim(w)
	if !ok {
		return
	}
	text := r.text[from:to]
	names(text, func(start, end int) {
		how := Read
		if arithmAssigns(text[end:]) || strings.HasSuffix(text[:start], "++") || strings.HasSuffix(text[:start], "--") {
			how = Assigned
		}
		r.use(text[start:end], from+start, how, false)
	})
}

// matcher returns a function that looks for an expression, which is compiled on first use: most runs need none.
func matcher(expr string) func(text string) bool {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	return func(text string) bool { return re().MatchString(text) }
}

// arithmAssigns finds what follows a variable that an expression sets.
var arithmAssigns = matcher(`^\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?:[^=]|$))`)

// computed finds what other languages do that may set any variable: a key of the environment that is put together, many at
// once, or a file of variables.
var computed = matcher(`(?m)(?:environ|ENV|process\.env)\[\s*(?:[^\s"'\]]|"[^"\n]*(?:"\s*[+%.]|#\{)|'[^'\n]*'\s*[+%.])[^\]\n]*\]\s*(?:\|\||\?\?)?=(?:[^=~>]|$)` +
	`|\$ENV\{\s*\$\w+\s*\}\s*=(?:[^=~]|$)|@ENV\{` +
	`|environ\.update\(|ENV\.(?:update|merge!|replace)|Object\.assign\(\s*process\.env` +
	`|[Ss]etenv\(\s*[^\s"'` + "`" + `]|putenv\(\s*[^\s"']|SetEnvironmentVariable|Set-Item|New-Item` +
	`|dotenv|[Dd]otenv|environs|decouple` +
	`|^[ \t]*[-s]?include[ \t]`)
