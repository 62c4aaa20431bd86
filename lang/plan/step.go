package plan

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// step reads a step field, or the key run of an errand, for which row is nil. It returns nil if there is no step.
func (d *decoder) step(row *Field, e *syntax.Entry) *Step {
	in := func(text string) string { return fmt.Sprintf("In field %s: %s", row.Name, text) }
	if row == nil {
		in = func(text string) string { return "Failed to parse 'run' field in errand: " + text }
	}
	n := e.Value
	s := &Step{Node: n, Field: row}
	switch v := d.node(n).(type) {
	case *syntax.Mapping:
		d.stepMapping(s, v, in)
	case *syntax.Bad:
		return nil
	case *syntax.Scalar:
		switch {
		case v.Kind == syntax.Null:
			return nil
		case v.Kind != syntax.String:
			x := d.report(diag.WrongShape, v.Pos, in(fmt.Sprintf("Expecting dict or string type. Got '%s'", GoType(v))))
			x.Fixes = quoteFix(v)
			return nil
		}
		s.Short, s.Line = true, Text{Value: cooked(v), Node: n}
		if !d.stepLine(s, in) {
			return nil
		}
	default:
		x := d.report(diag.WrongShape, shown(v), in(fmt.Sprintf("Expecting dict or string type. Got '%s'", GoType(v))))
		x.Hint = "a step is one command or script; several lines can be written as " + d.plan.Spelled("{inline: ...}", "{ inline = ... }")
		return nil
	}
	return s
}

// stepLine reads the string form. It reports whether there is a step.
func (d *decoder) stepLine(s *Step, in func(string) string) bool {
	words := s.Line.words(unicode.IsSpace)
	if len(words) == 0 {
		if name := "run"; s.Line.Value != "" {
			if s.Field != nil {
				name = s.Field.Name
			}
			d.report(diag.EmptyStep, s.Line.Raw(), fmt.Sprintf("%q runs nothing: it holds only blanks", name))
		}
		return false
	}
	first := words[0]
	switch d.find(first.Value) {
	case isCommand:
		s.Form = Command
		d.command(s, words)
	case isScript:
		s.Form = File
		s.Script = Script{Text: s.Line}
		s.Path = first
		if clean := path.Clean(first.Value); clean == ".." || strings.HasPrefix(clean, "../") {
			d.report(diag.OutsidePackage, first.Span(), in(fmt.Sprintf("The file '%s' is outside of this package's base directory and can't be added.", first.Value)))
		}
	case isMissing:
		d.report(diag.FileMissing, first.Span(), in(fmt.Sprintf("The path to script '%s' does not exist (in '%s')", first.Value, clip(s.Line.Value))))
		s.Form, s.Script, s.Path = File, Script{Text: s.Line}, first
	}
	return true
}

type found uint8

const (
	isCommand found = iota
	isScript
	isMissing
)

// find says what the first word of a step is: an absolute path is a command, a file that is there a script, and any
// other word a command, unless it says by a leading dot that it is a path.
func (d *decoder) find(word string) found {
	switch {
	case path.IsAbs(word):
		return isCommand
	case strings.HasPrefix(word, "$") && !strings.HasPrefix(word, "$$"):
		return isCommand
	case d.opts.Stat == nil:
		if LooksLikeScript(word) {
			return isScript
		}
		return isCommand
	}
	if info, err := d.opts.Stat(word); err == nil && info.Mode().IsRegular() {
		return isScript
	}
	if strings.HasPrefix(word, ".") {
		return isMissing
	}
	return isCommand
}

// LooksLikeScript reports whether a word that starts a step is hardly the name of a command: it has a slash or the
// extension of a script.
func LooksLikeScript(word string) bool {
	if strings.Contains(word, "/") || strings.HasPrefix(word, ".") {
		return true
	}
	switch path.Ext(word) {
	case ".sh", ".bash", ".zsh", ".py", ".rb", ".pl", ".js", ".mjs", ".ts", ".php", ".lua", ".ps1", ".bat", ".cmd":
		return true
	}
	return false
}

// command reads a command with its arguments. An expression with blanks in it has been cut: that is reported once.
func (d *decoder) command(s *Step, words []Text) {
	for i := 0; i < len(words); i++ {
		script, end := d.word(s.Line, words, i)
		if i == 0 {
			s.Cmd = script
		} else {
			s.Args = append(s.Args, script)
		}
		for i < end {
			i++
			s.Args = append(s.Args, Script{Text: words[i]})
		}
	}
}

// maxJoined is how many words are put together to see whether they were one expression.
const maxJoined = 16

// word reads word i of a command. If it begins an expression that goes on behind the blank, end is its last word.
func (d *decoder) word(line Text, words []Text, i int) (s Script, end int) {
	w := words[i]
	if !expr.IsScript(w.Value) {
		return Script{Text: w}, i
	}
	e, list := expr.Parse(w.Value)
	if len(list) == 0 {
		return Script{Text: w, Expr: e}, i
	}
	from := int(w.Off - line.Off)
	for end = i + 1; end < len(words) && end-i <= maxJoined && d.joined < maxSuggestions; end++ {
		d.joined++
		to := int(words[end].Off-line.Off) + len(words[end].Value)
		whole := line.sub(from, to)
		if e2, l := expr.Parse(whole.Value); len(l) == 0 {
			x := d.report(diag.SplitExpression, whole.Span(), "the string form of a step is cut at blanks, also inside expressions")
			x.Hint = "write the step as a mapping with \"cmd\" and \"args\", or leave the blanks out"
			d.splitFix(x, whole, e2)
			return Script{Text: w}, end
		}
	}
	d.exprFindings(w, list, nil)
	return Script{Text: w, Expr: e}, i
}

// splitFix writes the expression without blanks, if none of them is inside a string.
func (d *decoder) splitFix(x *diag.Diagnostic, t Text, e expr.Expr) {
	hasBlankString := false
	expr.Walk(e, func(e expr.Expr) bool {
		if l, ok := e.(*expr.Literal); ok && strings.ContainsFunc(l.Str, unicode.IsSpace) {
			hasBlankString = true
		}
		return true
	})
	s := t.Scalar()
	if hasBlankString || s == nil || s.Style != syntax.Plain {
		return
	}
	short := strings.Join(strings.Fields(t.Value), "")
	if strings.Contains(short, "$func") || strings.ContainsAny(short, "{}") {
		return
	}
	x.Fixes = []diag.Fix{{Title: "leave the blanks out", Preferred: true, Edits: []source.Edit{{Span: t.Span(), New: short}}}}
}

// stepMapping reads the mapping form.
func (d *decoder) stepMapping(s *Step, m *syntax.Mapping, in func(string) string) {
	of := "run"
	if s.Field != nil {
		of = s.Field.Name
	}
	var slots [4]slot
	t := keyTable(stepKeys, of)
	t.oddKey = func(goType string) string {
		return in(fmt.Sprintf("Expecting string key in exec stage. Got '%s'", goType))
	}
	d.collect(m, &t, slots[:], false)
	for i := range stepKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		row := &stepKeys[i]
		wrong := func(goType string) string {
			return in(fmt.Sprintf("Expecting string for exec stage field %s; got '%s'", row.Name, goType))
		}
		switch to := row.Bind(s).(type) {
		case *Script:
			text, _ := d.stringKey(e, false, wrong)
			*to = d.script(text, nil)
		case *Text:
			*to, _ = d.stringKey(e, false, wrong)
		case *[]Script:
			*to = d.args(e.Value, in)
		}
	}
	switch {
	case s.Cmd.Value != "":
		s.Form = Command
	case s.Script.Value != "":
		s.Form = File
		if s.Script.Expr == nil {
			if words := s.Script.words(unicode.IsSpace); len(words) > 0 {
				s.Path = words[0]
			}
		}
	case s.Inline.Value != "":
		s.Form = Inline
	}
}

func (d *decoder) args(n syntax.Node, in func(string) string) []Script {
	v, ok := d.node(n).(*syntax.Sequence)
	if !ok {
		if at := follow(n); !isBad(at) && !isNull(at) {
			x := d.report(diag.WrongShape, shown(at), in(fmt.Sprintf("Expecting []string in args exec stage, got '%s' (%s)", goText(at), GoType(at))))
			if s, ok := at.(*syntax.Scalar); ok {
				if fix, ok := d.listFix(s); ok && s.Kind == syntax.String {
					x.Fixes = []diag.Fix{fix}
				}
			}
		}
		return nil
	}
	list := make([]Script, 0, len(v.Items))
	for i := range v.Items {
		item := d.node(v.Items[i].Value)
		s, ok := item.(*syntax.Scalar)
		switch {
		case ok && s.Kind == syntax.String:
			list = append(list, d.script(Text{Value: cooked(s), Node: v.Items[i].Value}, nil))
		case !isBad(item):
			x := d.report(diag.WrongShape, shown(item), in(fmt.Sprintf("Expecting string in exec stage args, got '%s' (%s)", goText(item), GoType(item))))
			if ok {
				x.Hint, x.Fixes = "quote it", quoteFix(s)
			}
		}
	}
	return list
}

func quoteEdits(s *syntax.Scalar) []source.Edit {
	return []source.Edit{{Span: source.Span{Start: s.Pos.Start, End: s.Pos.Start}, New: `"`},
		{Span: source.Span{Start: s.Pos.End, End: s.Pos.End}, New: `"`}}
}
