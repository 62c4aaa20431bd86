package check

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// everyTemplate are the names that every template gets besides inputs and its own mapping.
var everyTemplate = []string{"branch", "description", "id", "logo", "name", "release", "repository", "revision", "version",
	"versionless_release"}

// askedFor are names of the release and its deployment that a template gets only if its mapping says so.
var askedFor = []string{"deployment", "environment", "license", "project", "revision_author", "revision_message"}

// maxPartials is how many partials of one template are looked into.
const maxPartials = 64

// A templateFile is a template or one of its partials.
type templateFile struct {
	file   *source.File
	tags   []mustache.Tag
	within []string // sections around the place where a partial is taken in
}

// templateText looks into the file of a template and its partials: whether their syntax is right, and whether their tags
// get values. It warns only: a pre step may write a file anew before it is rendered.
func (c *checker) templateText(t *plan.Template) {
	if c.env.ReadFile == nil || c.env.Partial {
		c.info.uses.unknown = true
		return
	}
	files, whole := c.templateFiles(t)
	for _, f := range files {
		for _, tag := range f.tags {
			c.info.uses.tag(tag.Name)
		}
	}
	if !whole {
		c.info.uses.unknown = true
	}
	said := map[string]bool{}
	for _, f := range files {
		c.tags(t, f, said)
	}
	if whole {
		c.unusedMapping(t, files)
	}
}

// templateFiles reads a template and the partials that it takes in, each once. whole is false if something could not be
// read.
func (c *checker) templateFiles(t *plan.Template) (files []templateFile, whole bool) {
	dir := path.Dir(t.File.Value)
	seen := map[string]bool{}
	whole = true
	var read func(name string, within []string) bool
	read = func(name string, within []string) bool {
		if seen[name] {
			return true
		}
		if len(seen) == maxPartials || c.isRewritten(name) && name != t.File.Value {
			whole = false
			return true
		}
		text, err := c.env.ReadFile(name)
		if err != nil && c.isMade(name) {
			whole = false
			return true
		}
		if err != nil {
			return false
		}
		seen[name] = true
		f := source.NewFile(c.beside(name), string(text))
		tags, partials, err := mustache.Tags(f.Text())
		var wrong *mustache.Error
		if errors.As(err, &wrong) {
			whole = false
			span := source.Span{Start: int32(wrong.Offset), End: int32(min(wrong.Offset+1, len(f.Text())))}
			x := c.templateReport(t, diag.TemplateSyntax, f, span, "the template cannot be rendered: "+wrong.Msg)
			if wrong.Opened != "" {
				c.sectionNames(x, t, wrong)
			}
			return true
		}
		files = append(files, templateFile{f, tags, within})
		for _, p := range partials {
			if filepath.IsLocal(p.Name) && slices.ContainsFunc(mustache.PartialFiles(p.Name), func(file string) bool {
				return read(path.Join(dir, file), append(slices.Clip(within), p.Within...))
			}) {
				continue
			}
			whole = false
			if c.p.PreBuild == nil && c.p.PreDeploy == nil { // else one of them may write it
				span := source.Span{Start: int32(p.Offset), End: int32(p.Offset + len(p.Name))}
				message := fmt.Sprintf("there is no file %q, so nothing is written here", path.Join(dir, p.Name))
				if !filepath.IsLocal(p.Name) {
					message = "a partial from outside of the folder is not read, so nothing is written here"
				}
				x := c.templateReport(t, diag.PartialMissing, f, span, message)
				if near, ok := c.similarFile(path.Join(dir, p.Name), ".mustache", ".stache"); ok && filepath.IsLocal(p.Name) && path.Base(p.Name) == p.Name && edit.IsPath(path.Base(near)) {
					near = path.Base(near)
					x.Message += fmt.Sprintf("; did you mean %q?", near)
					x.Fixes = replaceFix(span, near, fmt.Sprintf("replace with %q", near))
				}
				x.Hint = "partials are files in the folder of the template, whose names may end in .mustache or .stache"
			}
		}
		return true
	}
	if !read(t.File.Value, nil) {
		return nil, false
	}
	return files, whole
}

// sectionNames improves x, which is about a section that ends with another name than it begins with: one of both is misspelt.
func (c *checker) sectionNames(x *diag.Diagnostic, t *plan.Template, wrong *mustache.Error) {
	x.Message = fmt.Sprintf("the template cannot be rendered: the section %q is closed as %q", wrong.Opened, wrong.Closed)
	at, good := wrong.Offset, wrong.Opened
	bad := wrong.Closed
	names := c.templateNames(t)
	if slices.Contains(names, wrong.Closed) && !slices.Contains(names, wrong.Opened) {
		at, good, bad = wrong.OpenedAt, wrong.Closed, wrong.Opened
	}
	text := x.File.Text()[at:]
	if n := strings.Index(text, bad); n >= 0 {
		x.Span = source.Span{Start: int32(at + n), End: int32(at + n + len(bad))}
	}
	if _, near := c.nearest(bad, []string{good}); near {
		x.Message += fmt.Sprintf("; did you mean %q?", good)
		x.Fixes = replaceFix(x.Span, good, fmt.Sprintf("replace with %q", good))
	}
}

// templateReport reports something in a file of a template.
func (c *checker) templateReport(t *plan.Template, code *diag.Entry, f *source.File, span source.Span, message string) *diag.Diagnostic {
	c.list = append(c.list, diag.New(code, f, span, message))
	x := &c.list[len(c.list)-1]
	x.Related = []diag.Related{{File: c.src, Span: t.File.Span(), Message: "the template is rendered here"}}
	return x
}

// tags reports tags that get no value, each name once for all files of a template.
func (c *checker) tags(t *plan.Template, file templateFile, said map[string]bool) {
	if c.inherited.moreInputs {
		return // what is not known may be the missing input
	}
	names := c.templateNames(t)
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	for _, tag := range file.tags {
		within := tag.Within
		if len(file.within) > 0 {
			within = append(slices.Clip(file.within), tag.Within...)
		}
		first, _, _ := strings.Cut(tag.Name, ".")
		if first == "" || known[first] || said[first] || mayHoldKeys(t, within) ||
			slices.ContainsFunc(within, func(section string) bool { return said[section] }) {
			continue
		}
		said[first] = true
		code, message := diag.TemplateTag, fmt.Sprintf("%q has no value", tag.Name)
		switch {
		case tag.Section:
			code, message = diag.TemplateSection, fmt.Sprintf("the section %q has no value", tag.Name)
		case len(within) > 0:
			code, message = diag.TemplateSection, message+" inside the section either"
		}
		plain, v := strings.TrimSpace(strings.TrimPrefix(tag.Name, "&")), c.inputs.get(first)
		similar := ""
		if v != nil {
			message += fmt.Sprintf(": that input exists only in the %s stage", v.stages)
		} else if near, ok := c.nearest(first, names); ok && near != plain {
			message += fmt.Sprintf("; did you mean %q?", near)
			similar = near
		}
		span := source.Span{Start: int32(tag.Offset), End: int32(tag.Offset + len(tag.Name))}
		x := c.templateReport(t, code, file.file, span, message)
		if similar != "" && tag.Name[0] != '&' && plain == tag.Name {
			at := source.Span{Start: span.Start, End: span.Start + int32(len(first))}
			x.Fixes = c.renameTag(file, first, similar, at)
		}
		switch {
		case tag.Name[0] == '&':
			x.Hint = "write {{{" + plain + "}}} for text that is not escaped"
		case plain != tag.Name:
			x.Hint = "blanks count between three braces: write {{{" + plain + "}}}"
			if !known[plain] {
				break
			}
			x.Fixes = []diag.Fix{{Title: "leave the blanks out", Preferred: true, Edits: []source.Edit{{Span: span, New: plain}}}}
		case slices.Contains(askedFor, first):
			x.Hint = "map it: " + c.p.Spelled(fmt.Sprintf("{%s: $this.%s}", first, first), fmt.Sprintf("{ %s = this.%s }", first, first))
			if fix, ok := c.addMapping(t, first, "$this."+first); ok {
				x.Fixes = append(x.Fixes, fix)
			}
		case v != nil:
			x.Hint = "map it, or render the template in that stage only"
		default:
			x.Hint = "tags get inputs, facts about the release, and what \"mapping\" says"
		}
	}
}

// renameTag replaces a name in all tags of a file: the end of a section has to be renamed with it.
func (c *checker) renameTag(file templateFile, old, name string, first source.Span) []diag.Fix {
	fix := diag.Fix{Title: fmt.Sprintf("replace with %q", name), Preferred: true, Edits: []source.Edit{{Span: first, New: name}}}
	ends := 0 // sections with the name: their ends are no tags that have a place
	for _, tag := range file.tags {
		if tag.Section && tag.Name == old {
			ends++
		}
		if int32(tag.Offset) != first.Start && (tag.Name == old || strings.HasPrefix(tag.Name, old+".")) {
			fix.Edits = append(fix.Edits, source.Edit{Span: source.Span{Start: int32(tag.Offset), End: int32(tag.Offset + len(old))}, New: name})
		}
	}
	for _, end := range regexp.MustCompile(`\{\{\s*/\s*(`+regexp.QuoteMeta(old)+`)\s*\}\}`).FindAllStringSubmatchIndex(file.file.Text(), -1) {
		if ends > 0 {
			fix.Edits = append(fix.Edits, source.Edit{Span: source.Span{Start: int32(end[2]), End: int32(end[3])}, New: name})
		}
		ends--
	}
	if ends != 0 {
		return nil
	}
	return []diag.Fix{fix}
}

// addMapping gives a template a value under a name, in the plan.
func (c *checker) addMapping(t *plan.Template, name, value string) (diag.Fix, bool) {
	if c.p.File.Notation == syntax.HCL {
		return c.addMappingHCL(t, fmt.Sprintf("{ %s = %s }", name, c.p.Say(value)))
	}
	fix := diag.Fix{Title: fmt.Sprintf("map it: {%s: %s}", name, value), File: c.src}
	insert := func(m *syntax.Mapping, text string) {
		at := m.Entries[0].Key.Pos.Start
		behind := ", "
		if !m.Flow {
			line := c.src.Line(c.src.LineOf(int(at)))
			behind = "\n" + strings.Repeat(" ", int(at-line.Start))
		}
		fix.Edits = []source.Edit{{Span: source.Span{Start: at, End: at}, New: text + behind}}
	}
	pair := name + ": " + value
	m, isMapping := t.Node.(*syntax.Mapping)
	switch {
	case t.Short:
		s := t.File.Scalar()
		if s == nil || s.Style != syntax.Plain || t.Node != syntax.Node(s) {
			return fix, false
		}
		fix.Edits = []source.Edit{{Span: s.Pos, New: "{file: " + c.src.Slice(s.Pos) + ", mapping: {" + pair + "}}"}}
		return fix, true
	case !isMapping || len(m.Entries) == 0:
		return fix, false
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Key.Text != "mapping" {
			continue
		}
		inner, ok := e.Value.(*syntax.Mapping)
		if !ok || len(inner.Entries) == 0 {
			return fix, false
		}
		insert(inner, pair)
		return fix, true
	}
	insert(m, "mapping: {"+pair+"}")
	return fix, true
}

// addMappingHCL gives a template that has no mapping this one, in HCL.
func (c *checker) addMappingHCL(t *plan.Template, mapping string) (diag.Fix, bool) {
	if _, e := edit.Entry(t.Node, "mapping"); e != nil {
		return diag.Fix{}, false
	}
	m, e := edit.Entry(t.Node, "file")
	if e == nil {
		return diag.Fix{}, false
	}
	fixes := c.edit().Add(m, e, "mapping", mapping, false)
	if len(fixes) == 0 {
		return diag.Fix{}, false
	}
	fix := fixes[0]
	fix.Title, fix.File = "map it: "+mapping, c.src
	return fix, true
}

// templateNames returns the names that have a value in a template: inputs only if they exist in all of its stages.
func (c *checker) templateNames(t *plan.Template) []string {
	stages := t.Scopes.Stages()
	names := append([]string(nil), everyTemplate...)
	for i := range t.Mapping {
		names = append(names, t.Mapping[i].Key.Value)
	}
	for _, v := range c.inputs.list {
		if v.stages&stages == stages {
			names = append(names, v.ID.Value)
		}
	}
	for _, in := range c.inherited.inputs.list {
		if in.stages&stages == stages {
			names = append(names, in.v.ID)
		}
	}
	return names
}

// mayHoldKeys reports whether one of the sections gets a value that may be a mapping, whose keys are names inside of it.
func mayHoldKeys(t *plan.Template, sections []string) bool {
	for _, section := range sections {
		first, _, dotted := strings.Cut(section, ".")
		if dotted {
			return true
		}
		for i := range t.Mapping {
			v := &t.Mapping[i].Value
			if t.Mapping[i].Key.Value == first && (v.Kind == plan.Map || v.Kind == plan.List || v.Kind == plan.Absent || v.Expr != nil) {
				return true
			}
		}
	}
	return false
}

// unusedMapping reports keys of the mapping that no tag of the template uses.
func (c *checker) unusedMapping(t *plan.Template, files []templateFile) {
	used := map[string]bool{}
	for _, f := range files {
		for _, tag := range f.tags {
			first, _, _ := strings.Cut(strings.TrimSpace(tag.Name), ".")
			used[first] = true
		}
	}
	for i := range t.Mapping {
		if key := t.Mapping[i].Key; !used[key.Value] {
			c.report(diag.UnusedMapping, key.Span(), fmt.Sprintf("the template %q has no tag %q, so this is not used", t.File.Value, key.Value)).Fixes = c.edit().RemovePair(t.Node, "mapping", key.Node, true)
		}
	}
}
