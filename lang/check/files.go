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
	if c.env.ReadDir == nil {
		return
	}
	dir, base := path.Split(t.Value)
	if c.suggested++; c.suggested > maxSuggestions {
		return
	}
	entries, err := c.env.ReadDir(path.Clean("./" + dir))
	if err != nil {
		return
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && len(names) < 1000 {
			names = append(names, e.Name())
		}
	}
	near, ok := diag.Nearest(base, names)
	if !ok {
		return
	}
	if x.Original == "" {
		x.Original = x.Message
	}
	x.Message += fmt.Sprintf("; did you mean %q?", dir+near)
	x.Fixes = replaceFix(t.Span(), dir+near, fmt.Sprintf("replace with %q", dir+near))
}

// isMade reports whether the plan itself makes the file: a download, a template, or a pattern of generates.
func (c *checker) isMade(file string) bool {
	if c.generated == nil {
		c.generated = map[string]bool{}
		for _, d := range c.p.Downloads {
			c.generated[path.Clean(d.Dest.Value)] = true
		}
		for _, list := range [][]*plan.Template{c.p.Templates, c.p.BuildTemplates, c.p.DeployTemplates} {
			for _, t := range list {
				c.generated[path.Clean(t.TargetPath())] = true
			}
		}
	}
	file = path.Clean(file)
	if c.generated[file] {
		return true
	}
	for _, d := range c.p.Downloads {
		if d.Unpack.Value {
			return true // nobody knows what is in an archive
		}
	}
	for _, p := range c.p.Generates {
		pattern := path.Clean(p.Value)
		if ok, err := path.Match(pattern, file); err == nil && ok || strings.HasPrefix(file, pattern+"/") || pattern == "." {
			return true
		}
	}
	return strings.HasPrefix(file, "deps/")
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
		}
		return
	}
	x := c.report(diag.BadPattern, p.Span(), fmt.Sprintf("the pattern %q cannot be read and is skipped", p.Value))
	x.Original = "Warning: ignoring pattern error: syntax error in pattern"
	if strings.Contains(p.Value, "[") {
		x.Hint = "a \"[\" needs its \"]\"; write \"\\\\[\" for the character itself"
	}
}
