package check

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// scriptVariable finds the variables of Escape in a script, whatever language it is written in. What is behind the name
// decides whether it is whole.
var scriptVariable = regexp.MustCompile(`\b(INPUT|OUTPUT)_([A-Za-z][A-Za-z0-9_]*)`)

// maxErrandInputs is how many inputs an errand may have if its script is to be looked into.
const maxErrandInputs = 1000

// scripts reports variables in the scripts of steps and errands that Escape never sets. Scripts may get any variable
// from elsewhere, but none that begins with INPUT_ or OUTPUT_: those of the caller are taken away.
func (c *checker) scripts() {
	if c.inherited.unknown || c.env.Partial {
		return // what is not known may declare the variable
	}
	read := map[string]bool{}
	for _, f := range stepFields {
		row, _, _ := plan.Lookup(f.name)
		if s := *row.Bind(c.p).(**plan.Step); s != nil {
			c.script(s, nil, read)
		}
	}
	for _, e := range c.p.Errands {
		if e.Run != nil && len(e.Inputs) < maxErrandInputs {
			c.script(e.Run, e, read)
		}
	}
}

// script looks at the variables of one script. A file is read once for all steps, and once for each errand.
func (c *checker) script(s *plan.Step, e *plan.Errand, read map[string]bool) {
	switch s.Form {
	case plan.Inline:
		c.scriptText(s.Inline.Value, e, func(span source.Span, message string) {
			c.report(diag.ScriptVariable, s.Inline.At(span), message)
		})
	case plan.File:
		file := s.Path.Value
		if file == "" || c.env.ReadFile == nil || read[path.Clean(file)] || c.isMade(file) {
			return
		}
		read[path.Clean(file)] = e == nil
		text, err := c.env.ReadFile(file)
		if err != nil || strings.IndexByte(string(text), 0) >= 0 {
			return
		}
		f := source.NewFile(c.beside(file), string(text))
		c.scriptText(f.Text(), e, func(span source.Span, message string) {
			x := c.report(diag.ScriptVariable, s.Path.Span(), fmt.Sprintf("%q: %s", file, message))
			x.Related = []diag.Related{{File: f, Span: span, Message: "here"}}
		})
	}
}

// beside names a file of the package as it is seen from where the plan is named.
func (c *checker) beside(file string) string {
	if dir := path.Dir(c.src.Name()); dir != "." && !path.IsAbs(file) {
		return path.Join(dir, file)
	}
	return file
}

// scriptText reports the unknown variables of one text, each once.
func (c *checker) scriptText(text string, e *plan.Errand, report func(source.Span, string)) {
	if !strings.Contains(text, "PUT_") {
		return
	}
	said, found := map[string]bool{}, 0
	for _, at := range scriptVariable.FindAllStringSubmatchIndex(text, -1) {
		name, kind, id, rest := text[at[0]:at[1]], text[at[2]:at[3]], text[at[4]:at[5]], text[at[1]:]
		switch {
		case said[name], strings.HasSuffix(id, "_"), rest != "" && strings.IndexByte("-$*{", rest[0]) >= 0 && !strings.HasPrefix(rest, "-}"):
			continue // looked at already, or the name goes on in a way that only the script knows
		case strings.HasPrefix(rest, "="):
			said[name] = true // its own
			continue
		case inComment(text, at[0]):
			continue
		}
		said[name] = true
		message, ok := c.unknownVariable(kind, id, e)
		if !ok {
			continue
		}
		if found++; found > maxSuggestions {
			return
		}
		report(source.Span{Start: int32(at[0]), End: int32(at[1])}, name+message)
	}
}

// inComment reports whether the line of an offset begins with a "#".
func inComment(text string, off int) bool {
	line := text[strings.LastIndexByte(text[:off], '\n')+1 : off]
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}

// unknownVariable says what is wrong with the variable kind_id in a script, or that nothing is.
func (c *checker) unknownVariable(kind, id string, e *plan.Errand) (message string, wrong bool) {
	what, declared, byID, inherited := "input", c.inputs, c.byID, &c.inherited.inputs
	if kind == "OUTPUT" {
		what, declared, byID, inherited = "output", c.outputs, c.outputByID, &c.inherited.outputs
	} else if strings.HasPrefix(id, "PREVIOUS_") || strings.HasPrefix(id, "METADATA_") || strings.HasPrefix(id, "OUTPUT_") {
		return "", false
	}
	if byID[id] != nil || inherited.byID[id] != nil {
		return "", false
	}
	var own []*plan.Variable // of the errand
	if e != nil && kind == "INPUT" {
		own = e.Inputs
	}
	var ids []string
	for _, v := range own {
		if v.ID.Value == id {
			return "", false
		}
		ids = append(ids, v.ID.Value)
	}
	for _, v := range declared {
		ids = append(ids, v.ID.Value)
	}
	for _, in := range inherited.list {
		ids = append(ids, in.v.ID)
	}
	message = fmt.Sprintf(" is never set: there is no %s %q", what, id)
	if near, ok := c.nearest(id, ids); ok {
		message += fmt.Sprintf("; did you mean %s_%s?", kind, near)
	} else if types.KnownVar(id) && what == "input" {
		message += fmt.Sprintf("; an input with the id %q declares it", id)
	}
	return message, true
}
