package check

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Run is a step or errand with the scripts that it runs.
type Run struct {
	Step   *plan.Step
	Name   string       // of the step, or of the errand
	Errand *plan.Errand // nil for a step
	// Stages are the stages in which it runs.
	Stages plan.Stages
	// Early is set if no outputs exist yet, Writes if the outputs that it writes are read.
	Early, Writes bool
	// Unit are the scripts that it runs; nil if it runs a command of which nothing is known.
	Unit *script.Unit
	// Args is how many arguments its script gets before the file of outputs; -1 if it does not get that.
	Args int
}

// At is where the plan says what is run.
func (r *Run) At() source.Span {
	switch s := r.Step; s.Form {
	case plan.Inline:
		return s.Inline.Span()
	case plan.Command:
		return s.Cmd.Span()
	default:
		return s.Path.Span()
	}
}

// What names the run in a message.
func (r *Run) What() string {
	if r.Errand != nil {
		return fmt.Sprintf("errand %q", r.Name)
	}
	return r.Name + " step"
}

// A Script is a script of the plan: one that stands in it, or a file of the package that a step runs or that one of its
// scripts calls.
type Script struct {
	*script.Script
	// Path is the file in the package; "" for a script in the plan.
	Path string
	// Inline is where a script in the plan stands.
	Inline plan.Text
	// Runs are the steps and errands that run it, directly or not. There is at least one.
	Runs []*Run
	// Root is set if a step runs it by itself.
	Root bool

	plan *source.File
	hcl  bool // the plan is one of HCL
}

// Place is where a span of the script stands, for findings: in the plan or in the file.
func (s *Script) Place(span source.Span) (*source.File, source.Span) {
	if s.Path != "" {
		return s.File, span
	}
	return s.plan, s.Inline.At(span)
}

// New returns a finding in the script. Steps that run a file are named beside it.
func (s *Script) New(code *diag.Entry, span source.Span, message string) diag.Diagnostic {
	f, at := s.Place(span)
	x := diag.New(code, f, at, message)
	if s.Path != "" {
		r := s.Runs[0]
		x.Related = []diag.Related{{File: s.plan, Span: r.At(), Message: "the " + r.What() + " runs it"}}
	}
	return x
}

// unlikeTemplates writes what would begin a template of HCL as the characters that it is.
var unlikeTemplates = strings.NewReplacer("${", "$${", "%{", "%%{")

// Fix makes a fix of edits of the script. For a script in the plan they become edits of the plan; there is no fix if they
// cannot be written there.
func (s *Script) Fix(title string, preferred bool, edits ...source.Edit) []diag.Fix {
	fix := diag.Fix{Title: title, Preferred: preferred, Edits: edits}
	if s.Path != "" {
		return []diag.Fix{fix}
	}
	scalar := s.Inline.Scalar()
	if scalar == nil || scalar.Style == syntax.Native {
		return nil
	}
	lines := false // whether an edit writes a line break
	for i := range edits {
		e := &edits[i]
		lines = lines || strings.Contains(e.New, "\n")
		before := s.Inline.Value[:min(int(e.Span.Start), len(s.Inline.Value))]
		switch {
		case s.hcl && strings.HasPrefix(e.New, "{") && (strings.HasSuffix(before, "$") || strings.HasSuffix(before, "%")),
			scalar.Style == syntax.Plain && (e.Span.Start == 0 || strings.HasSuffix(e.New, ":")):
			return nil // it would mean something else there
		}
		if s.hcl {
			e.New = unlikeTemplates.Replace(e.New)
		}
	}
	if !lines {
		return plan.Relocate(diag.List{{Fixes: []diag.Fix{fix}}}, s.plan, s.Inline)[0].Fixes
	}
	if scalar.Style != syntax.Literal && scalar.Style != syntax.Heredoc {
		return nil
	}
	for i, e := range edits {
		// What follows the line break gets the indentation of the block.
		at := s.Inline.At(e.Span)
		line := s.plan.Line(s.plan.LineOf(int(at.Start)))
		before := s.plan.Slice(source.Span{Start: line.Start, End: at.Start})
		indent := before[:len(before)-len(strings.TrimLeft(before, " "))]
		edits[i] = source.Edit{Span: at, New: strings.ReplaceAll(e.New, "\n", "\n"+indent)}
	}
	return []diag.Fix{fix}
}

// scriptFacts are made on first use.
type scriptFacts struct {
	once    sync.Once
	make    func() ([]*Run, []*Script)
	runs    []*Run
	scripts []*Script
}

// Runs returns the steps and errands of the plan that run something, in the order of their fields.
func (i *Info) Runs() []*Run {
	i.facts.get()
	return i.facts.runs
}

// Scripts returns all scripts of the plan that can be seen, each once: those of steps first, in their order, each with the
// files that it calls behind it.
func (i *Info) Scripts() []*Script {
	i.facts.get()
	return i.facts.scripts
}

func (f *scriptFacts) get() {
	f.once.Do(func() {
		if f.make != nil {
			f.runs, f.scripts = f.make()
		}
	})
}

// maxRuns is how many steps and errands are looked at.
const maxRuns = 1000

// A runner collects runs.
type runner struct {
	c       *checker
	loaded  map[loadKey]*script.Script
	paths   map[*script.Script]string
	inline  map[*script.Script]plan.Text
	units   map[*script.Script]*script.Unit
	scripts map[*script.Script]*Script
	order   []*Script
	runs    []*Run
}

type loadKey struct {
	file string
	lang script.Lang
}

// collectRuns returns the runs of the plan and their scripts.
func (c *checker) collectRuns() ([]*Run, []*Script) {
	r := runner{c: c, loaded: map[loadKey]*script.Script{}, paths: map[*script.Script]string{}, inline: map[*script.Script]plan.Text{},
		units: map[*script.Script]*script.Unit{}, scripts: map[*script.Script]*Script{}}
	for _, f := range stepFields {
		row, _, _ := plan.Lookup(f.name)
		if s := *row.Bind(c.p).(**plan.Step); s != nil && s.Form != plan.Empty {
			_, isMain := mainSteps[f.name]
			early := isMain || strings.HasPrefix(f.name, "pre_") && f.name != "pre_destroy"
			r.run(&Run{Step: s, Name: f.name, Stages: f.stages, Early: early, Writes: isMain || f.name == "post_build" || f.name == "post_deploy"})
		}
	}
	for _, e := range c.p.Errands {
		step := e.Run
		if word := firstWord(e.Script); step == nil && word.Set() && !expr.IsScript(word.Value) {
			step = &plan.Step{Node: word.Node, Form: plan.File, Script: plan.Script{Text: e.Script}, Path: word}
		}
		if step != nil && step.Form != plan.Empty && len(r.runs) < maxRuns {
			r.run(&Run{Step: step, Name: e.Name.Value, Errand: e, Stages: plan.StageDeploy})
		}
	}
	return r.runs, r.order
}

var mainSteps = map[string]plan.Stages{"build": plan.StageBuild, "deploy": plan.StageDeploy}

func (r *runner) run(run *Run) {
	r.runs = append(r.runs, run)
	run.Args = -1
	s := run.Step
	var root *script.Script
	switch s.Form {
	case plan.Inline:
		if root = r.inlineShell(run); len(root.Calls) == 0 { // nothing else leads to it
			run.Unit = script.Follow(root, "", r.load)
			r.order = append(r.order, &Script{Script: root, Inline: s.Inline, Runs: []*Run{run}, Root: true, plan: r.c.src, hcl: r.c.p.File.Notation == syntax.HCL})
			return
		}
		r.inline[root] = s.Inline
	case plan.File:
		if s.Script.Expr != nil || !s.Path.Set() {
			return
		}
		run.Args = len(strings.Fields(s.Script.Value)) - 1
		root, _ = r.load(path.Clean(s.Path.Value), script.Unknown)
	case plan.Command:
		root = r.command(s)
	}
	if root == nil {
		return
	}
	unit := r.units[root]
	if unit == nil {
		dir := ""
		if file := r.paths[root]; file != "" {
			dir = path.Dir(file)
		}
		unit = script.Follow(root, dir, r.load)
		r.units[root] = unit
	}
	run.Unit = unit
	for _, s := range unit.Scripts {
		x := r.scripts[s]
		if x == nil {
			text := r.inline[s]
			if r.paths[s] == "" && !text.Set() {
				continue // made of a command
			}
			x = &Script{Script: s, Path: r.paths[s], Inline: text, plan: r.c.src, hcl: r.c.p.File.Notation == syntax.HCL}
			r.scripts[s] = x
			r.order = append(r.order, x)
		}
		x.Runs = append(x.Runs, run)
		x.Root = x.Root || s == root
	}
}

// inlineShell is the script of a step or errand that stands in the plan. That of an errand which has not changed is not looked
// for among all others.
func (r *runner) inlineShell(run *Run) *script.Script {
	text := run.Step.Inline.Value
	var unit *syntax.Unit
	if run.Errand != nil && r.c.env.Kept != nil {
		unit = run.Errand.Unit()
	}
	if unit == nil {
		return r.c.env.parse(r.c.src.Name(), text, script.Shell)
	}
	s, _ := unit.Checked.Load().(*script.Script)
	if s == nil || s.File.Text() != text || s.File.Name() != r.c.src.Name() {
		s = r.c.env.parse(r.c.src.Name(), text, script.Shell)
		unit.Checked.Store(s)
	}
	own := *s
	return &own
}

// text is a script in the plan.
func (r *runner) text(t plan.Text, lang script.Lang) *script.Script {
	s := r.c.env.parse(r.c.src.Name(), t.Value, lang)
	r.inline[s] = t
	return s
}

// load reads a file of the package, once. One that the plan makes itself is not known.
func (r *runner) load(file string, lang script.Lang) (*script.Script, bool) {
	key := loadKey{file, lang}
	if s, ok := r.loaded[key]; ok {
		return s, s != nil
	}
	if s := r.loaded[loadKey{file, script.Unknown}]; s != nil && s.Lang == lang {
		return s, true
	}
	r.loaded[key] = nil
	if r.c.env.ReadFile == nil || r.c.isRewritten(file) {
		return nil, false
	}
	text, err := r.c.env.ReadFile(file)
	if err != nil {
		return nil, false
	}
	f := source.NewFile(r.c.beside(file), string(text))
	if found, _ := script.Detect(f.Name(), f.Text()); lang == script.Unknown && found == script.Unknown && !strings.HasPrefix(f.Text(), "#!") {
		lang = script.Shell // which is what the system tries
	}
	var s *script.Script
	if parse := r.c.env.ParseScript; parse != nil {
		s = parse(f, lang)
	} else {
		s = r.c.env.parse(f.Name(), f.Text(), lang)
	}
	r.loaded[key], r.loaded[loadKey{file, s.Lang}], r.paths[s] = s, s, file
	return s, true
}

// command is what can be seen of a command: a script among its arguments, or the files that it reads. It is nil if
// nothing is known of the command.
func (r *runner) command(s *plan.Step) *script.Script {
	words := make([]string, 0, len(s.Args)+1)
	for i, w := range append([]plan.Script{s.Cmd}, s.Args...) {
		if w.Expr != nil {
			if i == 0 {
				return nil
			}
			words = append(words, `"$expression"`)
			continue
		}
		words = append(words, shellWord(w.Value))
	}
	name := path.Base(s.Cmd.Value)
	if lang, _ := script.Detect("", "#!"+name); lang != script.Unknown && lang != script.Make {
		for i, arg := range s.Args {
			switch v := arg.Value; {
			case i+1 < len(s.Args) && s.Args[i+1].Expr == nil && (lang == script.Shell && isOption(v, 'c') || lang != script.Shell && (v == "-c" || v == "-e")):
				text := r.text(s.Args[i+1].Text, lang)
				if lang == script.Shell {
					text.Dialect = name
				}
				return text
			case !strings.HasPrefix(v, "-"):
				if file, ok := r.load(path.Clean(v), lang); ok && arg.Expr == nil {
					return file
				}
				return nil
			}
		}
		return nil
	}
	line := r.c.env.parse("", strings.Join(words, " "), script.Shell)
	if len(line.Calls) == 0 && !slices.Contains(tools, name) {
		return nil
	}
	return line
}

// shellWord writes a word for a shell, in quotes if it needs them.
func shellWord(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// isOption reports whether a word is a bundle of short options that ends in c.
func isOption(word string, c byte) bool {
	return len(word) > 1 && word[0] == '-' && word[1] != '-' && word[len(word)-1] == c
}

// tools are commands that know nothing of the variables of Escape and write no outputs.
var tools = []string{"true", "false", "echo", "printf", "test", "sleep", "date", "ls", "cat", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "touch", "chmod",
	"tar", "gzip", "gunzip", "zip", "unzip", "curl", "wget", "git", "docker", "podman", "kubectl", "helm", "aws", "gcloud", "az", "terraform", "tofu",
	"ssh", "scp", "rsync", "sed", "grep", "awk", "jq", "psql", "mysql", "systemctl", "apt-get", "yum", "apk", "pip", "pip3"}
