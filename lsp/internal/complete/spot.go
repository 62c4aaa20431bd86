package complete

import (
	"strings"

	"escape.build/escape/lang/plan"
)

// A spot is what is known of a place from the text around it.
type spot struct {
	kind place
	// trail leads from the top level to the mapping that a key is in, or to the value. An entry of a list is "-".
	trail []string
	// around are the keys of the mapping at hand besides the one under the cursor, with the text of their values, and entry
	// those of the entry of a list or errand around it.
	around, entry map[string]string

	// at is where the word or text begins that the cursor is in, and text what stands there up to the cursor, decoded.
	at   int
	text string
	// rest is how many bytes behind the cursor belong to the word or text.
	rest   int
	style  style
	flow   bool // inside of brackets of YAML
	object bool // the keys are those of a value of HCL in braces
	// column is where the keys of the mapping stand that a key is added to.
	column int
	// pad are blanks that are missing in front of a key, and childDash says that they are those of a list.
	pad       string
	childDash bool
	// assigned says that what follows a key makes it one already: a ":", "=", "{" or a label.
	assigned bool
	// glued says that a blank is missing in front.
	glued bool
	// items are those of a list at hand besides the one under the cursor.
	items []string
	// unclosed says that the quote is missing behind the text.
	unclosed bool
	// block says that the cursor is in a block scalar or heredoc.
	block bool
	// oneLine says that the keys are those of a block of HCL that is one line, and comma that a comma is missing behind an item.
	oneLine, comma bool
	// label says that the value is the label of a block.
	label bool
	// item says that an entry of a list begins here, which may be a mapping.
	item bool
	// mapping says that the entry is a mapping, which goes on in the next line.
	mapping bool
	// dashless says that entries of a list can begin here, with a "-" in front.
	dashless bool
	// function is the function of HCL whose argument a text is, with its number.
	function string
	argument int
}

type place uint8

const (
	nowhere place = iota
	atComment
	atKey
	atValue
	inValue // of HCL, where none of its names can stand: behind a part of it, or in front of one
)

// A style is how the text at the cursor is written.
type style uint8

const (
	plain   style = iota // a plain scalar of YAML
	single               // in single quotes
	double               // in double quotes, also those of HCL
	literal              // in a block scalar or heredoc, as it is
	native               // an expression of HCL
)

// name returns part n of the trail; "" if it is shorter.
func (s *spot) name(n int) string {
	if n < len(s.trail) {
		return s.trail[n]
	}
	return ""
}

// stages returns the stages that the keys of the entry say.
func (s *spot) stages() plan.Stages {
	text, ok := s.entry["scopes"]
	if !ok {
		return 0
	}
	var set plan.Stages
	if strings.Contains(text, "build") {
		set |= plan.StageBuild
	}
	if strings.Contains(text, "deploy") {
		set |= plan.StageDeploy
	}
	return set
}

// A slot is the row of the table of fields that a trail leads to.
type slot struct {
	field *plan.Field
	key   *plan.Key // nil for the field itself
	shape plan.Shape
	keys  []plan.Key
	// inside says that the trail leads into an entry of the shape, whose keys are keys.
	inside bool
	// free is the key of a mapping with free keys whose value it is.
	free string
	// phase says when its expressions are evaluated.
	phase plan.Phase
}

// asKey is the key of blocks of HCL that stands behind the release or interface in YAML.
var asKey = plan.Key{Name: "as", Shape: plan.ShapeText, Doc: "Name for expressions."}

// slotOf follows a trail; false if it leads nowhere.
func slotOf(trail []string) (slot, bool) {
	if len(trail) == 0 {
		return slot{}, false
	}
	row, _, ok := plan.Lookup(trail[0])
	if !ok {
		return slot{}, false
	}
	s := slot{field: row, shape: row.Shape, keys: row.Keys, phase: row.Phase}
	for _, name := range trail[1:] {
		if !s.step(name) {
			return s, false
		}
	}
	return s, true
}

func (s *slot) step(name string) bool {
	switch {
	case s.free != "":
		return name == "-" // a list of values
	case s.inside || s.shape == plan.ShapeStep && name != "-":
		for i := range s.keys {
			if k := &s.keys[i]; k.Name == name {
				*s = slot{field: s.field, key: k, shape: k.Shape, keys: k.Keys, phase: k.Phase}
				return true
			}
		}
		if name == asKey.Name && s.shape.TakesAlias() {
			*s = slot{field: s.field, key: &asKey, shape: asKey.Shape}
			return true
		}
		return false
	case s.shape == plan.ShapePairs || s.shape == plan.ShapeValues:
		s.free = name
		return name != "-"
	case s.shape == plan.ShapeErrands:
		s.inside = true
		return name != "-"
	case name != "-":
		return false
	}
	switch s.shape {
	case plan.ShapeTexts, plan.ShapeScripts, plan.ShapeScopes, plan.ShapeExtensions, plan.ShapeAny:
		return true
	case plan.ShapeDependencies, plan.ShapeConsumers, plan.ShapeVariables, plan.ShapeTemplates, plan.ShapeDownloads:
		s.inside = true
		return true
	}
	return false
}

// name is what the key of the slot is called; "" for the field itself.
func (s *slot) name() string {
	if s.key == nil {
		return ""
	}
	return s.key.Name
}

// scripted reports whether the text at the slot may be an expression.
func (s *slot) scripted() bool {
	switch s.shape {
	case plan.ShapeScript, plan.ShapeAny, plan.ShapeScripts:
		return s.phase != plan.Never
	case plan.ShapePairs, plan.ShapeValues:
		return s.free != ""
	}
	return false
}
