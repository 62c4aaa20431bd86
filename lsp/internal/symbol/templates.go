package symbol

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// maxPartials is how many files of one template are looked into.
const maxPartials = 64

// templates adds the tags of templates and of the partials that they take in.
func (x *Index) templates() {
	if x.dir == "" {
		return
	}
	said := map[rendered]bool{}
	for _, t := range x.an.Plan.AllTemplates() {
		r := rendering{x: x, t: t, seen: map[string]bool{}, said: said}
		r.file(path.Clean(t.File.Value), nil)
	}
}

// A rendering goes through the files of one template.
type rendering struct {
	x    *Index
	t    *plan.Template
	seen map[string]bool
	said map[rendered]bool
}

// A rendered is a word of a template and what one rendering makes of it.
type rendered struct {
	file string
	span source.Span
	id   ID
}

// file adds the tags of a file, which is taken in inside of some sections. It reports whether there is one.
func (r *rendering) file(name string, within []string) bool {
	if r.seen[name] {
		return true
	}
	if len(r.seen) == maxPartials || !filepath.IsLocal(name) {
		return false
	}
	f := r.x.snap.SourceOf(r.x.abs(name))
	if f == nil {
		return false
	}
	r.seen[name] = true
	tags, partials, err := mustache.Tags(f.Text())
	if err != nil {
		return true
	}
	for i := range tags {
		r.tag(f, &tags[i], within)
	}
	for _, p := range partials {
		inside := slices.Concat(within, p.Within)
		for _, file := range mustache.PartialFiles(p.Name) {
			file = path.Join(path.Dir(path.Clean(r.t.File.Value)), file)
			if r.file(file, inside) {
				r.put(f, Occurrence{ID: ID{Kind: Template, Name: r.x.abs(file)}}, p.Offset, len(p.Name))
				break
			}
		}
	}
	return true
}

func (r *rendering) tag(f *source.File, tag *mustache.Tag, within []string) {
	name, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(tag.Name, "&")), ".")
	if name == "" || r.isKey(slices.Concat(within, tag.Within)) {
		return
	}
	o := Occurrence{ID: r.x.mine(Input, name)}
	for i := range r.t.Mapping {
		if r.t.Mapping[i].Key.Value == name {
			o.ID, o.Def = r.x.tag(r.t, name), &r.t.Mapping[i]
		}
	}
	if o.Kind == Input && slices.Contains(everywhere, name) && !r.x.declares(Input, name) {
		o.ID = ID{Kind: Field, Name: name}
	}
	at := strings.Index(tag.Name, name)
	r.put(f, o, tag.Offset+at, len(name))
	if tag.Close > 0 {
		r.put(f, o, tag.Close+at, len(name))
	}
}

// put adds a word of a template; what several plans or renderings make of it only once.
func (r *rendering) put(f *source.File, o Occurrence, at, n int) {
	o.Place = Place{f, source.Span{Start: int32(at), End: int32(at + n)}}
	key := rendered{f.Name(), o.Span, o.ID}
	if !r.said[key] {
		r.said[key] = true
		r.x.put(o)
	}
}

// everywhere are the tags that every template gets a value for.
var everywhere = []string{"branch", "description", "id", "logo", "name", "release", "repository", "revision", "version", "versionless_release"}

// isKey reports whether a tag inside of sections may be a key of what one of them gets.
func (r *rendering) isKey(sections []string) bool {
	for _, section := range sections {
		first, _, dotted := strings.Cut(section, ".")
		if dotted {
			return true
		}
		for i := range r.t.Mapping {
			if r.t.Mapping[i].Key.Value == first && r.holdsKeys(&r.t.Mapping[i].Value) {
				return true
			}
		}
	}
	return false
}

// holdsKeys reports whether a value may be a mapping, or a list of such.
func (r *rendering) holdsKeys(v *plan.Value) bool {
	if v.Expr != nil {
		e, ok := r.x.an.Info.At(int(plan.Text{Value: v.Text, Node: v.Node}.Span().Start))
		if !ok {
			return true
		}
		t := e.Type
		if t.Kind() == types.KindList {
			t = t.Elem()
		}
		return t.Kind() != types.KindString && t.Kind() != types.KindInt && t.Kind() != types.KindBool
	}
	if v.Kind == plan.List {
		return slices.ContainsFunc(v.List, func(v plan.Value) bool { return r.holdsKeys(&v) })
	}
	return v.Kind == plan.Map || v.Kind == plan.Absent
}
