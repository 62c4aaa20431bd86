package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

func (a *app) newPlanGet() *cobra.Command {
	var file planFlag
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "get <field>",
		Short: "Print a field of the plan as it is written.",
		Long: `Print a field of the plan as it is written.

Text is printed as it is, a list of texts as one per line, anything else as JSON. A path leads into a field: keys of
mappings, numbers of list elements (from 0), or the id of an entry.`,
		Example: "  escape plan get version\n  escape plan get metadata.team\n  escape plan get inputs.region.default --json",
		Args:    oneArg("field"),
	}
	file.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the value as JSON")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		an, err := a.loadPlan(file.plan)
		if err != nil {
			return err
		}
		value, err := lookup(an.Syntax, args[0])
		if err != nil {
			return err
		}
		text := human(value)
		if asJSON {
			if text, err = toJSON(value); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintln(a.env.Stdout, text)
		return printError(err)
	}
	return cmd
}

// lookup finds the value at a path such as "inputs.region.default". A field that is not written is nil.
func lookup(file *syntax.File, path string) (any, error) {
	field, rest, _ := strings.Cut(path, ".")
	f, _, ok := plan.Lookup(field)
	if !ok {
		err := &reported{err: errors.New("This field is currently unsupported by this command.")}
		if near, ok := diag.Nearest(field, plan.FieldNames()); ok {
			err.detail = fmt.Sprintf("  did you mean '%s'?\n", near)
		}
		return nil, err
	}
	node, _ := entry(plan.Unfold(file), field)
	if rest == "" && (f.Shape == plan.ShapeText || f.Shape == plan.ShapeScript) {
		// Such fields take any scalar as it is written.
		if s, ok := target(node).(*syntax.Scalar); ok && s.Kind != syntax.Null {
			return s.Text, nil
		}
		return "", nil
	}
	if node == nil && rest == "" {
		return nil, nil
	}
	at := field
	for rest != "" {
		key, more, _ := strings.Cut(rest, ".")
		next, ok := step(node, key)
		if !ok {
			// The rest may be one key with dots in it.
			if next, ok = step(node, rest); !ok {
				return nil, fmt.Errorf("there is no '%s' in %s", key, at)
			}
			more = ""
		}
		node, rest, at = next, more, at+"."+key
	}
	return toValue(node, 0), nil
}

// target follows aliases.
func target(n syntax.Node) syntax.Node {
	for range 10 {
		a, ok := n.(*syntax.Alias)
		if !ok {
			return n
		}
		n = a.Target
	}
	return nil
}

// entry returns the value of a key; merged mappings come last. Of equal keys the last one wins.
func entry(n syntax.Node, key string) (syntax.Node, bool) { return entryAt(n, key, 0) }

func entryAt(n syntax.Node, key string, depth int) (syntax.Node, bool) {
	m, ok := target(n).(*syntax.Mapping)
	if !ok || depth > 20 {
		return nil, false
	}
	for i := len(m.Entries) - 1; i >= 0; i-- {
		if e := &m.Entries[i]; e.Key.Kind != syntax.Merge && e.Key.Text == key {
			return e.Value, true
		}
	}
	for i := len(m.Entries) - 1; i >= 0; i-- {
		if e := &m.Entries[i]; e.Key.Kind == syntax.Merge {
			for _, source := range sources(e.Value) {
				if v, ok := entryAt(source, key, depth+1); ok {
					return v, true
				}
			}
		}
	}
	return nil, false
}

// sources returns the mappings that a merge key takes in.
func sources(n syntax.Node) []syntax.Node {
	s, ok := target(n).(*syntax.Sequence)
	if !ok {
		return []syntax.Node{n}
	}
	var nodes []syntax.Node
	for _, item := range s.Items {
		nodes = append(nodes, item.Value)
	}
	return nodes
}

// step goes one level down: to a key, to the element with a number, or to the entry which is called key.
func step(n syntax.Node, key string) (syntax.Node, bool) {
	switch n := target(n).(type) {
	case *syntax.Mapping:
		return entry(n, key)
	case *syntax.Sequence:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.Items) {
			return n.Items[i].Value, true
		}
		for _, item := range n.Items {
			if slices.Contains(entryNames(item.Value), key) {
				return item.Value, true
			}
		}
	}
	return nil, false
}

// entryNames returns what the entry n of a list may be called: its text, or what its keys for names hold.
func entryNames(n syntax.Node) []string {
	if s, ok := target(n).(*syntax.Scalar); ok {
		return []string{s.Text}
	}
	var names []string
	for _, key := range []string{"id", "name", "release_id", "file", "url", "variable"} {
		v, _ := entry(n, key)
		if s, ok := target(v).(*syntax.Scalar); ok {
			names = append(names, s.Text)
		}
	}
	return names
}

// toValue converts a node to what encoding/json writes. Mappings keep their order.
func toValue(n syntax.Node, depth int) any {
	if depth > 100 {
		return nil
	}
	switch n := target(n).(type) {
	case *syntax.Scalar:
		return scalar(n)
	case *syntax.Sequence:
		list := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			list = append(list, toValue(item.Value, depth+1))
		}
		return list
	case *syntax.Mapping:
		var merged, own object
		for i := range n.Entries {
			e := &n.Entries[i]
			if e.Key.Kind != syntax.Merge {
				own = append(own, member{e.Key.Text, toValue(e.Value, depth+1)})
				continue
			}
			// Of several sources the first one wins, so it comes last.
			for _, source := range slices.Backward(sources(e.Value)) {
				if o, ok := toValue(source, depth+1).(object); ok {
					merged = append(merged, o...)
				}
			}
		}
		return append(merged, own...)
	}
	return nil
}

func scalar(s *syntax.Scalar) any {
	switch s.Kind {
	case syntax.Null:
		return nil
	case syntax.Bool:
		switch strings.ToLower(s.Text) {
		case "y", "yes", "on", "true":
			return true
		}
		return false
	case syntax.Int, syntax.Uint:
		text := strings.ReplaceAll(s.Text, "_", "")
		if i, err := strconv.ParseInt(text, 0, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(text, 0, 64); err == nil {
			return u
		}
	case syntax.Float:
		f, err := strconv.ParseFloat(strings.ReplaceAll(s.Text, "_", ""), 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	return s.Text
}

// An object is a JSON object whose members keep their order. Of equal names the last one counts.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	last := map[string]int{}
	for i, m := range o {
		last[m.name] = i
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if last[m.name] != i {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// toJSON returns a result as programs get it: compact, with HTML characters escaped.
func toJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// human returns a value as people get it.
func human(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var lines []string
		for _, item := range v {
			s, ok := item.(string)
			if !ok || strings.Contains(s, "\n") {
				break
			}
			lines = append(lines, s)
		}
		if len(lines) == len(v) {
			return strings.Join(lines, "\n")
		}
	}
	text, err := toJSON(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return text
}
