package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// everyTemplate are the names that every template gets besides inputs and its own mapping.
var everyTemplate = []string{"branch", "description", "id", "logo", "name", "release", "repository", "revision", "version",
	"versionless_release"}

// askedFor are names of the release and its deployment that a template gets only if its mapping says so.
var askedFor = []string{"deployment", "environment", "license", "project", "revision_author", "revision_message"}

// templateText looks into the file of a template: whether its syntax is right, and whether its tags get values. It warns
// only: a pre step may write the file anew before it is rendered.
func (c *checker) templateText(t *plan.Template) {
	if c.env.ReadFile == nil || c.env.Partial {
		return
	}
	text, err := c.env.ReadFile(t.File.Value)
	if err != nil {
		return
	}
	f := source.NewFile(c.beside(t.File.Value), string(text))
	tags, partials, err := mustache.Tags(f.Text())
	var wrong *mustache.Error
	if errors.As(err, &wrong) {
		x := c.report(diag.TemplateSyntax, t.File.Span(), fmt.Sprintf("the template %q cannot be rendered: %s", t.File.Value, err))
		x.Related = []diag.Related{{File: f, Span: source.Span{Start: int32(wrong.Offset), End: int32(wrong.Offset + 1)}, Message: wrong.Msg}}
		return
	}
	c.tags(t, f, tags)
	if partials == 0 {
		c.unusedMapping(t, tags)
	}
}

// tags reports tags that get no value, each name once.
func (c *checker) tags(t *plan.Template, f *source.File, tags []mustache.Tag) {
	if c.inherited.unknown {
		return // what is not known may be the missing input
	}
	names := c.templateNames(t)
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	said := map[string]bool{}
	for _, tag := range tags {
		first, _, _ := strings.Cut(tag.Name, ".")
		if first == "" || known[first] || said[first] || mayHoldKeys(t, tag.Within) ||
			slices.ContainsFunc(tag.Within, func(section string) bool { return said[section] }) {
			continue
		}
		said[first] = true
		code, message := diag.TemplateTag, fmt.Sprintf("the template %q writes %q, which has no value", t.File.Value, tag.Name)
		switch {
		case tag.Section:
			code, message = diag.TemplateSection, fmt.Sprintf("the template %q has a section %q, which has no value", t.File.Value, tag.Name)
		case len(tag.Within) > 0:
			code, message = diag.TemplateSection, message+" inside the section either"
		}
		plain, v := strings.TrimSpace(strings.TrimPrefix(tag.Name, "&")), c.byID[first]
		if v != nil {
			message += fmt.Sprintf(": that input exists only in the %s stage", v.stages)
		} else if near, ok := c.nearest(first, names); ok && near != plain {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		x := c.report(code, t.File.Span(), message)
		x.Related = []diag.Related{{File: f, Span: source.Span{Start: int32(tag.Offset), End: int32(tag.Offset + len(tag.Name))}, Message: "here"}}
		switch {
		case tag.Name[0] == '&':
			x.Hint = "write {{{" + plain + "}}} for text that is not escaped"
		case plain != tag.Name:
			x.Hint = "blanks count between three braces: write {{{" + plain + "}}}"
		case slices.Contains(askedFor, first):
			x.Hint = fmt.Sprintf("map it: {%s: $this.%s}", first, first)
		case v != nil:
			x.Hint = "map it, or render the template in that stage only"
		default:
			x.Hint = "tags get inputs, facts about the release, and what \"mapping\" says"
		}
	}
}

// templateNames returns the names that have a value in a template: inputs only if they exist in all of its stages.
func (c *checker) templateNames(t *plan.Template) []string {
	stages := t.Scopes.Stages()
	names := append([]string(nil), everyTemplate...)
	for i := range t.Mapping {
		names = append(names, t.Mapping[i].Key.Value)
	}
	for _, v := range c.inputs {
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
func (c *checker) unusedMapping(t *plan.Template, tags []mustache.Tag) {
	used := make(map[string]bool, len(tags))
	for _, tag := range tags {
		first, _, _ := strings.Cut(strings.TrimSpace(tag.Name), ".")
		used[first] = true
	}
	for i := range t.Mapping {
		if key := t.Mapping[i].Key; !used[key.Value] {
			c.report(diag.UnusedMapping, key.Span(), fmt.Sprintf("the template %q has no tag %q, so this is not used", t.File.Value, key.Value))
		}
	}
}
