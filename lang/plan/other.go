package plan

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/syntax"
)

// TargetPath returns where the template is rendered to: its target, else its file without the last extension. It is
// empty for a file such as ".bashrc", which cannot be rendered without a target.
func (t *Template) TargetPath() string {
	if t.Target.Value != "" {
		return t.Target.Value
	}
	return strings.TrimSuffix(t.File.Value, path.Ext(t.File.Value))
}

// AllTemplates returns the templates of all three fields, in the order of the fields.
func (p *Plan) AllTemplates() []*Template {
	return slices.Concat(p.Templates, p.BuildTemplates, p.DeployTemplates)
}

// AllInputs returns the inputs of all three fields, in the order of the fields.
func (p *Plan) AllInputs() []*Variable { return slices.Concat(p.Inputs, p.BuildInputs, p.DeployInputs) }

// AllOutputs returns the outputs of all three fields, in the order of the fields.
func (p *Plan) AllOutputs() []*Variable {
	return slices.Concat(p.Outputs, p.BuildOutputs, p.DeployOutputs)
}

// AllVariables returns the inputs, the outputs, and the inputs of errands.
func (p *Plan) AllVariables() []*Variable {
	all := append(p.AllInputs(), p.AllOutputs()...)
	for _, e := range p.Errands {
		all = append(all, e.Inputs...)
	}
	return all
}

// A Need is a release that a plan depends on or extends.
type Need struct {
	Release Text
	Alias   string // under which the plan knows it
}

// Needs returns the releases that the plan depends on, and then those that it extends. An entry that names none is left out.
func (p *Plan) Needs() []Need {
	all := make([]Need, 0, len(p.Depends)+len(p.Extends))
	for _, d := range p.Depends {
		if d.Release.Set() {
			all = append(all, Need{d.Release, d.Alias()})
		}
	}
	for _, e := range p.Extends {
		if e.Release.Set() {
			all = append(all, Need{e.Release, e.Alias()})
		}
	}
	return all
}

func (d *decoder) templates(row *Field, n syntax.Node) []*Template {
	items := d.listOf(row.Name, n, "[]interface {}")
	list := make([]*Template, 0, len(items))
	for i := range items {
		t := &Template{Node: items[i].Value, Field: row, Scopes: Scopes{Build: true, Deploy: true}}
		if row.Stages != StageBoth {
			t.Scopes.force(row.Stages)
		}
		ok := false
		switch v := d.node(items[i].Value).(type) {
		case *syntax.Mapping:
			ok = d.template(t, row, v)
		case *syntax.Bad:
		case *syntax.Scalar:
			if v.Kind != syntax.String {
				x := d.report(diag.WrongShape, v.Pos, fmt.Sprintf("Unexpected type '%s' for template", GoType(v)))
				x.Fixes = quoteFix(v)
				break
			}
			t.Short, t.File, ok = true, Text{Value: cooked(v), Node: items[i].Value}, true
		default:
			d.report(diag.WrongShape, shown(v), fmt.Sprintf("Unexpected type '%s' for template", GoType(v)))
		}
		if ok {
			list = append(list, t)
		}
	}
	return list
}

func (d *decoder) template(t *Template, row *Field, m *syntax.Mapping) bool {
	var slots [4]slot
	names := keyTable(templateKeys, row.Name)
	names.oddKey = func(goType string) string {
		return fmt.Sprintf("Unexpected type '%s' for key in template dict.", goType)
	}
	d.collect(m, &names, slots[:], false)
	ok := true
	for i := range templateKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		key := &templateKeys[i]
		wrong := func(goType string) string {
			return fmt.Sprintf("Unexpected type '%s' in field '%s' of template dict.", goType, key.Name)
		}
		switch to := key.Bind(t).(type) {
		case *Text:
			read := false
			*to, read = d.stringKey(e, false, wrong)
			ok = ok && (read || key.Name != "file")
		case *Scopes:
			d.scopes(to, e.Value, func(s string) string { return s + " in field 'scopes' of template dict." })
		case *[]ValuePair:
			*to = d.mapping(e, wrong, func(goType string) string {
				return fmt.Sprintf("Unexpected type '%s' for key in field 'mapping' of template dict.", goType)
			}, true)
		}
	}
	if ok && t.File.Value == "" {
		d.missing(m, "Missing 'file' field in template", "file", slots[0].entry)
		return false
	}
	return ok
}

func (d *decoder) downloads(n syntax.Node) []*Download {
	items := d.listOf("downloads", n, "[]*core.DownloadConfig")
	list := make([]*Download, 0, len(items))
	for i := range items {
		dl := &Download{Node: items[i].Value, Scopes: Scopes{Build: true, Deploy: true}}
		switch v := d.node(items[i].Value).(type) {
		case *syntax.Mapping:
			if d.download(dl, v) {
				list = append(list, dl)
			}
		case *syntax.Bad:
		default:
			d.itemShape("downloads", "a mapping with \"url\" and \"dest\"", v, "core.DownloadConfig")
		}
	}
	return list
}

func (d *decoder) download(dl *Download, m *syntax.Mapping) bool {
	var slots [8]slot
	t := keyTable(downloadKeys, "downloads")
	d.collect(m, &t, slots[:], false)
	for i := range downloadKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		row := &downloadKeys[i]
		switch to := row.Bind(dl).(type) {
		case *Text:
			*to = d.fieldText(row.Name, e.Value)
		case *Bool:
			v, ok := d.node(e.Value).(*syntax.Scalar)
			switch {
			case ok && v.Kind == syntax.Null:
			case ok && v.Kind == syntax.Bool:
				*to = Bool{isTrue(v.Text), e.Value}
			case !isBad(follow(e.Value)):
				boolFix(d.wrongShape(row.Name, "true or false", e.Value, "bool"), follow(e.Value))
			}
		case *[]Text:
			*to = d.texts(row.Name, e.Value)
		case *Scopes:
			d.scopes(to, e.Value, func(s string) string { return s })
		}
	}
	ok := true
	if dl.URL.Value == "" {
		d.missing(m, "Missing URL in download config.", "url", slots[0].entry)
		ok = false
	} else if dl.Dest.Value == "" {
		d.missing(m, fmt.Sprintf("Missing 'dest' in download config for '%s'", clip(dl.URL.Value)), "dest", slots[1].entry)
	}
	return ok
}

// errands reads a mapping of errands and adds it to list, where it replaces equal names.
func (d *decoder) errands(row *Field, n syntax.Node, list []*Errand) []*Errand {
	m := d.mappingOf("errands", n, "map[string]interface {}")
	if m == nil {
		return list
	}
	at := make(map[string]int, len(list))
	for i, e := range list {
		at[e.Name.Value] = i
	}
	nameless := -1 // index of the finding about the first entry that is a line of an errand
	for _, entry := range d.entries(m) {
		name, ok := d.keyText(entry, "errands", "string")
		if !ok {
			continue
		}
		e := &Errand{Node: entry.Value, Name: name, unit: entry.Unit}
		switch v := d.node(entry.Value).(type) {
		case *syntax.Mapping:
			if k := d.known(entry.Unit).errand; k != nil && k.Node == entry.Value && k.Name.Node == name.Node {
				e = k
				break
			}
			said := len(d.list)
			if d.errand(e, row, v); len(d.list) == said && e.closed() {
				d.note(entry.Unit, func(k *known) { k.errand = e })
			}
		case *syntax.Bad:
			continue
		default:
			keys := keyTable(errandKeys, "")
			isKey := keys.find(name.Value) >= 0
			if isKey && nameless >= 0 {
				d.likewise(nameless, v)
				continue
			}
			x := d.report(diag.WrongShape, orKey(entry, v), fmt.Sprintf("Expecting a dictionary for errand %s", name.Value))
			x.Hint = "write a mapping with \"run\""
			if isKey {
				x.Hint = "the name of the errand is missing above it"
				nameless = len(d.list) - 1
			}
			continue
		}
		if i, ok := at[name.Value]; ok {
			list[i] = e
			continue
		}
		at[name.Value] = len(list)
		list = append(list, e)
	}
	return list
}

// closed reports whether what runs does not depend on the files of the package.
func (e *Errand) closed() bool {
	return !e.Script.Set() && (e.Run == nil || e.Run.Form == Inline && !e.Run.Script.Set() && !e.Run.Cmd.Set())
}

func (d *decoder) errand(e *Errand, row *Field, m *syntax.Mapping) {
	var slots [4]slot
	t := keyTable(errandKeys, "errands")
	t.oddKey = func(string) string { return fmt.Sprintf("Expecting string key for errand %s", e.Name.Value) }
	d.collect(m, &t, slots[:], false)
	broken := false
	for i := range errandKeys {
		entry := slots[i].entry
		if entry == nil {
			continue
		}
		key := &errandKeys[i]
		switch to := key.Bind(e).(type) {
		case *Text:
			read := false
			*to, read = d.stringKey(entry, false, func(string) string {
				return fmt.Sprintf("Expecting string value for %s field in errand %s", key.Name, e.Name.Value)
			})
			broken = broken || !read && key.Name == "script"
		case **Step:
			before := len(d.list)
			*to = d.step(nil, entry)
			broken = broken || *to == nil && (len(d.list) > before || isBad(follow(entry.Value)))
		case *[]*Variable:
			if v := d.node(entry.Value); !isBad(v) && !isNull(v) {
				if _, ok := v.(*syntax.Sequence); !ok {
					d.report(diag.WrongShape, shown(v), fmt.Sprintf("Expecting list type for inputs key in errand %s", e.Name.Value))
					break
				}
			}
			*to = d.variables(place{field: row, errand: &e.Name}, entry.Value)
		}
	}
	if broken || e.Run != nil || e.Script.Value != "" {
		return
	}
	if run := slots[1].entry; run != nil {
		if s, ok := follow(run.Value).(*syntax.Scalar); ok && s.Kind == syntax.String {
			d.report(diag.MissingKey, orKey(run, s), "Missing value for 'run' field in errand.")
			return
		}
	}
	d.missing(m, fmt.Sprintf("Missing 'run' in errand '%s'", e.Name.Value), "run", slots[1].entry)
}
