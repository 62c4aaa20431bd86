package complete

import (
	"context"
	"slices"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// shell offers variables of Escape in a script that stands in the plan.
func (c *completer) shell() {
	if c.Info == nil || len(c.spot.trail) == 0 {
		return
	}
	var errand *plan.Errand
	step := c.spot.trail[0]
	if step == "errands" && c.Plan != nil {
		for _, e := range c.Plan.Errands {
			if e.Name.Value == c.spot.name(1) {
				errand = e
			}
		}
	}
	c.variables(c.Info.ScriptNames(step, errand), true)
}

// variables offers variables where a name of one can be. In shell scripts that is behind a "$"; elsewhere the word must begin
// like one.
func (c *completer) variables(names []types.Field, shell bool) {
	text := c.Source.Text()
	start := c.Offset - len(tailWord(text[:c.Offset]))
	word := text[start:c.Offset]
	before := text[:start]
	marked := strings.HasSuffix(before, "$") || strings.HasSuffix(before, "${")
	like := len(word) > 1 && (strings.HasPrefix("INPUT_", word) || strings.HasPrefix("OUTPUT_", word) || strings.HasPrefix("ESCAPE_", word) ||
		strings.HasPrefix(word, "INPUT_") || strings.HasPrefix(word, "OUTPUT_") || strings.HasPrefix(word, "ESCAPE_"))
	if shell && !marked || !shell && !marked && !like || inComment(text, start) {
		return
	}
	c.over(start, wordLen(text[c.Offset:]))
	for i, f := range names {
		if strings.Contains(f.Name, "-") && shell {
			continue // no shell can name it
		}
		it := Item{Label: f.Name, Kind: KindVariable, Detail: f.Type.String(), Doc: f.Doc, Rank: i}
		if strings.HasSuffix(before, "{") && !strings.HasPrefix(text[c.Offset+wordLen(text[c.Offset:]):], "}") {
			it.Text = f.Name + "}"
		}
		c.add(it)
	}
}

// inComment reports whether a place of a script is in a comment, as most languages write them.
func inComment(text string, off int) bool {
	start, _ := lineAround(text, off)
	line := strings.TrimSpace(text[start:off])
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.Contains(text[start:off], " # ")
}

// A User is a plan that uses a file.
type User struct {
	World
	// Steps are the steps that run the file as a script, and Errands the errands that do. Templates are those of which it is
	// the file.
	Steps     []string
	Errands   []*plan.Errand
	Templates []*plan.Template
	// Shell says that it is a shell script.
	Shell bool
}

// InFile returns what can be written at a place of a script or template that plans use: what all of them give it.
func InFile(ctx context.Context, f *source.File, off int, users []User) List {
	c := completer{Request: Request{Source: f, Offset: min(max(off, 0), len(f.Text()))}, ctx: ctx}
	var names []types.Field
	var written, tags []types.Field
	first := true
	shell := false
	for _, u := range users {
		if u.Info == nil {
			continue
		}
		for _, step := range u.Steps {
			names = common(names, u.Info.ScriptNames(step, nil), first)
			written = append(written, u.Info.WrittenNames(step)...)
			first = false
		}
		for _, e := range u.Errands {
			names = common(names, u.Info.ScriptNames("", e), first)
			first = false
		}
		for _, t := range u.Templates {
			always, _ := u.Info.TemplateNames(t)
			for _, name := range always {
				tags = append(tags, types.Field{Name: name})
			}
		}
		shell = shell || u.Shell
	}
	switch {
	case len(tags) > 0 && c.tag(tags):
	case first:
	case c.ignores():
	default:
		c.variables(names, shell)
		if len(c.list.Items) == 0 {
			c.outputKeys(written)
		}
	}
	return c.finish()
}

// ignores offers what a comment of a script tells the linter; false if the cursor is in no such comment.
func (c *completer) ignores() bool {
	text := c.Source.Text()
	start, _ := lineAround(text, c.Offset)
	i := strings.Index(text[start:c.Offset], "escape:")
	if i < 0 || !inComment(text, start+i) {
		return false
	}
	c.spot = spot{kind: atComment, at: start + i, text: text[start+i : c.Offset]}
	c.codes()
	return true
}

// common returns the names that are in both lists: those that have a value whoever runs the script.
func common(a, b []types.Field, first bool) []types.Field {
	if first {
		return b
	}
	return slices.DeleteFunc(a, func(f types.Field) bool {
		return !slices.ContainsFunc(b, func(g types.Field) bool { return g.Name == f.Name })
	})
}

// outputKeys offers the outputs where a script writes a key of a JSON object.
func (c *completer) outputKeys(written []types.Field) {
	text := c.Source.Text()
	start := c.Offset - len(tailWord(text[:c.Offset]))
	q := ""
	for _, mark := range []string{`\"`, `"`, `'`} {
		if strings.HasSuffix(text[:start], mark) {
			q = mark
			break
		}
	}
	if q == "" {
		return
	}
	before := strings.TrimRight(strings.TrimSuffix(text[:start], q), " \t")
	if !strings.HasSuffix(before, "{") && !strings.HasSuffix(before, ",") {
		return
	}
	c.over(start, wordLen(text[c.Offset:]))
	for i, f := range written {
		it := Item{Label: f.Name, Kind: KindMember, Detail: "output, " + f.Type.String(), Doc: f.Doc, Rank: i}
		if !strings.HasPrefix(text[c.Offset+wordLen(text[c.Offset:]):], q) {
			it.Text = f.Name + q
		}
		c.add(it)
	}
}
