package check

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// suggestFile adds to x the file that is most like the missing one t.
func (c *checker) suggestFile(x *diag.Diagnostic, t plan.Text) {
	near, ok := c.similarFile(t.Value)
	if !ok {
		return
	}
	if x.Original == "" {
		x.Original = x.Message
	}
	x.Message += fmt.Sprintf("; did you mean %q?", near)
	x.Fixes = replaceFix(t.Span(), near, fmt.Sprintf("replace with %q", near))
}

// similarFile returns the file that is most like a missing one, of those whose names end in one of the extensions, if any
// are given: it is named without that.
func (c *checker) similarFile(file string, extensions ...string) (string, bool) {
	if c.env.ReadDir == nil {
		return "", false
	}
	dir, base := path.Split(file)
	if c.suggested++; c.suggested > maxSuggestions {
		return "", false
	}
	entries, err := c.env.ReadDir(path.Clean("./" + dir))
	if err != nil {
		return "", false
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		ok := len(extensions) == 0
		for _, ext := range extensions {
			if short, found := strings.CutSuffix(name, ext); found && !ok {
				name, ok = short, true
			}
		}
		if ok && !e.IsDir() && len(names) < 1000 {
			names = append(names, name)
		}
	}
	near, ok := diag.Nearest(base, names)
	return dir + near, ok
}

// escapePattern adds to x the fix of a pattern that is the name of a file: its brackets stand for themselves.
func (c *checker) escapePattern(x *diag.Diagnostic, p plan.Text) {
	if exists, _ := c.isFile(p.Value); !exists || c.src.Slice(p.Span()) != p.Value || strings.Contains(p.Value, `\`) {
		return
	}
	sign := `\[`
	if s := p.Scalar(); s.Style == syntax.DoubleQuoted {
		sign = `\\[`
	}
	x.Fixes = replaceFix(p.Span(), strings.ReplaceAll(p.Value, "[", sign), "take the bracket for itself")
}

// isMade reports whether the plan itself makes the file: a download, a template, or a pattern of generates; or whether it may
// come out of an archive that is unpacked.
func (c *checker) isMade(file string) bool {
	return c.isRewritten(file) || under(c.made.unpacked, path.Clean(file)) || c.made.unpacked["."]
}

// isRewritten reports whether a file that is there may be another one when the plan runs. What is in an archive nobody knows,
// but archives are not unpacked over the files of a package.
func (c *checker) isRewritten(file string) bool {
	if c.made == nil {
		c.made = c.newMade()
	}
	return c.made.has(path.Clean(file))
}

// made says which files the plan itself makes, with its extensions.
type made struct {
	all      bool            // nobody knows what else
	paths    map[string]bool // files, and folders of which all is made
	unpacked map[string]bool // folders into which archives are unpacked
	globs    []string
	tries    int // how often globs were matched
}

// maxTries is how often patterns are compared with paths: a plan may hold many of both.
const maxTries = 1_000_000

func (c *checker) newMade() *made {
	m := &made{paths: map[string]bool{"deps": true}, unpacked: map[string]bool{}}
	m.all = c.p.Lost.Field("generates", "downloads", "templates", "build_templates", "deploy_templates")
	for _, d := range c.p.Downloads {
		m.paths[path.Clean(d.Dest.Value)] = true
		if d.Unpack.Value {
			m.unpacked[path.Dir(path.Clean(d.Dest.Value))] = true
		}
	}
	for _, list := range [][]*plan.Template{c.p.Templates, c.p.BuildTemplates, c.p.DeployTemplates} {
		for _, t := range list {
			m.paths[path.Clean(t.TargetPath())] = true
		}
	}
	generates := make([]string, 0, len(c.p.Generates))
	for _, p := range c.p.Generates {
		generates = append(generates, p.Value)
	}
	for _, e := range c.extensions {
		if e.m == nil {
			continue
		}
		generates = append(generates, e.m.Generates...)
		for _, d := range e.m.Downloads {
			m.paths[path.Clean(d.Dest)] = true
			if d.Unpack {
				m.unpacked[path.Dir(path.Clean(d.Dest))] = true
			}
		}
	}
	for _, pattern := range generates {
		pattern = path.Clean(pattern)
		m.all = m.all || pattern == "."
		m.paths[pattern] = true
		if strings.ContainsAny(pattern, `*?[\`) {
			m.globs = append(m.globs, pattern)
		}
	}
	return m
}

func (m *made) has(file string) bool {
	if m.all {
		return true
	}
	if under(m.paths, file) {
		return true
	}
	for _, glob := range m.globs {
		if m.tries++; m.tries > maxTries {
			return true
		}
		if ok, err := path.Match(glob, file); err == nil && ok {
			return true
		}
	}
	return false
}

// under reports whether a file or a folder above it is in the set.
func under(paths map[string]bool, file string) bool {
	for dir := file; dir != "." && dir != "/" && dir != ".."; dir = path.Dir(dir) {
		if paths[dir] {
			return true
		}
	}
	return false
}

// patterns checks includes and generates.
func (c *checker) patterns() {
	for _, p := range c.p.Includes {
		c.pattern(p)
	}
	for _, p := range c.p.Generates {
		c.pattern(p)
	}
	if c.env.Stat == nil || c.unclosed("includes") {
		return
	}
	for _, p := range c.p.Includes {
		if p.Value == "" || strings.ContainsAny(p.Value, `*?[\`) || c.isMade(p.Value) {
			continue
		}
		if _, err := c.env.Stat(p.Value); err != nil {
			x := c.report(diag.IncludeMissing, p.Span(), fmt.Sprintf("there is no file or folder %q; it is left out of the package", p.Value))
			c.suggestFile(x, p)
			x.Original = ""
			if p.Value == "README.md" {
				x.Severity = diag.Advice // a new plan names it before anybody has written it
			}
		}
	}
}

// unclosed reports whether the list of a field has lost its closing bracket, so that nobody knows where it ends.
func (c *checker) unclosed(field string) bool {
	root, ok := c.p.File.Root.(*syntax.Mapping)
	if !ok || !c.env.Partial {
		return false
	}
	e, _ := written(root, field)
	if e == nil {
		return false
	}
	list, ok := e.Value.(*syntax.Sequence)
	return ok && list.Flow && !strings.HasSuffix(c.src.Slice(list.Pos), "]")
}

// pattern reports a glob pattern that cannot be read.
func (c *checker) pattern(p plan.Text) {
	if _, err := filepath.Match(p.Value, "x"); err == nil {
		if i := strings.Index(p.Value, "**"); i >= 0 {
			x := c.report(diag.DoubleStar, p.At(source.Span{Start: int32(i), End: int32(i) + 2}), "\"**\" means the same as \"*\": it does not cross folders")
			x.Hint = "name the folder instead: everything below it is taken"
			if strings.HasSuffix("/"+p.Value, "/**") && i+2 == len(p.Value) && c.src.Slice(x.Span) == "**" {
				x.Fixes = replaceFix(x.Span, "*", "write \"*\"") // of folders that match all is taken
			}
		}
		return
	}
	x := c.report(diag.BadPattern, p.Span(), fmt.Sprintf("the pattern %q cannot be read and is skipped", p.Value))
	x.Original = "ignoring pattern error: syntax error in pattern"
	if strings.Contains(p.Value, "[") {
		x.Hint = "a \"[\" needs its \"]\"; write \"\\\\[\" for the character itself"
		c.escapePattern(x, p)
	}
}
