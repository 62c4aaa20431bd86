package script

import (
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// maxNesting is how deep brackets may nest, about, if a script is to be parsed; maxNested how deep scripts stand in
// strings of scripts.
const (
	maxNesting = 400
	maxNested  = 3
)

// shell reads the whole text as a shell script.
func (r *reader) shell() {
	tree, err := parseShell(r.s.File.Name(), r.text, r.s.Dialect)
	if tree == nil {
		r.s.Err = err
		r.s.Computed = true
		all := len(r.text)
		r.foreign(0, all, Shell)
		for _, mark := range []string{"outputs.json", "$1", "${1", "$@", "${@", "$*"} {
			if strings.Contains(r.text, mark) {
				r.opaque(0, all)
			}
		}
		return
	}
	r.s.Shell = tree
	r.shellTree(tree, 0, len(r.text))
}

// parsers are *syntax.Parser that nobody uses: one is larger than the tree of a short script.
var parsers sync.Pool

// parseShell parses text as a dialect, or else as bash or a shell of the standard: many a script says the wrong one.
func parseShell(name, text, dialect string) (*syntax.File, *SyntaxError) {
	if !shallow(text) {
		return nil, nil // nothing is said about it
	}
	variants := []syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX}
	switch dialect {
	case "zsh":
		variants = []syntax.LangVariant{syntax.LangZsh, syntax.LangBash}
	case "ksh", "mksh":
		variants = []syntax.LangVariant{syntax.LangMirBSDKorn, syntax.LangBash}
	case "bats":
		variants = []syntax.LangVariant{syntax.LangBats}
	}
	var first error
	for _, v := range variants {
		parser, _ := parsers.Get().(*syntax.Parser)
		if parser == nil {
			parser = syntax.NewParser(syntax.KeepComments(true))
		}
		syntax.Variant(v)(parser)
		tree, err := parser.Parse(strings.NewReader(text), name)
		if err == nil {
			parsers.Put(parser)
			return tree, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, syntaxError(text, first)
}

func syntaxError(text string, err error) *SyntaxError {
	var parse syntax.ParseError
	var lang syntax.LangError
	pos, msg := syntax.Pos{}, err.Error()
	switch {
	case errors.As(err, &parse):
		pos, msg = parse.Pos, parse.Text
	case errors.As(err, &lang):
		pos, msg = lang.Pos, strings.TrimPrefix(lang.Error(), lang.Pos.String()+": ")
		if _, after, ok := strings.Cut(msg, ": "); ok && strings.Contains(msg, lang.Pos.String()) {
			msg = after
		}
	}
	start := min(int(pos.Offset()), len(text))
	end := start
	for end < len(text) && text[end] > ' ' && end-start < 40 {
		end++
	}
	return &SyntaxError{Span: source.Span{Start: int32(start), End: int32(end)}, Msg: msg}
}

// shallow reports whether a parser that calls itself for what is nested will not go too deep.
func shallow(text string) bool {
	depth, deepest, signs := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '{':
			depth++
			deepest = max(deepest, depth)
		case ')', '}':
			depth = max(0, depth-1)
		case '!', '-', '~', '+':
			if signs++; signs > 4*maxNesting {
				return false
			}
			continue
		case ' ', '\t':
			continue
		}
		signs = 0
	}
	words := strings.Count(text, "if ") + strings.Count(text, "while ") + strings.Count(text, "until ") + strings.Count(text, "for ") +
		strings.Count(text, "case ") + strings.Count(text, "time ") + strings.Count(text, "do ")
	ends := strings.Count(text, "fi") + strings.Count(text, "done") + strings.Count(text, "esac")
	return deepest <= maxNesting && words <= 2*ends+4*maxNesting
}

// shellTree collects facts of a tree that stands between two offsets of the file.
func (r *reader) shellTree(tree *syntax.File, from, to int) {
	outer := r.at
	r.at = from
	if r.depth == 0 {
		r.values(tree)
	}
	var comments []source.Span
	r.walk(tree, &comments)
	byStart := func(a, b source.Span) int { return int(a.Start) - int(b.Start) }
	slices.SortFunc(comments, byStart)
	var inner []source.Span
	if r.depth == 0 {
		slices.SortFunc(r.inner, byStart)
		inner = r.inner
	}
	part := r.text[from:to]
	names(part, func(start, end int) {
		if at := int32(from + start); r.taken[at] || within(comments, from+start) || within(inner, from+start) {
			return
		}
		r.leftOver(part, from, start, end)
	})
	if r.depth == 0 {
		r.shellOutputs()
	}
	r.at = outer
}

// access are the texts before a name by which other languages read the environment in strings of a shell script.
var access = []string{`ENVIRON["`, `environ["`, `environ['`, `environ.get("`, `environ.get('`, `getenv("`, `getenv('`, "process.env.", "env.",
	`process.env["`, `ENV["`, `ENV['`, "$ENV{", "$ENV."}

// leftOver records a name that the tree does not explain: in text, in a string of another language, or put together.
func (r *reader) leftOver(part string, from, start, end int) {
	id := part[strings.IndexByte(part[start:end], '_')+start+1 : end]
	before, rest := part[:start], part[end:]
	switch {
	case id == "", !isLetter(id[0]), strings.HasSuffix(id, "_"), goesOn(before, rest):
		r.dynamic(from+start, from+end)
	case slices.ContainsFunc(access, func(a string) bool { return strings.HasSuffix(before, a) }) &&
		!slices.ContainsFunc(r.documents, func(d source.Span) bool { return d.Contains(from + start) }):
		r.use(part[start:end], from+start, Read, false)
	default:
		r.use(part[start:end], from+start, Mentioned, false)
	}
}

// off is the offset of pos in the file.
func (r *reader) off(pos syntax.Pos) int { return int(pos.Offset()) + r.at }

// walk visits a tree and collects its comments.
func (r *reader) walk(node syntax.Node, comments *[]source.Span) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Comment:
			*comments = append(*comments, r.span(r.off(n.Pos()), r.off(n.End())))
		case *syntax.Stmt:
			r.stmt(n)
		case *syntax.ParamExp:
			r.param(n, false)
		case *syntax.Assign:
			if n.Name != nil && !n.Naked {
				r.use(n.Name.Value, r.off(n.Name.Pos()), Assigned, false)
			}
			if n.Index != nil {
				r.arithm(n.Index)
			}
		case *syntax.DeclClause:
			r.declares(n)
		case *syntax.WordIter:
			r.use(n.Name.Value, r.off(n.Name.Pos()), Assigned, false)
		case *syntax.TestClause:
			r.tested(n.X)
		case *syntax.UnaryTest:
			r.unaryTest(n)
		case *syntax.CaseClause:
			r.chosen(n)
		case *syntax.CoprocClause:
			if n.Name != nil {
				r.sets(n.Name)
			}
		case *syntax.ArithmExp:
			r.arithm(n.X)
		case *syntax.ArithmCmd:
			r.arithm(n.X)
		case *syntax.LetClause:
			for _, x := range n.Exprs {
				r.arithm(x)
			}
		case *syntax.CStyleLoop:
			r.arithm(n.Init)
			r.arithm(n.Cond)
			r.arithm(n.Post)
		case *syntax.FuncDecl:
			if n.Name != nil {
				if r.functions == nil {
					r.functions = map[string]bool{}
				}
				r.functions[n.Name.Value] = true
			}
		case *syntax.Word:
			_, plain := Literal(n)
			return !plain // there is nothing in it
		}
		return true
	})
}

// param records an expansion "$NAME" or "${NAME...}".
func (r *reader) param(p *syntax.ParamExp, guarded bool) {
	if p.Param == nil {
		return
	}
	name, start := p.Param.Value, r.off(p.Param.Pos())
	if r.depth == 0 && !p.Excl && AsEscape(name) != "" && r.onlyExpanded(name) {
		r.s.Misspelt = append(r.s.Misspelt, Use{Name: name, Span: r.span(start, start+len(name)), Guarded: guarded || p.IsSet || p.Exp != nil})
	}
	if p.Excl {
		if p.Names == 0 || strings.HasPrefix("INPUT_", name) || strings.HasPrefix("OUTPUT_", name) || IsEscape(name) {
			r.dynamic(r.off(p.Pos()), r.off(p.End()))
		}
		if r.taken == nil {
			r.taken = map[int32]bool{}
		}
		r.taken[int32(start)] = true
		return
	}
	if p.Slice != nil {
		r.arithm(p.Slice.Offset)
		r.arithm(p.Slice.Length)
	}
	if p.Index != nil {
		r.arithm(p.Index)
	}
	how := Read
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.AlternateUnset, syntax.AlternateUnsetOrNull, syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
			guarded = true
		case syntax.AssignUnset, syntax.AssignUnsetOrNull:
			guarded = true
			if IsEscape(name) {
				r.assigns(name)
			}
		}
	}
	r.use(name, start, how, guarded || p.IsSet)
}

// maxSuspects is how many names of a script are compared with those of Escape.
const maxSuspects = 50

// onlyExpanded reports whether a name stands behind a dollar sign wherever it stands, so that nothing sets it.
func (r *reader) onlyExpanded(name string) (only bool) {
	if only, ok := r.expanded[name]; ok || len(r.expanded) == maxSuspects {
		return only
	}
	if r.expanded == nil {
		r.expanded = map[string]bool{}
	}
	defer func() { r.expanded[name] = only }()
	for i := 0; ; {
		n := strings.Index(r.text[i:], name)
		if n < 0 {
			return true
		}
		i += n
		if before := strings.TrimRight(r.text[:i], "{#"); !isWord(r.text, i-1) && !isWord(r.text, i+len(name)) && !strings.HasSuffix(before, "$") {
			return false
		}
		i += len(name)
	}
}

// AsEscape returns the name that Escape would set and that a variable of another name is much like; "" if there is none.
func AsEscape(name string) string {
	prefix, id, ok := strings.Cut(name, "_")
	if !ok || id == "" || IsEscape(name) || len(prefix) < 4 || len(prefix) > 8 {
		return ""
	}
	switch near, ok := diag.Nearest(prefix, []string{"INPUT", "OUTPUT"}); {
	case strings.EqualFold(prefix, "INPUT"), strings.EqualFold(prefix, "OUTPUT"):
		return strings.ToUpper(prefix) + "_" + id
	case ok && prefix == strings.ToUpper(prefix):
		return near + "_" + id
	}
	return ""
}

// assigns notes a variable that the script sets if it has no value.
func (r *reader) assigns(name string) {
	if r.s.Assigns == nil {
		r.s.Assigns = map[string]bool{}
	}
	r.s.Assigns[name] = true
}

// arithm records the bare names of an arithmetic expression.
func (r *reader) arithm(x syntax.ArithmExpr) {
	switch x := x.(type) {
	case *syntax.Word:
		if name := x.Lit(); IsEscape(name) {
			r.use(name, r.off(x.Pos()), Read, false)
		} else if name == "" {
			r.arithmText(x)
		}
	case *syntax.BinaryArithm:
		if w, ok := x.X.(*syntax.Word); ok && isAssign(x.Op) && IsEscape(w.Lit()) {
			r.use(w.Lit(), r.off(w.Pos()), Assigned, false)
		} else {
			r.arithm(x.X)
		}
		r.arithm(x.Y)
	case *syntax.UnaryArithm:
		if w, ok := x.X.(*syntax.Word); ok && (x.Op == syntax.Inc || x.Op == syntax.Dec) {
			r.use(w.Lit(), r.off(w.Pos()), Assigned, false)
		}
		r.arithm(x.X)
	case *syntax.ParenArithm:
		r.arithm(x.X)
	}
}

func isAssign(op syntax.BinAritOperator) bool {
	s := op.String()
	return strings.HasSuffix(s, "=") && op != syntax.Eql && op != syntax.Neq && op != syntax.Leq && op != syntax.Geq
}

func (r *reader) unaryTest(t *syntax.UnaryTest) {
	w, ok := t.X.(*syntax.Word)
	if !ok {
		return
	}
	switch t.Op {
	case syntax.TsVarSet:
		r.use(w.Lit(), r.off(w.Pos()), Read, true)
	case syntax.TsEmpStr, syntax.TsNempStr:
		r.guard(w)
	}
}

// guard records the variables of a word that a script tests for having a value.
func (r *reader) guard(w *syntax.Word) {
	Params(w, func(p *syntax.ParamExp) { r.param(p, true) })
}

// stmt looks at a command together with its redirections.
func (r *reader) stmt(s *syntax.Stmt) {
	for _, redir := range s.Redirs {
		if redir.N != nil && strings.HasPrefix(redir.N.Value, "{") { // "{NAME}>file" sets NAME
			r.use(strings.Trim(redir.N.Value, "{}"), r.off(redir.N.Pos())+1, Assigned, false)
		}
	}
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	if lang, _ := program(path.Base(call.Args[0].Lit())); lang == Unknown {
		for _, redir := range s.Redirs {
			if redir.Hdoc != nil {
				r.documents = append(r.documents, r.span(r.off(redir.Hdoc.Pos()), r.off(redir.Hdoc.End())))
			}
		}
	}
	r.command(call.Args, s)
}

// wrappers are the commands that run the command behind them, with those of their options that take a value.
var wrappers = map[string][]string{
	"exec": {"-a"}, "command": nil, "builtin": nil, "nohup": nil, "sudo": {"-u", "-g"}, "time": nil, "nice": {"-n"}, "timeout": {"-s", "-k"},
	"env": {"-u", "-C"}, "xargs": {"-n", "-I", "-P", "-L", "-d", "-s"}, "setsid": nil, "stdbuf": nil, "doas": {"-u"}, "busybox": nil,
}

// projects are commands that run what a project says, in languages of their own, with the environment of the script.
var projects = []string{"npm", "yarn", "pnpm", "npx", "rake", "bundle", "gradle", "gradlew", "mvn", "task", "just", "tox", "nox", "pytest", "poetry",
	"pipenv", "uv", "cargo", "vagrant", "packer", "pulumi", "cdk", "sls", "serverless", "terragrunt", "ansible", "ansible-playbook",
	"j2", "jinja2", "confd", "esh", "mo", "bats", "act", "invoke", "fab", "ant", "sbt", "dotnet", "mix", "php", "composer",
	"lua", "Rscript", "R", "java", "skaffold", "tilt"}

// command looks at a command and its arguments.
func (r *reader) command(args []*syntax.Word, s *syntax.Stmt) {
	name, ok := Literal(args[0])
	if !ok {
		if !r.run(args[0], Unknown, false) {
			r.unknown(args[0], "")
		}
		return
	}
	base := path.Base(name)
	if options, ok := wrappers[base]; ok {
		r.wrapper(base, args, options, s)
		return
	}
	rest := args[1:]
	switch base {
	case ".", "source":
		if len(rest) > 0 {
			r.run(rest[0], Shell, true)
		}
	case "eval":
		if len(rest) != 1 || !r.nested(rest[0], Shell) {
			r.s.Computed = true
			r.dynamic(r.off(s.Pos()), r.off(s.End()))
		}
	case "trap":
		if len(rest) > 1 {
			r.nested(rest[0], Shell)
		}
	case "printenv":
		found := false
		for _, w := range rest {
			if r.use(w.Lit(), r.off(w.Pos()), Read, true) || w.Lit() != "" && w.Lit()[0] != '-' {
				found = true
			}
		}
		if !found {
			r.dynamic(r.off(s.Pos()), r.off(s.End()))
		}
	case "set":
		if len(rest) == 0 {
			r.dynamic(r.off(s.Pos()), r.off(s.End()))
		}
	case "compgen":
		r.dynamic(r.off(s.Pos()), r.off(s.End()))
	case "unset":
		for _, w := range rest {
			r.use(w.Lit(), r.off(w.Pos()), Assigned, false)
		}
	case "read":
		r.reads(rest)
	case "mapfile", "readarray":
		if len(rest) > 0 {
			r.sets(rest[len(rest)-1])
		}
	case "getopts":
		if len(rest) > 1 {
			r.sets(rest[1])
		}
	case "printf":
		if len(rest) > 1 && rest[0].Lit() == "-v" {
			r.sets(rest[1])
		}
	case "wait":
		if i := slices.IndexFunc(rest, func(w *syntax.Word) bool { return w.Lit() == "-p" }); i >= 0 && i+1 < len(rest) {
			r.sets(rest[i+1])
		}
	case "[", "test":
		r.testedBy(rest)
	case "envsubst":
		r.envsubst(rest, s)
	case "docker", "podman", "docker-compose", "podman-compose", "nerdctl":
		r.containers(base, rest)
	case "gomplate":
		r.gomplate(rest, s)
	case "consul-template", "dockerize":
		r.consulTemplate(rest, s)
	case "helmfile":
		r.helmfile(rest, s)
	case "go":
		if len(rest) > 1 && rest[0].Lit() == "run" {
			r.run(rest[1], Go, false)
		}
	case "make", "gmake":
		r.make(rest)
	default:
		switch lang, _ := program(base); {
		case lang != Unknown:
			r.interpreter(lang, rest, s)
		case slices.Contains(projects, base):
			r.dynamic(r.off(s.Pos()), r.off(s.End()))
		default:
			if strings.Contains(name, "/") && !path.IsAbs(name) {
				r.run(args[0], Unknown, false)
			} else if !isTool(base) {
				r.unknown(args[0], name)
			}
			r.loose(rest)
		}
	}
}

// wrapper looks for the command that another command runs.
func (r *reader) wrapper(name string, args []*syntax.Word, options []string, s *syntax.Stmt) {
	i := 1
	for i < len(args) {
		word := args[i].Lit()
		switch {
		case slices.Contains(options, word):
			if name == "env" && word == "-u" && i+1 < len(args) {
				r.use(args[i+1].Lit(), r.off(args[i+1].Pos()), Assigned, false)
			}
			i++
		case strings.HasPrefix(word, "-"):
		case name == "env" && isPair(args[i]):
			key, _, _ := strings.Cut(first(args[i]), "=")
			r.use(key, r.off(args[i].Pos()), Assigned, false)
		case name == "timeout" && i == 1:
		default:
			r.command(args[i:], s)
			return
		}
		i++
	}
	if name == "env" {
		r.dynamic(r.off(s.Pos()), r.off(s.End()))
	}
}

// isPair reports whether a word is "NAME=value".
func isPair(w *syntax.Word) bool {
	key, _, ok := strings.Cut(first(w), "=")
	return ok && syntax.ValidName(key)
}

// first is the text that a word begins with.
func first(w *syntax.Word) string {
	if len(w.Parts) > 0 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok {
			return lit.Value
		}
	}
	return ""
}

// interpreter looks at the arguments of a program that runs scripts of a language.
func (r *reader) interpreter(lang Lang, args []*syntax.Word, s *syntax.Stmt) {
	for i := 0; i < len(args); i++ {
		word := args[i].Lit()
		if lang == Shell && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.HasSuffix(word, "c") ||
			lang != Shell && (word == "-c" || word == "-e" || word == "-E" || word == "--eval" || word == "-ne" || word == "-pe" || word == "-p") {
			if i+1 < len(args) && !r.nested(args[i+1], lang) {
				r.dynamic(r.off(args[i+1].Pos()), r.off(args[i+1].End()))
			}
			return
		}
		switch {
		case word == "-m" && lang == Python:
			r.dynamic(r.off(s.Pos()), r.off(s.End()))
			return
		case word == "-o" || word == "-O" || word == "+o":
			i++
		case word == "-" || word == "-s":
			r.heredoc(s, lang)
			return
		case strings.HasPrefix(word, "-"):
		case (word == "run" || word == "exec") && lang == JavaScript:
		default:
			r.run(args[i], lang, false)
			return
		}
	}
	r.heredoc(s, lang)
}

// heredoc reads the script in a here-document of a command.
func (r *reader) heredoc(s *syntax.Stmt, lang Lang) {
	for _, redir := range s.Redirs {
		switch {
		case redir.Hdoc != nil:
			r.nested(redir.Hdoc, lang)
		case redir.Op == syntax.RdrIn:
			r.run(redir.Word, lang, false)
		}
	}
}

// nested reads the script in a word. It reports whether all of the script stands there.
func (r *reader) nested(w *syntax.Word, lang Lang) bool {
	start, end, ok := r.verbatim(w)
	if !ok || r.depth >= maxNested {
		return false
	}
	r.depth++
	defer func() {
		if r.depth--; r.depth == 0 {
			r.inner = append(r.inner, r.span(start, end))
		}
	}()
	if lang == Shell {
		if tree, _ := parseShell("", r.text[start:end], "bash"); tree != nil {
			r.shellTree(tree, start, end)
			return true
		}
	}
	r.foreign(start, end, lang)
	return true
}

// verbatim finds the text of a word that stands in the file as it is.
func (r *reader) verbatim(w *syntax.Word) (start, end int, ok bool) {
	if len(w.Parts) != 1 {
		return 0, 0, false
	}
	value := ""
	switch p := w.Parts[0].(type) {
	case *syntax.SglQuoted:
		if p.Dollar {
			return 0, 0, false
		}
		start, value = r.off(p.Left)+1, p.Value
	case *syntax.DblQuoted:
		if len(p.Parts) != 1 {
			return 0, 0, false
		}
		lit, ok := p.Parts[0].(*syntax.Lit)
		if !ok || strings.Contains(lit.Value, `\`) {
			return 0, 0, false
		}
		start, value = r.off(lit.Pos()), lit.Value
	case *syntax.Lit:
		start, value = r.off(p.Pos()), p.Value
	default:
		return 0, 0, false
	}
	end = start + len(value)
	return start, end, end <= len(r.text) && r.text[start:end] == value
}

// envsubst looks at a command that puts variables into a text.
func (r *reader) envsubst(args []*syntax.Word, s *syntax.Stmt) {
	for _, w := range args {
		if start, end, ok := r.verbatim(w); ok && strings.Contains(r.text[start:end], "$") {
			names(r.text[start:end], func(from, to int) {
				r.use(r.text[start+from:start+to], start+from, Read, true)
			})
			return
		}
	}
	seen := false
	for _, redir := range s.Redirs {
		if redir.Op == syntax.RdrIn {
			seen = r.run(redir.Word, Data, false)
		}
	}
	if !seen {
		r.dynamic(r.off(s.Pos()), r.off(s.End()))
	}
}

// containers looks at a command that runs containers: which variables it passes on, and its files.
func (r *reader) containers(name string, args []*syntax.Word) {
	compose := strings.HasSuffix(name, "compose")
	var files []*syntax.Word
	for i, w := range args {
		word := w.Lit()
		switch {
		case i == 0 && word == "compose":
			compose = true
		case (word == "-e" || word == "--env") && i+1 < len(args):
			if name, _, isPair := strings.Cut(first(args[i+1]), "="); !isPair {
				r.use(name, r.off(args[i+1].Pos()), Read, true)
			}
		case (word == "-f" || word == "--file") && i+1 < len(args):
			files = append(files, args[i+1])
		}
	}
	if !compose {
		return
	}
	for _, w := range files {
		r.run(w, Data, false)
	}
	if len(files) == 0 && len(args) > 0 {
		span := r.span(r.off(args[0].Pos()), r.off(args[0].End()))
		for _, file := range []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"} {
			r.s.Calls = append(r.s.Calls, Call{Path: file, Span: span, Lang: Data, Optional: true})
		}
	}
}

// make looks at a command that runs a makefile.
func (r *reader) make(args []*syntax.Word) {
	dir, span := ".", source.Span{}
	for i, w := range args {
		span = r.span(r.off(w.Pos()), r.off(w.End()))
		if i+1 >= len(args) {
			break
		}
		switch w.Lit() {
		case "-f", "--file":
			r.run(args[i+1], Make, false)
			return
		case "-C", "--directory":
			var ok bool
			if dir, ok = Literal(args[i+1]); !ok {
				r.dynamic(r.off(w.Pos()), r.off(w.End()))
				return
			}
		}
	}
	for _, file := range []string{"GNUmakefile", "makefile", "Makefile"} {
		r.s.Calls = append(r.s.Calls, Call{Path: path.Join(dir, file), Span: span, Lang: Make, Optional: true})
	}
}

// unknown notes a command of which nobody knows what it does, unless it turns out to be a function.
func (r *reader) unknown(w *syntax.Word, name string) {
	r.commands = append(r.commands, command{name, r.span(r.off(w.Pos()), r.off(w.End()))})
}

// loose notes arguments that look like scripts: whether anybody runs them is not known.
func (r *reader) loose(args []*syntax.Word) {
	for _, w := range args {
		p, ok := r.place(w)
		if !ok {
			continue
		}
		switch lang, _ := Detect(p.path, ""); lang {
		case Shell, Python, Ruby, JavaScript, Perl, PowerShell:
			r.s.Calls = append(r.s.Calls, Call{Path: p.path, Beside: p.beside, Span: r.span(r.off(w.Pos()), r.off(w.End())), Optional: true})
		}
	}
}

// run notes a file that the script reads in or runs. It reports whether the file is known; of one that is not, nothing
// can be said.
func (r *reader) run(w *syntax.Word, lang Lang, readIn bool) bool {
	p, ok := r.place(w)
	span := r.span(r.off(w.Pos()), r.off(w.End()))
	if !ok {
		if readIn || lang != Unknown {
			r.s.Dynamic = append(r.s.Dynamic, span)
			r.s.Opaque = append(r.s.Opaque, span)
		}
		if readIn {
			r.s.Calls = append(r.s.Calls, Call{Span: span, Lang: lang, ReadIn: true})
		}
		return false
	}
	if path.IsAbs(p.path) { // no part of the package
		if (readIn || lang != Unknown) && !ofSystem(p.path) {
			r.s.Dynamic = append(r.s.Dynamic, span)
			r.s.Computed = r.s.Computed || readIn
		}
		return true
	}
	r.s.Calls = append(r.s.Calls, Call{Path: p.path, Beside: p.beside, Span: span, Lang: lang, ReadIn: readIn})
	return true
}

// ofSystem reports whether a file comes with the system, which sets no variables of Escape.
func ofSystem(file string) bool {
	return strings.HasPrefix(file, "/etc/") || strings.HasPrefix(file, "/usr/") || strings.HasPrefix(file, "/lib/")
}
