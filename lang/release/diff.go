package release

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Change is one difference between two documents. Path begins with the name of a field (see Diff), then come
// ".Field", "[index]" and `["key"]`. Old and New are plain values; for something that has a name they are its name. Old is
// nil for an addition, New for a removal.
type Change struct {
	Path     []string
	Kind     ChangeKind
	Old, New any
}

// ChangeKind is what happened.
type ChangeKind uint8

// The kinds of changes.
const (
	Changed ChangeKind = iota
	Added
	Removed
)

// String returns "change", "add" or "remove".
func (k ChangeKind) String() string {
	switch k {
	case Added:
		return "add"
	case Removed:
		return "remove"
	}
	return "change"
}

// String returns the sentence that people are shown, such as "Change Version from '1' to '2'".
func (c Change) String() string {
	path := strings.Join(c.Path, "")
	switch c.Kind {
	case Added:
		return fmt.Sprintf("Add '%s' to %s", show(c.New), path)
	case Removed:
		return fmt.Sprintf("Remove '%s' from %s", show(c.Old), path)
	}
	return fmt.Sprintf("Change %s from '%s' to '%s'", path, show(c.Old), show(c.New))
}

// MarshalJSON returns the change as an Inventory tells it. Numbers are text there.
func (c Change) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path          []string
		PreviousValue any
		NewValue      any
		Added         bool
		Removed       bool
	}{c.Path, told(c.Old), told(c.New), c.Kind == Added, c.Kind == Removed})
}

func told(v any) any {
	if _, ok := asNumber(v); ok {
		return show(v)
	}
	return v
}

// Grouped returns changes by the name of their field and then by their kind, "change", "add" or "remove": the answer of an
// Inventory that is asked what is different.
func Grouped(changes []Change) map[string]map[string][]Change {
	out := map[string]map[string][]Change{}
	for _, c := range changes {
		field := c.Path[0]
		if out[field] == nil {
			out[field] = map[string][]Change{}
		}
		out[field][c.Kind.String()] = append(out[field][c.Kind.String()], c)
	}
	return out
}

// Diff returns what is different in the new document, in the order of its fields, keys sorted. Numbers compare by value.
// Named entries are matched by name, wherever they stand: consumers and dependencies by alias, variables by id,
// templates by file, extensions by package, downloads by destination; the index in a path is that in the new document,
// or in the old one for what is only there. Other lists are compared place by place.
func Diff(old, new *Metadata) []Change {
	d := &differ{}
	d.value("ApiVersion", int64(old.APIVersion), int64(new.APIVersion))
	d.text("BuiltWithCoreVersion", old.BuiltWithCoreVersion, new.BuiltWithCoreVersion)
	d.text("BuiltWithEscapeVersion", old.BuiltWithEscapeVersion, new.BuiltWithEscapeVersion)
	d.text("Description", old.Description, new.Description)
	diffMap(d, "Files", old.Files, new.Files, d.text)
	d.text("License", old.License, new.License)
	d.text("Logo", old.Logo, new.Logo)
	d.text("Name", old.Name, new.Name)
	d.text("Repository", old.Repository, new.Repository)
	d.text("Branch", old.Branch, new.Branch)
	d.text("Revision", old.Revision, new.Revision)
	d.text("RevisionMessage", old.RevisionMessage, new.RevisionMessage)
	d.text("RevisionAuthor", old.RevisionAuthor, new.RevisionAuthor)
	diffMap(d, "Metadata", old.Metadata, new.Metadata, d.text)
	d.text("Version", old.Version, new.Version)
	d.texts("Generates", old.Generates, new.Generates)
	diffNamed(d, "Consumes", old.Consumes, new.Consumes, func(c *Consumer) string { return c.Variable }, func(c *Consumer) string { return c.Name }, d.consumer)
	diffNamed(d, "Downloads", old.Downloads, new.Downloads, func(x *Download) string { return x.Dest }, func(x *Download) string { return x.URL }, d.download)
	diffNamed(d, "Depends", old.Depends, new.Depends, func(x *Dependency) string { return x.Variable }, func(x *Dependency) string { return x.ReleaseID }, d.dependency)
	diffMap(d, "Errands", old.Errands, new.Errands, d.errand)
	diffNamed(d, "Extends", old.Extends, new.Extends, extensionName, func(x *Extension) string { return x.ReleaseID }, d.extension)
	d.variables("Inputs", old.Inputs, new.Inputs)
	d.variables("Outputs", old.Outputs, new.Outputs)
	d.text("Project", old.Project, new.Project)
	name := func(p *Provider) string { return p.Name }
	diffNamed(d, "Provides", old.Provides, new.Provides, name, name, func(string, *Provider, *Provider) {})
	diffMap(d, "Stages", old.Stages, new.Stages, d.stage)
	file := func(t *Template) string { return t.File }
	diffNamed(d, "Templates", old.Templates, new.Templates, file, file, d.template)
	diffMap(d, "VariableCtx", old.VariableContext, new.VariableContext, d.text)
	return d.changes
}

type differ struct {
	path    []string
	changes []Change
}

// in runs fn with one more segment on the path.
func (d *differ) in(segment string, fn func()) {
	d.path = append(d.path, segment)
	fn()
	d.path = d.path[:len(d.path)-1]
}

func (d *differ) add(kind ChangeKind, old, new any) {
	d.changes = append(d.changes, Change{Path: append([]string(nil), d.path...), Kind: kind, Old: old, New: new})
}

func (d *differ) text(segment, old, new string) {
	if old != new {
		d.in(segment, func() { d.add(Changed, old, new) })
	}
}

func (d *differ) flag(segment string, old, new bool) { d.value(segment, old, new) }

func (d *differ) texts(segment string, old, new []string) {
	d.in(segment, func() {
		for i := range max(len(old), len(new)) {
			switch {
			case i >= len(old):
				d.add(Added, nil, new[i])
			case i >= len(new):
				d.add(Removed, old[i], nil)
			default:
				d.text(index(i), old[i], new[i])
			}
		}
	})
}

func (d *differ) values(segment string, old, new map[string]any) {
	diffMap(d, segment, old, new, d.value)
}

// value compares untyped values.
func (d *differ) value(segment string, old, new any) {
	oldList, okOld := old.([]any)
	newList, okNew := new.([]any)
	oldMap, isOldMap := old.(map[string]any)
	newMap, isNewMap := new.(map[string]any)
	switch {
	case old == nil && new == nil:
	case old == nil:
		d.in(segment, func() { d.add(Added, nil, new) })
	case new == nil:
		d.in(segment, func() { d.add(Removed, old, nil) })
	case okOld && okNew:
		d.in(segment, func() {
			for i := range max(len(oldList), len(newList)) {
				switch {
				case i >= len(oldList):
					d.add(Added, nil, newList[i])
				case i >= len(newList):
					d.add(Removed, oldList[i], nil)
				default:
					d.value(index(i), oldList[i], newList[i])
				}
			}
		})
	case isOldMap && isNewMap:
		d.values(segment, oldMap, newMap)
	case okOld || okNew || isOldMap || isNewMap || !sameScalar(old, new):
		d.in(segment, func() { d.add(Changed, old, new) })
	}
}

// sameScalar compares numbers by value; the types of all others must be the same too.
func sameScalar(a, b any) bool {
	if x, ok := asNumber(a); ok {
		y, ok := asNumber(b)
		return ok && x == y
	}
	return a == b
}

// asNumber brings numbers to the one type that Decode would have given them.
func asNumber(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		if v < 1<<63 {
			return int64(v), true
		}
		return v, true
	case float64:
		return Number(v), true
	}
	return nil, false
}

// show prints a value plainly: text as it is, lists in brackets with blanks between, objects as JSON.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = show(v[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	e := encoder{}
	e.value(v)
	return string(e.out)
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// diffMap compares the values of equal keys with one and shows only the keys of the others.
func diffMap[V any](d *differ, segment string, old, new map[string]V, one func(string, V, V)) {
	d.in(segment, func() {
		for _, k := range sortedKeys(old) {
			if v, ok := new[k]; ok {
				one("["+quoteKey(k)+"]", old[k], v)
			} else {
				d.add(Removed, k, nil)
			}
		}
		for _, k := range sortedKeys(new) {
			if _, ok := old[k]; !ok {
				d.add(Added, nil, k)
			}
		}
	})
}

func quoteKey(k string) string {
	out, err := json.Marshal(k)
	if err != nil {
		return `"` + k + `"`
	}
	return string(out)
}

// diffNamed compares entries of equal names with one, those of repeated names in their order.
func diffNamed[T any](d *differ, segment string, old, new []*T, name, shown func(*T) string, one func(string, *T, *T)) {
	type place struct {
		name string
		nth  int
	}
	places := func(l []*T) ([]place, map[place]*T) {
		list, byPlace, count := make([]place, len(l)), make(map[place]*T, len(l)), make(map[string]int, len(l))
		for i, x := range l {
			n := name(x)
			list[i] = place{n, count[n]}
			count[n]++
			byPlace[list[i]] = x
		}
		return list, byPlace
	}
	oldPlaces, inOld := places(old)
	newPlaces, inNew := places(new)
	d.in(segment, func() {
		for i, p := range newPlaces {
			if x, ok := inOld[p]; ok {
				one(index(i), x, new[i])
			}
		}
		for i, p := range newPlaces {
			if _, ok := inOld[p]; !ok {
				d.add(Added, nil, shown(new[i]))
			}
		}
		for i, p := range oldPlaces {
			if _, ok := inNew[p]; !ok {
				d.add(Removed, shown(old[i]), nil)
			}
		}
	})
}

func (d *differ) consumer(segment string, old, new *Consumer) {
	d.in(segment, func() {
		d.text(".Name", old.Name, new.Name)
		d.texts(".Scopes", old.Scopes, new.Scopes)
		d.text(".VariableName", old.Variable, new.Variable)
		d.flag(".SkipActivate", old.SkipActivate, new.SkipActivate)
		d.flag(".SkipDeactivate", old.SkipDeactivate, new.SkipDeactivate)
	})
}

func (d *differ) download(segment string, old, new *Download) {
	d.in(segment, func() {
		d.text(".URL", old.URL, new.URL)
		d.text(".Dest", old.Dest, new.Dest)
		d.flag(".OverwriteExistingDest", old.Overwrite, new.Overwrite)
		d.texts(".IfNotExists", old.IfNotExists, new.IfNotExists)
		d.flag(".Unpack", old.Unpack, new.Unpack)
		d.text(".Platform", old.Platform, new.Platform)
		d.text(".Arch", old.Arch, new.Arch)
		d.texts(".Scopes", old.Scopes, new.Scopes)
	})
}

func (d *differ) dependency(segment string, old, new *Dependency) {
	// What cannot be read has no parts to compare; the release id differs anyway.
	oldID, _ := ParseID(old.ReleaseID)
	newID, _ := ParseID(new.ReleaseID)
	d.in(segment, func() {
		d.text(".ReleaseId", old.ReleaseID, new.ReleaseID)
		d.values(".Mapping", old.Mapping, new.Mapping)
		d.values(".BuildMapping", old.BuildMapping, new.BuildMapping)
		d.values(".DeployMapping", old.DeployMapping, new.DeployMapping)
		diffMap(d, ".Consumes", old.Consumes, new.Consumes, d.text)
		d.text(".DeploymentName", old.DeploymentName, new.DeploymentName)
		d.text(".VariableName", old.Variable, new.Variable)
		d.texts(".Scopes", old.Scopes, new.Scopes)
		d.text(".Project", oldID.Namespace, newID.Namespace)
		d.text(".Name", oldID.Name, newID.Name)
		oldVersion, newVersion := oldID.Constraint.text, newID.Constraint.text
		d.text(".Version", oldVersion, newVersion)
	})
}

func (d *differ) errand(segment string, old, new *Errand) {
	d.in(segment, func() {
		d.text(".Name", old.Name, new.Name)
		d.text(".Description", old.Description, new.Description)
		d.text(".Script", old.Script, new.Script)
		d.stage(".Run", old.Run, new.Run)
		d.variables(".Inputs", old.Inputs, new.Inputs)
	})
}

func (d *differ) stage(segment string, old, new *Stage) {
	d.in(segment, func() {
		switch {
		case old == nil && new == nil:
		case old == nil:
			d.add(Added, nil, new.String())
		case new == nil:
			d.add(Removed, old.String(), nil)
		default:
			d.text(".Cmd", old.Cmd, new.Cmd)
			d.texts(".Args", old.Args, new.Args)
			d.text(".Inline", old.Inline, new.Inline)
			d.text(".RelativeScript", old.Script, new.Script)
		}
	})
}

// String returns the stage as log lines show it: the command with its arguments, the script, or the beginning of the
// inline script.
func (s *Stage) String() string {
	switch {
	case s == nil:
		return ""
	case s.Cmd != "":
		return strings.Join(append([]string{s.Cmd}, s.Args...), " ")
	case s.Script != "":
		return s.Script
	case s.Inline != "":
		first, _, _ := strings.Cut(s.Inline, "\n")
		return "<inline script starting with '" + first + "'>"
	}
	return ""
}

func extensionName(x *Extension) string {
	if id, err := ParseID(x.ReleaseID); err == nil {
		return id.Package()
	}
	return x.ReleaseID
}

func (d *differ) extension(segment string, old, new *Extension) {
	d.in(segment, func() { d.text(".ReleaseId", old.ReleaseID, new.ReleaseID) })
}

func (d *differ) variables(segment string, old, new []*Variable) {
	id := func(v *Variable) string { return v.ID }
	diffNamed(d, segment, old, new, id, id, d.variable)
}

func (d *differ) variable(segment string, old, new *Variable) {
	d.in(segment, func() {
		d.text(".Id", old.ID, new.ID)
		d.text(".Type", old.Type, new.Type)
		d.value(".Default", old.Default, new.Default)
		d.text(".Description", old.Description, new.Description)
		d.text(".Friendly", old.Friendly, new.Friendly)
		d.flag(".Visible", old.Visible, new.Visible)
		d.values(".Options", old.Options, new.Options)
		d.flag(".Sensitive", old.Sensitive, new.Sensitive)
		d.value(".Items", old.Items, new.Items)
		d.flag(".EvalBeforeDependencies", old.EvalBeforeDependencies, new.EvalBeforeDependencies)
		d.texts(".Scopes", old.Scopes, new.Scopes)
	})
}

func (d *differ) template(segment string, old, new *Template) {
	d.in(segment, func() {
		d.text(".File", old.File, new.File)
		d.text(".Target", old.Target, new.Target)
		d.texts(".Scopes", old.Scopes, new.Scopes)
		d.values(".Mapping", old.Mapping, new.Mapping)
	})
}
