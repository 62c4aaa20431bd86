package plan

import (
	"math"
	"strconv"
	"strings"

	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// Set reports whether the value is written and not null.
func (v *Value) Set() bool { return v.Kind > Null }

// Go returns v as a plain Go value: string, bool, int64, uint64, float64, []any, map[string]any or nil. Expressions
// stay text.
func (v *Value) Go() any {
	switch v.Kind {
	case String:
		return v.Text
	case Boolean:
		return v.Bool
	case Int:
		return v.Int
	case Uint:
		return v.Uint
	case Float:
		return v.Float
	case List:
		list := make([]any, len(v.List))
		for i := range v.List {
			list[i] = v.List[i].Go()
		}
		return list
	case Map:
		m := make(map[string]any, len(v.Map))
		for i := range v.Map {
			m[v.Map[i].Key.Value] = v.Map[i].Value.Go()
		}
		return m
	}
	return nil
}

// DefaultGo returns the default of v as Go does, but a number for a variable of text as it is written, if it does not read
// the same otherwise: 1.10 stays "1.10", and 010 does not become 8.
func (v *Variable) DefaultGo() any {
	if v.Var.Name == "string" {
		return v.Default.written()
	}
	return v.Default.Go()
}

// ItemsGo returns the allowed values of v, with those of text as DefaultGo has them.
func (v *Variable) ItemsGo() any {
	elem := v.Var.Name
	if elem == "list" {
		elem = v.Var.Elem
	}
	list, ok := v.Items.Go().([]any)
	if !ok || elem != "string" {
		return v.Items.Go()
	}
	for i := range list {
		list[i] = v.Items.List[i].written()
	}
	return list
}

// written is Go, but a plain number keeps the text that stands in the file where its own would be another.
func (v *Value) written() any {
	value := v.Go()
	if v.Kind != Int && v.Kind != Uint && v.Kind != Float {
		return value
	}
	s := Text{Node: v.Node}.Scalar()
	if s == nil || s.Style != syntax.Plain {
		return value
	}
	if text, err := types.ToText(value); err == nil && text != s.Text {
		return s.Text
	}
	return value
}

// Script returns a scripted String with its place; false for every other kind.
func (v *Value) Script() (Script, bool) {
	return Script{Text: Text{Value: v.Text, Node: v.Node}, Expr: v.Expr}, v.Kind == String
}

// setScalar reads the scalar s by its kind.
func (v *Value) setScalar(s *syntax.Scalar) {
	v.Text = s.Text
	switch s.Kind {
	case syntax.Null:
		v.Kind = Null
	case syntax.Bool:
		v.Kind, v.Bool = Boolean, isTrue(s.Text)
	case syntax.Int, syntax.Uint, syntax.Float:
		v.setNumber(s.Text)
	default:
		v.Kind, v.Text = String, cooked(s)
	}
}

// isTrue says which of the words that YAML 1.1 reads as truth values s is.
func isTrue(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true
	}
	return false
}

// setNumber reads a number as YAML 1.1 writes it: "_" between digits, 0x, 0b, 0o and a leading 0 for octal.
func (v *Value) setNumber(text string) {
	plain := text
	if strings.Contains(plain, "_") {
		plain = strings.ReplaceAll(plain, "_", "")
	}
	digits := strings.TrimPrefix(plain, "+")
	if i, err := strconv.ParseInt(digits, 0, 64); err == nil {
		v.Kind, v.Int = Int, i
		return
	}
	if u, err := strconv.ParseUint(digits, 0, 64); err == nil {
		v.Kind, v.Uint = Uint, u
		return
	}
	switch strings.ToLower(strings.TrimLeft(plain, "+-")) {
	case ".inf":
		v.Kind, v.Float = Float, math.Inf(1)
		if strings.HasPrefix(plain, "-") {
			v.Float = math.Inf(-1)
		}
		return
	case ".nan":
		v.Kind, v.Float = Float, math.NaN()
		return
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil && !math.IsInf(f, 0) {
		v.Kind = String
		return
	}
	v.Kind, v.Float = Float, f
}

// wholeFloats makes integers of floats without a fraction, which is what the original makes of them in entries of
// variables.
func (v *Value) wholeFloats() {
	if v.Kind == Float && v.Float == math.Trunc(v.Float) && math.Abs(v.Float) < 1<<63 {
		v.Kind, v.Int, v.Float = Int, int64(v.Float), 0
	}
	for i := range v.List {
		v.List[i].wholeFloats()
	}
}

// GoType names the type that the original shows for a value of n in its messages.
func GoType(n syntax.Node) string {
	switch n := follow(n).(type) {
	case *syntax.Mapping:
		return "map[interface {}]interface {}"
	case *syntax.Sequence:
		return "[]interface {}"
	case *syntax.Scalar:
		switch n.Kind {
		case syntax.Null:
			return "<nil>"
		case syntax.Bool:
			return "bool"
		case syntax.Int:
			return "int"
		case syntax.Uint:
			return "uint64"
		case syntax.Float:
			return "float64"
		}
	}
	return "string"
}

// goText is how the original shows the value of n in its messages. It is cut after some values.
func goText(n syntax.Node) string {
	var b strings.Builder
	writeGo(&b, n, 0)
	return b.String()
}

// maxShown is how long a value may be in a message.
const maxShown = 80

func writeGo(b *strings.Builder, n syntax.Node, depth int) {
	if b.Len() > maxShown || depth > 8 {
		b.WriteString("...")
		return
	}
	switch n := follow(n).(type) {
	case *syntax.Mapping:
		b.WriteString("map[")
		for i := range n.Entries {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(n.Entries[i].Key.Text + ":")
			writeGo(b, n.Entries[i].Value, depth+1)
			if b.Len() > maxShown {
				break
			}
		}
		b.WriteByte(']')
	case *syntax.Sequence:
		b.WriteByte('[')
		for i := range n.Items {
			if i > 0 {
				b.WriteByte(' ')
			}
			writeGo(b, n.Items[i].Value, depth+1)
			if b.Len() > maxShown {
				break
			}
		}
		b.WriteByte(']')
	case *syntax.Scalar:
		var v Value
		v.setScalar(n)
		switch v.Kind {
		case Null:
			b.WriteString("<nil>")
		case Boolean:
			b.WriteString(strconv.FormatBool(v.Bool))
		case Int:
			b.WriteString(strconv.FormatInt(v.Int, 10))
		case Uint:
			b.WriteString(strconv.FormatUint(v.Uint, 10))
		case Float:
			b.WriteString(strconv.FormatFloat(v.Float, 'g', -1, 64))
		default:
			b.WriteString(clip(v.Text))
		}
	}
}

// clip shortens s to what a message may show.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	end := maxShown
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + "..."
}

// kindInWords says what n is, for people.
func kindInWords(n syntax.Node) string {
	switch n := follow(n).(type) {
	case *syntax.Mapping:
		return "a mapping"
	case *syntax.Sequence:
		return "a list"
	case *syntax.Scalar:
		switch n.Kind {
		case syntax.Null:
			return "empty"
		case syntax.Bool:
			return "a truth value"
		case syntax.Int, syntax.Uint, syntax.Float:
			return "a number"
		}
	}
	return "text"
}

// unmarshalError is the line that the original prints for a value of the wrong type: "line N: cannot unmarshal TAG
// VALUE into GOTYPE". It accepts null everywhere.
func unmarshalError(line int, n syntax.Node, goType string) string {
	tag, value := "!!str", ""
	switch n := follow(n).(type) {
	case *syntax.Mapping:
		tag = "!!map"
	case *syntax.Sequence:
		tag = "!!seq"
	case *syntax.Scalar:
		switch n.Kind {
		case syntax.Null:
			return ""
		case syntax.Bool:
			tag = "!!bool"
		case syntax.Int, syntax.Uint:
			tag = "!!int"
		case syntax.Float:
			tag = "!!float"
		}
		value = n.Text
		if len(value) > 10 {
			value = value[:7] + "..."
		}
		value = " `" + value + "`"
	}
	return "line " + strconv.Itoa(line) + ": cannot unmarshal " + tag + value + " into " + goType
}
