package types

//lint:file-ignore ST1005 these texts are the ones of the original.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Var is the type of a variable as its "type" field says it.
type Var struct {
	Name string // one of KnownVars
	Elem string // type of the elements of a list: "string", "integer" or "bool"; empty for other types
	// Options is what stored release metadata holds for the type: true or an int64 by name. nil if there are none.
	Options map[string]any
}

// DefaultVar is the type of a variable that names none.
var DefaultVar = Var{Name: "string"}

// elems are the types that elements of a list variable may have.
var elems = []string{"string", "integer", "bool"}

// knownVars are the names of variable types; those behind "list" are magic.
var knownVars = []string{"string", "integer", "bool", "list", "version", "project", "deployment", "environment", "client"}

// KnownVars returns the names of all variable types.
func KnownVars() []string { return slices.Clone(knownVars) }

// KnownVar reports whether name is a variable type.
func KnownVar(name string) bool { return slices.Contains(knownVars, name) }

// IsMagic reports whether Escape itself sets the variable, so that a value, default or items given for it are ignored.
func (v Var) IsMagic() bool { return slices.Index(knownVars, v.Name) > slices.Index(knownVars, "list") }

// Type returns the script type of the variable's value.
func (v Var) Type() Type {
	switch v.Name {
	case "integer":
		return Int
	case "bool":
		return Bool
	case "list":
		return List(Var{Name: v.elem()}.Type())
	}
	return String
}

func (v Var) elem() string {
	if v.Elem == "" {
		return "string"
	}
	return v.Elem
}

// MeaninglessOptions reports whether v has options although its type has none. They are stored in releases and read by
// nobody.
func (v Var) MeaninglessOptions() bool { return v.Name != "list" && len(v.Options) > 0 }

// String returns the type as a plan would write it.
func (v Var) String() string {
	if v.Name == "list" && len(v.Options) > 0 {
		return "list[" + v.elem() + "]"
	}
	return v.Name
}

// A VarError is what ParseVar finds.
type VarError struct {
	Offset, End int // what to change, as bytes of the text
	Msg         string
	Options     bool   // the brackets are wrong, not the name
	Word        string // the name that is not known, if that is the problem
}

// Error implements error.
func (e *VarError) Error() string { return e.Msg }

// ParseVar reads the text of a "type" field, such as "integer" or "list[integer]". Errors are *VarError. The returned
// Var is the best guess even then, DefaultVar if there is none.
func ParseVar(text string) (Var, error) {
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n\v\f"))
	trimmed := strings.TrimSpace(text)
	end := start + len(trimmed)
	name, options, bracketed := trimmed, "", false
	if i := strings.IndexByte(trimmed, '['); i >= 0 && strings.HasSuffix(trimmed, "]") {
		name, options, bracketed = trimmed[:i], trimmed[i+1:len(trimmed)-1], true
	}
	if !KnownVar(name) {
		bad := name
		if strings.TrimSpace(name) != name || strings.ContainsAny(name, "[]") {
			bad = trimmed
		}
		return DefaultVar, &VarError{Offset: start, End: start + max(len(bad), min(1, end-start)), Msg: "Unknown variable type: " + bad, Word: bad}
	}
	v := Var{Name: name}
	if name == "list" {
		v.Elem = "string"
	}
	if !bracketed {
		return v, nil
	}
	p := optionParser{text: options, base: start + len(name) + 1, v: &v}
	if err := p.parse(); err != nil {
		return v, err
	}
	return v, nil
}

type optionParser struct {
	text string
	base int // offset of text in the whole
	pos  int
	v    *Var
}

func (p *optionParser) blanks() {
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
}

func (p *optionParser) word() string {
	start := p.pos
	for p.pos < len(p.text) && (isLetter(p.text[p.pos]) || p.pos > start && (isDigit(p.text[p.pos]) || p.text[p.pos] == '-' || p.text[p.pos] == '_')) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (p *optionParser) fail(from, to int, format string, args ...any) error {
	return &VarError{Offset: p.base + from, End: p.base + max(to, from), Msg: fmt.Sprintf(format, args...), Options: true}
}

// parse reads "option, option". An option is a name, or a name with "=" and an integer; "type" also takes the name of an
// element type, which is how stored metadata says it.
func (p *optionParser) parse() error {
	p.v.Options = map[string]any{}
	var wrong error // the first option that means nothing; what cannot be read comes first
	for {
		p.blanks()
		start := p.pos
		name := p.word()
		if name == "" {
			return p.fail(start, len(p.text), "Expecting expression key=value, got: '%s'", p.text[start:])
		}
		p.blanks()
		var value any = true
		if p.pos < len(p.text) && p.text[p.pos] == '=' {
			p.pos++
			p.blanks()
			var ok bool
			if value, ok = p.value(name); !ok {
				return p.fail(start, len(p.text), "Expecting expression key=value, got: '%s'", p.text[start:])
			}
			p.blanks()
		}
		if err := p.option(name, value, start); wrong == nil {
			wrong = err
		}
		if p.pos == len(p.text) {
			return wrong
		}
		if p.text[p.pos] != ',' {
			return p.fail(p.pos, len(p.text), "Expecting ',' got '%s'", p.text[p.pos:])
		}
		p.pos++
	}
}

func (p *optionParser) value(name string) (any, bool) {
	start := p.pos
	if w := p.word(); w != "" {
		if name == "type" && slices.Contains(elems, w) {
			return w, true
		}
		p.pos = start
		return nil, false
	}
	if p.pos < len(p.text) && p.text[p.pos] == '-' {
		p.pos++
	}
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		p.pos++
	}
	n, err := strconv.ParseInt(p.text[start:p.pos], 10, 64)
	return n, err == nil
}

// option takes one option over into v, if it means something for the type.
func (p *optionParser) option(name string, value any, start int) error {
	if p.v.Name != "list" {
		p.v.Options[name] = value // kept for the release, as ever; see MeaninglessOptions
		return nil
	}
	elem, isName := value.(string)
	switch {
	case isName: // type=integer
	case slices.Contains(elems, name) && value == true:
		elem = name
	default:
		return p.fail(start, p.pos, "unknown option %q of type \"list\"; use list[string], list[integer] or list[bool]", name)
	}
	if len(p.v.Options) > 0 {
		return p.fail(start, p.pos, "a list has one element type; %q is the second", elem)
	}
	p.v.Elem, p.v.Options[name] = elem, value
	return nil
}

// StoredVar returns the type of a variable as release metadata holds it: its name, and options by name. Options that
// mean nothing are kept but not looked at. It fails for an unknown name.
func StoredVar(name string, options map[string]any) (Var, error) {
	if !KnownVar(name) {
		return DefaultVar, fmt.Errorf("Unknown variable type '%s'", name)
	}
	v := Var{Name: name, Options: options}
	if name != "list" {
		return v, nil
	}
	v.Elem = "string"
	if t, ok := options["type"].(string); ok {
		if slices.Contains(elems, t) {
			v.Elem = t
		}
		return v, nil
	}
	for _, e := range elems {
		if options[e] == true {
			v.Elem = e
		}
	}
	return v, nil
}
