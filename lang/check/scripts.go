package check

import (
	"fmt"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// scripts compares the scripts of steps and errands with the plan: variables that Escape never sets, and outputs that it
// never reads. Scripts may get any variable from elsewhere, but none that begins with INPUT_ or OUTPUT_: those of the
// caller are taken away.
func (c *checker) scripts() {
	c.info.facts.make = c.collectRuns
	c.passedInputs()
	if c.env.Partial {
		return // what could not be read may declare anything
	}
	own := map[*script.Unit]script.Owned{}
	for _, s := range c.info.Scripts() {
		c.scriptSyntax(s)
		c.scriptVariables(s, own)
		c.misspeltVariables(s)
		c.scriptOutputs(s)
	}
	c.unwrittenOutputs()
}

// beside names a file of the package as it is seen from where the plan is named.
func (c *checker) beside(file string) string {
	if dir := path.Dir(c.src.Name()); dir != "." && !path.IsAbs(file) {
		return path.Join(dir, file)
	}
	return file
}

// scriptReport reports something in a script.
func (c *checker) scriptReport(s *Script, code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	c.list = append(c.list, s.New(code, span, message))
	return &c.list[len(c.list)-1]
}

// scriptSyntax reports a shell script that no shell can read.
func (c *checker) scriptSyntax(s *Script) {
	switch s.Dialect {
	case "sh", "bash", "dash", "ash":
		if s.Err != nil && !strings.Contains(s.File.Text(), "{{") { // a template of some kind
			c.scriptReport(s, diag.ScriptSyntax, s.Err.Span, "the script cannot be parsed: "+s.Err.Msg)
		}
	}
}

// maxScriptRuns is how many runs of one script are compared with it.
const maxScriptRuns = 64

// scriptVariables reports the variables of a script that are never set, each name once. It must be wrong for all that run
// the script.
func (c *checker) scriptVariables(s *Script, own map[*script.Unit]script.Owned) {
	if len(s.Uses) == 0 || len(s.Runs) > maxScriptRuns {
		return
	}
	var guarded bool
	said, found := map[string]bool{}, 0
	for _, use := range s.Uses {
		if use.How != script.Read || said[use.Name] {
			continue
		}
		said[use.Name] = true
		var wrong *misuse
		guarded = false
		for _, run := range s.Runs {
			m := c.misused(use.Name, run)
			if m == nil {
				wrong = nil
				break
			}
			o, ok := own[run.Unit]
			if !ok {
				o = run.Unit.Own()
				own[run.Unit] = o
			}
			guarded = guarded || o.Guarded[use.Name] || o.Computed
			if o.Any || o.Assigned[use.Name] {
				wrong = nil
				break
			}
			if wrong == nil {
				wrong = m
			}
		}
		if wrong == nil {
			continue
		}
		near := ""
		if len(wrong.near) > 0 {
			if id, ok := c.nearest(wrong.id, wrong.near); ok {
				near = wrong.kind + id
			}
		}
		if guarded && near == "" {
			continue // the script knows that it may have no value, or sets it in a way that cannot be seen
		}
		if found++; found > maxSuggestions {
			return
		}
		message := use.Name + wrong.message
		if near != "" {
			message += fmt.Sprintf("; did you mean %s?", near)
		} else if wrong.magic {
			message += fmt.Sprintf("; an input with the id %q declares it", wrong.id)
		}
		x := c.scriptReport(s, wrong.code, use.Span, message)
		x.Hint = wrong.hint
		if near != "" {
			x.Fixes = s.Fix("replace with "+near, true, source.Edit{Span: use.Span, New: near})
		}
	}
}

// misspeltVariables reports variables that nothing sets and that are called almost like one of Escape.
func (c *checker) misspeltVariables(s *Script) {
	said := map[string]bool{}
	for _, use := range s.Misspelt {
		meant := script.AsEscape(use.Name)
		if use.Guarded || said[use.Name] || len(s.Runs) > maxScriptRuns {
			continue
		}
		said[use.Name] = true
		known := false
		for _, run := range s.Runs {
			own := run.Unit.Own()
			known = !own.Any && !own.Computed && c.isSet(meant, run)
			if !known {
				break
			}
		}
		if !known {
			continue
		}
		x := c.scriptReport(s, diag.ScriptVariable, use.Span, fmt.Sprintf("%s is never set; did you mean %s?", use.Name, meant))
		x.Fixes = s.Fix("replace with "+meant, true, source.Edit{Span: use.Span, New: meant})
	}
}

// isSet reports whether a variable of Escape has a value in a run.
func (c *checker) isSet(name string, run *Run) bool {
	if id, ok := strings.CutPrefix(name, "INPUT_"); ok {
		_, ok = c.inputStages(id)
		return ok || run.Errand != nil && ownInput(run.Errand, id)
	}
	_, ok := c.outputStages(strings.TrimPrefix(name, "OUTPUT_"))
	return ok
}

// A misuse says why a variable has no value.
type misuse struct {
	code          *diag.Entry
	message, hint string
	kind, id      string   // "INPUT_" and what follows
	near          []string // ids it may be mistaken for
	magic         bool     // Escape knows such an input if it is declared
}

// misused says why a variable has no value in a run; nil if it may have one.
func (c *checker) misused(name string, run *Run) *misuse {
	id, isInput := strings.CutPrefix(name, "INPUT_")
	if !isInput {
		return c.misusedOutput(strings.TrimPrefix(name, "OUTPUT_"), run)
	}
	if c.inherited.moreInputs || strings.HasPrefix(id, "PREVIOUS_") {
		return nil
	}
	if exists, ok := c.inputStages(id); ok {
		return elsewhere(exists, run, "INPUT_", id)
	}
	if run.Errand != nil {
		if len(run.Errand.Inputs) > maxErrandInputs || c.p.Lost.Key(run.Errand.Node, "inputs") || ownInput(run.Errand, id) {
			return nil
		}
	}
	m := &misuse{code: diag.ScriptVariable, kind: "INPUT_", id: id, message: fmt.Sprintf(" is never set: there is no input %q", id)}
	if key, ok := strings.CutPrefix(id, "METADATA_"); ok {
		return c.misusedMetadata(key)
	}
	if output, ok := strings.CutPrefix(id, "OUTPUT_"); ok {
		if run.Errand == nil {
			m.message = " is never set in a step: only errands get outputs under such a name"
			m.hint = "write OUTPUT_" + output
			return m
		}
		if m := c.misusedOutput(output, run); m != nil {
			m.kind = "INPUT_OUTPUT_"
			return m
		}
		return nil
	}
	if c.suggested < maxSuggestions {
		m.near = c.inputIDs(run.Errand)
	}
	m.magic = types.KnownVar(id)
	return m
}

// inputIDs returns the ids of all inputs, with those of an errand.
func (c *checker) inputIDs(e *plan.Errand) (ids []string) {
	if e != nil {
		for _, v := range e.Inputs {
			ids = append(ids, v.ID.Value)
		}
	}
	for _, v := range c.inputs.list {
		ids = append(ids, v.ID.Value)
	}
	for _, in := range c.inherited.inputs.list {
		ids = append(ids, in.v.ID)
	}
	return ids
}

// maxErrandInputs is how many inputs an errand may have if its script is to be looked into.
const maxErrandInputs = 1000

func ownInput(e *plan.Errand, id string) bool {
	for _, v := range e.Inputs {
		if v.ID.Value == id {
			return true
		}
	}
	return false
}

// inputStages returns the stages in which an input exists; false if there is none of that id.
func (c *checker) inputStages(id string) (plan.Stages, bool) {
	return stagesIn(id, &c.inputs, &c.inherited.inputs)
}

func (c *checker) outputStages(id string) (plan.Stages, bool) {
	return stagesIn(id, &c.outputs, &c.inherited.outputs)
}

func stagesIn(id string, own *declared, inherited *inheritedVars) (plan.Stages, bool) {
	if v := own.get(id); v != nil {
		return v.stages, true
	}
	if in := inherited.byID[id]; in != nil {
		return in.stages, true
	}
	return 0, false
}

// elsewhere is the misuse of a variable in a stage in which it does not exist.
func elsewhere(exists plan.Stages, run *Run, kind, id string) *misuse {
	why := absent(exists, run.Stages, "it")
	if why == "" {
		return nil
	}
	return &misuse{code: diag.ScriptStage, kind: kind, id: id, message: fmt.Sprintf(" is never set in the %s: %s", run.What(), why)}
}

func (c *checker) misusedOutput(id string, run *Run) *misuse {
	if c.inherited.moreOutputs {
		return nil
	}
	exists, ok := c.outputStages(id)
	if ok && run.Early {
		return &misuse{code: diag.ScriptTooEarly, kind: "OUTPUT_", id: id,
			message: fmt.Sprintf(" is not set in the %s: outputs exist only after the main step", run.What()),
			hint:    "the value of the last run is INPUT_PREVIOUS_OUTPUT_" + id}
	}
	if ok {
		return elsewhere(exists, run, "OUTPUT_", id)
	}
	m := &misuse{code: diag.ScriptVariable, kind: "OUTPUT_", id: id, message: fmt.Sprintf(" is never set: there is no output %q", id)}
	m.near = c.outputIDs()
	return m
}

func (c *checker) outputIDs() (ids []string) {
	for _, v := range c.outputs.list {
		ids = append(ids, v.ID.Value)
	}
	for _, in := range c.inherited.outputs.list {
		ids = append(ids, in.v.ID)
	}
	return ids
}

func (c *checker) misusedMetadata(key string) *misuse {
	if c.inherited.moreMetadata {
		return nil
	}
	keys := append([]string(nil), c.inherited.metadata...)
	for i := range c.p.Metadata {
		keys = append(keys, c.p.Metadata[i].Key.Value)
	}
	for _, k := range keys {
		if k == key {
			return nil
		}
	}
	return &misuse{code: diag.ScriptVariable, kind: "INPUT_METADATA_", id: key, near: keys,
		message: fmt.Sprintf(" is never set: there is no metadata %q", key)}
}

// scriptOutputs reports what a script writes as outputs and nobody reads, each key once.
func (c *checker) scriptOutputs(s *Script) {
	if len(s.Writes) == 0 || c.inherited.moreOutputs || len(s.Runs) > maxScriptRuns {
		return
	}
	said := map[string]bool{}
	for _, key := range s.Writes {
		if said[key.Name] {
			continue
		}
		said[key.Name] = true
		if key.Arg > 0 && !c.isTarget(s, key.Arg) {
			if run := s.Runs[0]; s.Path == "" && run.Step.Form == plan.Inline {
				x := c.scriptReport(s, diag.InlineArgument, key.Span, "this is written nowhere: a script in the plan gets no arguments")
				x.Hint = "the file of outputs is .escape/outputs.json"
				x.Fixes = writeOutputs(s, key.Arg)
				return
			}
			continue
		}
		if message := c.unreadOutput(s, key.Name); message != "" {
			x := c.scriptReport(s, diag.OutputNotRead, key.Span, message)
			if _, exists := c.outputStages(key.Name); exists {
				continue
			}
			if near, ok := c.nearest(key.Name, c.outputIDs()); ok && c.unreadOutput(s, near) == "" {
				x.Message += fmt.Sprintf("; did you mean %q?", near)
				x.Fixes = s.Fix(fmt.Sprintf("replace with %q", near), true, source.Edit{Span: key.Span, New: near})
			}
		}
	}
}

// writeOutputs is the fix that writes to the file of outputs in place of an argument, if that is used in one place.
func writeOutputs(s *Script, arg int) []diag.Fix {
	text := s.File.Text()
	name := fmt.Sprintf("$%d", arg)
	i := strings.Index(text, name)
	if i < 0 || arg > 9 || strings.Count(text, name) > 1 || strings.Contains(text, fmt.Sprintf("${%d", arg)) {
		return nil
	}
	at := source.Span{Start: int32(i), End: int32(i + len(name))}
	if strings.HasPrefix(text[at.End:], `"`) && strings.HasSuffix(text[:i], `"`) {
		at.Start, at.End = at.Start-1, at.End+1
	}
	before, after := strings.TrimRight(text[:at.Start], " "), text[at.End:]
	if !strings.HasSuffix(before, ">") || after != "" && !strings.ContainsAny(after[:1], " \n;)") {
		return nil
	}
	return s.Fix("write to .escape/outputs.json", true, source.Edit{Span: at, New: ".escape/outputs.json"})
}

// isTarget reports whether an argument of a script is the file of outputs wherever it runs.
func (c *checker) isTarget(s *Script, arg int) bool {
	for _, run := range s.Runs {
		if !s.Root || run.Args+1 != arg || run.Unit.Scripts[0] != s.Script {
			return false
		}
	}
	return true
}

// unreadOutput says why an output that a script writes is lost; "" if it may be read.
func (c *checker) unreadOutput(s *Script, id string) (message string) {
	exists, ok := c.outputStages(id)
	for _, run := range s.Runs {
		switch {
		case !run.Writes:
			message = fmt.Sprintf("the output %q is lost: what the %s writes is not read", id, run.What())
		case !ok:
			return fmt.Sprintf("the output %q is lost: the plan does not declare it", id)
		default:
			why := absent(exists, run.Stages, "it")
			if why == "" {
				return ""
			}
			message = fmt.Sprintf("the output %q is lost in the %s: %s", id, run.What(), why)
		}
	}
	return message
}

// unwrittenOutputs reports outputs without a default that no script of a stage writes, if all that the scripts write can
// be seen.
func (c *checker) unwrittenOutputs() {
	if c.inherited.moreOutputs || len(c.outputs.list) == 0 || c.p.Lost.Field("build", "post_build", "deploy", "post_deploy") {
		return
	}
	said := map[source.Span]bool{} // outputs that no step can set in one of their stages
	for i := range c.list {
		if c.list[i].Code == diag.OutputNeverSet {
			said[c.list[i].Span] = true
		}
	}
	build, buildKnown := c.written(plan.StageBuild)
	deploy, deployKnown := c.written(plan.StageDeploy)
	for _, v := range c.outputs.list {
		id := v.ID.Value
		if v.Default.Node != nil || v.typ.IsMagic() || v.inherits != nil || said[v.ID.Span()] ||
			c.p.Lost.Key(v.Node, "default") || c.p.Lost.Key(v.Node, "scopes") {
			continue
		}
		var unset plan.Stages
		if buildKnown && !build[id] {
			unset |= v.stages & plan.StageBuild
		}
		if deployKnown && !deploy[id] {
			unset |= v.stages & plan.StageDeploy
		}
		if unset == 0 {
			continue
		}
		message := fmt.Sprintf("no script of the %s stage writes the output %q, which has no default", unset, id)
		if unset == plan.StageBoth {
			message = fmt.Sprintf("no script writes the output %q, which has no default", id)
		}
		x := c.report(diag.OutputNotWritten, v.ID.Span(), message)
		x.Hint = "write it as JSON to the file of outputs, or add a default"
		if rest := v.stages &^ unset; rest == plan.StageBuild && build[id] || rest == plan.StageDeploy && deploy[id] {
			x.Hint = fmt.Sprintf("move it to %q, or write it there too", rest.String()+"_outputs")
		}
	}
}

// written returns the outputs that the scripts of a stage write; false if there may be others, or no scripts.
func (c *checker) written(stage plan.Stages) (map[string]bool, bool) {
	names, found := map[string]bool{}, false
	for _, run := range c.info.Runs() {
		if !run.Writes || run.Stages != stage {
			continue
		}
		found = true
		u := run.Unit
		if u == nil || len(u.Unseen) > 0 {
			return nil, false
		}
		for _, list := range [][]*script.Script{u.Scripts, u.Loose} {
			for _, s := range list {
				if len(s.Opaque) > 0 {
					return nil, false
				}
				for _, key := range s.Writes {
					names[key.Name] = true
				}
			}
		}
	}
	for _, step := range []string{"build", "post_build", "deploy", "post_deploy"} {
		if c.inherited.steps[step] {
			return nil, false
		}
	}
	return names, found
}

// passedInputs notes which inputs go to other packages.
func (c *checker) passedInputs() {
	u := &c.info.uses
	u.unknown = u.unknown || c.inherited.unknown || c.env.Partial || len(c.inherited.steps) > 0 || len(c.p.Lost.Fields()) > 0
	for _, list := range [][]*bundled{c.extensions, c.dependencies} {
		for _, b := range list {
			if b.m == nil {
				continue
			}
			for _, in := range b.m.Inputs {
				note(&u.inputs, in.ID)
			}
		}
	}
}
