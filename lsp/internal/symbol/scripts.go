package symbol

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// scripts adds what scripts name: variables that Escape sets, outputs that they write, and files that they call.
func (x *Index) scripts() {
	for _, s := range x.an.Info.Scripts() {
		for i := range s.Uses {
			x.use(s, &s.Uses[i])
		}
		for _, key := range s.Writes {
			if slices.ContainsFunc(s.Runs, func(r *check.Run) bool { return r.Writes }) {
				o := Occurrence{ID: x.mine(Output, key.Name), Use: Write}
				x.inScript(s, o, key.Span, key.Name)
			}
		}
		for _, c := range s.Calls {
			x.call(s, c)
		}
		x.locals(s)
	}
}

// locals adds the variables that a shell script sets for itself. The first place that sets one declares it.
func (x *Index) locals(s *check.Script) {
	where := s.File.Name()
	if s.Path == "" {
		where += ":" + strconv.Itoa(int(s.Inline.Raw().Start))
	}
	declared := map[string]bool{}
	for _, l := range s.Locals() {
		o := Occurrence{ID: ID{Kind: Variable, Within: where, Name: l.Name}, Exported: l.Exported}
		switch {
		case l.Write && !declared[l.Name]:
			o.Use, declared[l.Name] = Declare, true
		case l.Write:
			o.Use = Write
		}
		x.inScript(s, o, l.Span, l.Name)
	}
}

// inScript adds a word of a script.
func (x *Index) inScript(s *check.Script, o Occurrence, span source.Span, word string) {
	o.File, o.Span = s.Place(span)
	if o.Span = narrow(o.File, o.Span, word); s.Path == "" {
		o.Scalar = s.Inline.Scalar()
	} else {
		o.File = x.text(o.File)
	}
	x.put(o)
}

// text is the file as the editor has it, which need not be read again to convert positions.
func (x *Index) text(f *source.File) *source.File {
	if src := x.snap.SourceOf(filepath.FromSlash(f.Name())); src != nil && src.Text() == f.Text() {
		return src
	}
	return f
}

// use adds what a variable of a script means to those that run it.
func (x *Index) use(s *check.Script, use *script.Use) {
	var said []ID
	for _, run := range s.Runs {
		id, env := x.meaning(use.Name, run)
		if id.Name == "" || slices.Contains(said, id) {
			continue
		}
		said = append(said, id)
		o := Occurrence{ID: id, Env: env}
		switch use.How {
		case script.Assigned:
			o.Use = Write
		case script.Mentioned:
			o.Use = Mention
		}
		x.inScript(s, o, source.Span{Start: use.Span.Start + int32(len(env)), End: use.Span.End}, id.Name)
		if len(said) == maxSame {
			return
		}
	}
}

// meaning returns what a variable of Escape is in a run, and what of its name stands before that.
func (x *Index) meaning(name string, run *check.Run) (id ID, env string) {
	rest, isInput := strings.CutPrefix(name, "INPUT_")
	if !isInput {
		return x.mine(Output, strings.TrimPrefix(name, "OUTPUT_")), "OUTPUT_"
	}
	if e := run.Errand; e != nil && slices.ContainsFunc(e.Inputs, func(v *plan.Variable) bool { return v != nil && v.ID.Value == rest }) {
		return ID{Kind: ErrandInput, Package: x.own, Within: e.Name.Value, Name: rest}, "INPUT_"
	}
	for _, other := range others {
		if id, ok := strings.CutPrefix(rest, other.prefix); ok && !x.declares(Input, rest) && (!other.errand || run.Errand != nil) {
			return x.mine(other.kind, id), "INPUT_" + other.prefix
		}
	}
	return x.mine(Input, rest), "INPUT_"
}

// others are the variables that begin with INPUT_ and hold something else than an input.
var others = []struct {
	prefix string
	kind   Kind
	errand bool // in scripts of errands only
}{
	{"PREVIOUS_OUTPUT_", Output, false},
	{"PREVIOUS_", Input, false},
	{"METADATA_", Metadata, false},
	{"OUTPUT_", Output, true},
}

// declares reports whether the plan itself declares an input or output.
func (x *Index) declares(kind Kind, name string) bool {
	return VariableOf(x.an, x.mine(kind, name)) != nil
}

// call adds a file that a script calls.
func (x *Index) call(s *check.Script, c script.Call) {
	file := c.Path
	switch {
	case file == "" || path.IsAbs(file) || x.dir == "":
		return
	case c.Beside && s.Path == "":
		return
	case c.Beside:
		file = path.Join(path.Dir(s.Path), file)
	}
	word := path.Base(c.Path)
	if text := s.File.Slice(c.Span); strings.Contains(text, c.Path) {
		word = c.Path
	}
	x.inScript(s, Occurrence{ID: ID{Kind: File, Name: x.abs(file)}}, c.Span, word)
}
