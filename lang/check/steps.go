package check

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// stepFields are the steps with the moment of their expressions.
var stepFields = []struct {
	name   string
	stages plan.Stages
	when   moment
}{
	{"pre_build", plan.StageBuild, beforeMain},
	{"build", plan.StageBuild, beforeMain},
	{"post_build", plan.StageBuild, afterMain},
	{"test", plan.StageBuild, afterMain},
	{"pre_deploy", plan.StageDeploy, beforeMain},
	{"deploy", plan.StageDeploy, beforeMain},
	{"post_deploy", plan.StageDeploy, afterMain},
	{"smoke", plan.StageDeploy, afterMain},
	{"pre_destroy", whenDestroyed, afterMain},
	{"destroy", whenDestroyed, afterMain},
	{"post_destroy", whenDestroyed, afterMain},
	{"activate_provider", plan.StageDeploy, afterMain},
	{"deactivate_provider", plan.StageDeploy, afterMain},
}

func (c *checker) steps() {
	for _, f := range stepFields {
		row, _, _ := plan.Lookup(f.name)
		s := *row.Bind(c.p).(**plan.Step)
		if s == nil {
			continue
		}
		c.step(s, scopeKey{f.stages, f.when}, nil)
		switch {
		case c.conflict(s, "the '%s' field", f.name):
		case s.Form == plan.Empty:
			c.emptyStep(s, f.name)
		case c.blank(s, f.name):
		default:
			c.stepFile(s)
			c.arguments(s, scopeKey{f.stages, f.when})
		}
	}
}

// conflict reports a step that sets more than one of cmd, inline and script, at the last of them. The message says where with
// the name.
func (c *checker) conflict(s *plan.Step, where, name string) bool {
	cmd, script, inline := s.Cmd.Value != "", s.Script.Value != "", s.Inline.Value != ""
	if s.Short || !(cmd && script || cmd && inline || script && inline) {
		return false
	}
	set := map[string]bool{"cmd": cmd, "script": script, "inline": inline}
	var keys []source.Span
	if m := mappingOf(s.Node); m != nil {
		for i := range m.Entries {
			if name := m.Entries[i].Key.Text; set[name] {
				set[name] = false
				keys = append(keys, m.Entries[i].Key.Pos)
			}
		}
	}
	for _, rest := range set {
		if rest { // merged in by "<<"
			keys = append(keys, s.Node.Span())
		}
	}
	if len(keys) < 2 {
		return false
	}
	last := keys[len(keys)-1]
	x := c.report(diag.StepConflict, last,
		fmt.Sprintf("Found a problem in "+where+": More than one field is set. Please specify only one of script, cmd or inline.", name))
	for _, span := range keys[:len(keys)-1] {
		x.Related = append(x.Related, diag.Related{File: c.src, Span: span, Message: "the other one"})
	}
	return true
}

// mappingOf is n as a mapping, behind an alias.
func mappingOf(n syntax.Node) *syntax.Mapping {
	if a, ok := n.(*syntax.Alias); ok {
		n = a.Target
	}
	m, _ := n.(*syntax.Mapping)
	return m
}

func (c *checker) emptyStep(s *plan.Step, name string) {
	if len(s.Args) == 0 && (len(c.p.Extends) > 0 || s.Inline.Set() || s.Cmd.Set() || s.Script.Set()) {
		return // it switches an inherited step off
	}
	m := mappingOf(s.Node)
	if m == nil || unread(s, m) {
		return // a misspelt key or a wrong value has been reported
	}
	message := fmt.Sprintf("%q runs nothing", name)
	if len(s.Args) > 0 {
		message = fmt.Sprintf("%q runs nothing: \"args\" needs a \"cmd\"", name)
	}
	span := m.Pos
	if len(m.Entries) > 0 {
		span = m.Entries[0].Key.Pos
	}
	x := c.report(diag.EmptyStep, span, message)
	if s.Field != nil && !c.env.Partial { // else it may hold what could not be read
		if root, e := edit.Entry(c.p.File.Root, s.Field.Name); e != nil && e.Value.Span() == s.Node.Span() {
			x.Fixes = c.edit().Remove(root, e, len(m.Entries) == 0)
		}
	}
}

// unread reports whether the mapping m of the step s has anything but "args" that could be read.
func unread(s *plan.Step, m *syntax.Mapping) bool {
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Key.Text != "args" {
			return true
		}
		if list, ok := e.Value.(*syntax.Sequence); !ok && !isNull(e.Value) || ok && len(list.Items) != len(s.Args) {
			return true
		}
	}
	return false
}

// blank reports a step that has a command or script of blanks only.
func (c *checker) blank(s *plan.Step, name string) bool {
	for _, given := range []struct {
		key  string
		text plan.Text
	}{{"cmd", s.Cmd.Text}, {"script", s.Script.Text}, {"inline", s.Inline}} {
		if given.text.Value != "" && strings.TrimSpace(given.text.Value) == "" {
			c.report(diag.EmptyStep, given.text.Raw(), fmt.Sprintf("%q runs nothing: its %q holds only blanks", name, given.key))
			return true
		}
	}
	return false
}

// arguments reports expressions behind the name of a script: a shell reads them, not Escape.
func (c *checker) arguments(s *plan.Step, key scopeKey) {
	if s.Form != plan.File || s.Script.Expr != nil || strings.IndexByte(s.Script.Value, '$') < 0 {
		return
	}
	text := s.Script.Text
	for i := 0; i < len(text.Value); {
		start := i + len(text.Value[i:]) - len(strings.TrimLeft(text.Value[i:], " \t\n"))
		end := start + strings.IndexAny(text.Value[start:]+" ", " \t\n")
		if word := text.Value[start:end]; c.looksLikeExpr(word, key) {
			x := c.report(diag.ScriptArgument, text.At(source.Span{Start: int32(start), End: int32(end)}),
				fmt.Sprintf("%q is not evaluated here: the shell gets the arguments of a script as they are", word))
			form := c.p.Spelled(fmt.Sprintf("{cmd: %s, args: [...]}", s.Path.Value), fmt.Sprintf("{ cmd = %q, args = [...] }", s.Path.Value))
			x.Hint = "write " + form + "; scripts see inputs as INPUT_<id> anyway"
			x.Fixes = c.shellInput(word, text, key.stages)
			return
		}
		i = end
	}
}

// shellInput is the fix that writes the variable of the shell in place of an expression that is an input, wherever that is
// an argument of text.
func (c *checker) shellInput(word string, text plan.Text, stages plan.Stages) []diag.Fix {
	id, ok := strings.CutPrefix(word, "$this.inputs.")
	exists, known := c.inputStages(id)
	if s := text.Scalar(); !ok || !known || exists&stages != stages || strings.ContainsAny(id, "-.") || s == nil || s.Style != syntax.Plain && s.Style != syntax.DoubleQuoted {
		return nil
	}
	name := "$INPUT_" + id
	quoted := `"` + name + `"`
	if text.Scalar().Style == syntax.DoubleQuoted {
		quoted = `\"` + name + `\"`
	}
	fix := diag.Fix{Title: "write " + name, Preferred: true}
	for at := 0; at < len(text.Value); {
		next := at + strings.IndexAny(text.Value[at:]+" ", " \t\n")
		if text.Value[at:next] == word {
			fix.Edits = append(fix.Edits, source.Edit{Span: text.At(source.Span{Start: int32(at), End: int32(next)}), New: quoted})
		}
		at = next + 1
	}
	return []diag.Fix{fix}
}

// looksLikeExpr reports whether the word is the beginning of an expression about things that exist.
func (c *checker) looksLikeExpr(word string, key scopeKey) bool {
	if strings.HasPrefix(word, "$__") {
		return strings.Contains(word, "(")
	}
	name, rest, ok := strings.Cut(strings.TrimPrefix(word, "$"), ".")
	if !ok || word[0] != '$' || rest == "" {
		return false
	}
	_, known := c.scope(key).Field(name)
	return known
}

// step checks the expressions of a step.
func (c *checker) step(s *plan.Step, key scopeKey, names *types.Type) {
	u := use{key: key, want: infer.WantText, names: names}
	c.expr(s.Cmd, u)
	for _, arg := range s.Args {
		c.expr(arg, u)
	}
	if s.Script.Expr != nil {
		c.expr(s.Script, u) // the arguments of a script are looked at by themselves
	}
}

// stepFile reports the script of a step if it is not there. It may still be made before the step runs.
func (c *checker) stepFile(s *plan.Step) {
	switch s.Form {
	case plan.File:
		if s.Short || !s.Path.Set() {
			return // Decode has looked
		}
		if exists, known := c.isFile(s.Path.Value); known && !exists && !path.IsAbs(s.Path.Value) && !c.isMade(s.Path.Value) {
			x := c.report(diag.ScriptNotFound, s.Path.Span(), fmt.Sprintf("there is no file %q", s.Path.Value))
			c.suggestFile(x, s.Path)
			x.Original = ""
		}
	case plan.Command:
		word := s.Cmd.Text
		if s.Cmd.Expr != nil || c.env.Stat == nil || path.IsAbs(word.Value) || !plan.LooksLikeScript(word.Value) {
			return
		}
		if !s.Short {
			c.commandFile(word)
			return
		}
		if !strings.Contains(word.Value, "/") && c.env.LookPath != nil {
			if _, err := c.env.LookPath(word.Value); err == nil {
				return
			}
		}
		x := c.report(diag.ScriptNotFound, word.Span(), fmt.Sprintf("there is no file %q, so this is taken for a command", word.Value))
		if c.isMade(word.Value) {
			x.Hint = "if the file is made before the step runs, write " +
				c.p.Spelled("{script: "+word.Value+"}", fmt.Sprintf("{ script = %q }", word.Value))
		}
		c.suggestFile(x, word)
		x.Original = ""
	}
}

// commandFile reports the cmd of a mapping if it names a script that is not there. (A path without the extension of one may
// be a program that an earlier step makes.)
func (c *checker) commandFile(word plan.Text) {
	if !plan.LooksLikeScript(path.Base(word.Value)) || c.isMade(word.Value) {
		return
	}
	if strings.Contains(word.Value, "/") {
		if exists, known := c.isFile(word.Value); known && !exists {
			x := c.report(diag.ScriptNotFound, word.Span(), fmt.Sprintf("there is no file %q", word.Value))
			c.suggestFile(x, word)
			x.Original = ""
		}
		return
	}
	if exists, _ := c.isFile(word.Value); exists && c.env.LookPath != nil {
		if _, err := c.env.LookPath(word.Value); err != nil {
			x := c.report(diag.ScriptNotFound, word.Span(), fmt.Sprintf("%q is looked for on the PATH, not in the folder of the package", word.Value))
			x.Hint = "write " + c.p.Spelled("{script: "+word.Value+"}", fmt.Sprintf("{ script = %q }", word.Value))
		}
	}
}

func (c *checker) errands() {
	for _, e := range c.p.Errands {
		c.errand(e)
	}
}

func (c *checker) errand(e *plan.Errand) {
	if e.Run != nil {
		before := len(c.list)
		exprs := len(c.info.Exprs)
		key := scopeKey{plan.StageDeploy, afterMain}
		c.step(e.Run, key, nil)
		if len(c.list) > before && len(e.Inputs) > 0 {
			// Look again, now saying why inputs of the errand itself are not there.
			c.list, c.info.Exprs = c.list[:before], c.info.Exprs[:exprs]
			names := c.withErrandInputs(key, e)
			c.step(e.Run, key, &names)
		}
		c.conflict(e.Run, "errand '%s'", e.Name.Value)
		switch {
		case e.Run.Form == plan.Empty:
			c.emptyStep(e.Run, e.Name.Value)
		case c.blank(e.Run, e.Name.Value):
		case e.Run.Form == plan.File && !e.Run.Short && e.Run.Path.Set():
			c.errandFile(e.Run.Path)
		case e.Run.Form == plan.Command:
			c.stepFile(e.Run)
		}
		c.arguments(e.Run, key)
		if e.Script.Value != "" {
			x := c.report(diag.RunAndScript, e.Script.Span(), "\"script\" has no effect beside \"run\"")
			x.Hint = "remove it"
			if m, entry := edit.Entry(e.Node, "script"); entry != nil && entry.Value.Span() == e.Script.Node.Span() {
				x.Fixes = c.edit().Remove(m, entry, true)
			}
		}
	} else if word := firstWord(e.Script); word.Set() && !expr.IsScript(word.Value) {
		c.errandFile(word)
	}
	for i, v := range e.Inputs {
		c.variable(v, use{key: scopeKey{plan.StageDeploy, afterMain}})
		if first := c.sameInput(e, i); first != nil {
			x := c.report(diag.DuplicateVariable, v.ID.Span(), fmt.Sprintf("the input %q is declared already in this errand", v.ID.Value))
			x.Related = []diag.Related{{File: c.src, Span: first.ID.Span(), Message: "first one"}}
			continue
		}
		if in := c.passed(v.ID.Value); in != nil && in.stages&plan.StageDeploy != 0 {
			x := c.report(diag.ErrandInput, v.ID.Span(), fmt.Sprintf("the deployment has an input %q too: the errand starts from its value", v.ID.Value))
			if in.own != nil {
				x.Related = []diag.Related{{File: c.src, Span: in.own.ID.Span(), Message: "input of the deployment"}}
			} else {
				x.Related = []diag.Related{{File: c.src, Span: in.from.at.Span(), Message: "it comes from here"}}
			}
		}
	}
}

// sameInput returns the input of e before the one at i that has its id; nil if there is none.
func (c *checker) sameInput(e *plan.Errand, i int) *plan.Variable {
	if i > 16 {
		if i == 17 {
			c.errandIDs = map[string]*plan.Variable{}
			for _, v := range slices.Backward(e.Inputs[:i]) {
				c.errandIDs[v.ID.Value] = v
			}
		}
		first := c.errandIDs[e.Inputs[i].ID.Value]
		if first == nil {
			c.errandIDs[e.Inputs[i].ID.Value] = e.Inputs[i]
		}
		return first
	}
	for _, v := range e.Inputs[:i] {
		if v.ID.Value == e.Inputs[i].ID.Value {
			return v
		}
	}
	return nil
}

func (c *checker) withErrandInputs(key scopeKey, e *plan.Errand) types.Type {
	names := append([]types.Field(nil), c.scope(key).Fields()...)
	this := append([]types.Field(nil), names[0].Type.Fields()...)
	for i := range this {
		if this[i].Name != "inputs" {
			continue
		}
		open := this[i].Type.Open()
		fields := append([]types.Field(nil), this[i].Type.Fields()...)
		for _, v := range e.Inputs {
			if _, ok := this[i].Type.Field(v.ID.Value); !ok {
				fields = append(fields, types.Field{Name: v.ID.Value, Def: v,
					Absent: fmt.Sprintf("inputs of an errand are given to its script only, as INPUT_%s", v.ID.Value)})
			}
		}
		this[i].Type = types.Object(open, fields...)
	}
	names[0].Type = types.Object(false, this...)
	return types.Object(c.scope(key).Open(), names...)
}

func firstWord(t plan.Text) plan.Text {
	words := strings.Fields(t.Value)
	if len(words) == 0 {
		return plan.Text{}
	}
	return plan.Text{Value: words[0], Node: t.Node, Off: t.Off + int32(strings.Index(t.Value, words[0]))}
}

// errandFile reports a script of an errand that does not exist: unlike that of a step, the original wants it there when
// it compiles.
func (c *checker) errandFile(t plan.Text) {
	if exists, known := c.isFile(t.Value); known && !exists {
		message := fmt.Sprintf("File '%s' was referenced in the escape plan, but it doesn't exist", t.Value)
		x := c.report(diag.FileMissing, t.Span(), message)
		c.suggestFile(x, t)
	}
}
