// Package complete says what can be written at a place of a plan, of a script that a plan uses, or of a template. It knows
// nothing of the protocol: it takes a text with an offset and gives words to write there.
//
// Where the cursor is it finds out from the lines around it and not from a syntax tree, so that text which cannot be read
// anywhere, the line of the cursor included, costs nothing else. What names mean comes from an analysis, which may be that of
// an older text.
//
// Read complete.go, then spot.go (what is known of a place), yaml.go and hcl.go (finding it out), then what is offered: keys.go, values.go, exprs.go, releases.go, files.go, shell.go and tags.go.
// signature.go answers for calls.
package complete

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Request asks what can be written at Offset of a plan.
type Request struct {
	Source   *source.File
	Offset   int
	Notation syntax.Notation
	World
	// Trigger is the character that was typed to ask; empty if somebody asked.
	Trigger string
	// Lines says that items may be several lines, whose indentation is kept as it is.
	Lines bool
}

// A World is what is known besides the text. Whatever is nil is not known.
type World struct {
	Plan *plan.Plan
	Info *check.Info
	Deps check.Deps
	Env  check.Env
	// Packages returns the packages that can be depended on, as "project/name", and Versions the versions and tags of one. They
	// report false if there may be more of them later.
	Packages func(context.Context) ([]string, bool)
	Versions func(ctx context.Context, pkg string) ([]string, bool)
	// Interfaces returns the names of interfaces that somebody provides; false if there may be more.
	Interfaces func() ([]string, bool)
}

// maxItems is how many items a List has at most, and fewItems up to how many it has some that do not match what was typed: an
// editor shows them when some of that is deleted, without asking again.
const maxItems, fewItems = 100, 50

// A List is what can be written at a place, best first.
type List struct {
	Items []Item
	// Insert is what an item replaces: what was typed of it so far. Replace also covers what stands behind the cursor of the
	// same word.
	Insert, Replace source.Span
	// Incomplete says that there are more, or that others may come later.
	Incomplete bool
}

// An Item is something that can be written.
type Item struct {
	Label  string
	Kind   Kind
	Detail string // a few words: type or signature
	// Doc is Markdown; empty if Topic says where it is found.
	Doc string
	// Topic names what Describe knows more about.
	Topic string
	// Text is what is written, and Snippet the same with tab stops; empty if it has none.
	Text, Snippet string
	// Filter is what the typed word is compared with; empty if it is the label.
	Filter     string
	Deprecated bool
	Rank       int // small ones first
	// Commits are characters that accept the item and are typed behind it.
	Commits []string
}

// Kind is what sort of thing an item is.
type Kind uint8

// The kinds of items.
const (
	KindField Kind = iota
	KindBlock
	KindKey
	KindValue
	KindVariable
	KindMember
	KindFunction
	KindPackage
	KindVersion
	KindInterface
	KindFile
	KindFolder
	KindSnippet
	KindCode
)

// Complete returns what can be written at the place of r.
func Complete(ctx context.Context, r Request) List {
	r.Source = withLines(r.Source)
	r.Offset = min(max(r.Offset, 0), len(r.Source.Text()))
	s := r.spot()
	c := completer{Request: r, ctx: ctx, spot: s}
	switch {
	case !r.wanted(&s):
	case s.kind == atComment:
		c.codes()
	case s.kind == atKey:
		c.keys()
	case s.kind == atValue:
		c.value()
	}
	return c.finish()
}

// withLines returns f with LF for each CR alone, which ends a line for editors as well, so that one character tells lines apart.
// Offsets stay.
func withLines(f *source.File) *source.File {
	text := f.Text()
	if strings.Count(text, "\r") == strings.Count(text, "\r\n") {
		return f
	}
	b := []byte(text)
	for i, c := range b {
		if c == '\r' && !(i+1 < len(b) && b[i+1] == '\n') {
			b[i] = '\n'
		}
	}
	return source.NewFile(f.Name(), string(b))
}

// wanted reports whether somebody who typed the trigger may want to be asked: most who type a "." or a blank do not.
func (r *Request) wanted(s *spot) bool {
	switch r.Trigger {
	case " ":
		return s.kind == atComment || s.kind == atValue && (s.text == "" || strings.HasSuffix(s.text, " ") && !s.block)
	case ".":
		slot, ok := slotOf(s.trail)
		return s.kind == atValue && ok && slot.scripted()
	case "-":
		return s.kind == atValue && !s.block && (s.text == "" || s.text == "-" || strings.HasSuffix(s.text, "-"))
	case ":":
		return s.kind != atKey && !s.block
	}
	return true
}

// spot finds out what the place of the cursor is.
func (r *Request) spot() spot {
	if r.Notation == syntax.HCL {
		return hclSpot(r.Source.Text(), r.Offset)
	}
	return yamlSpot(r.Source.Text(), r.Offset)
}

type completer struct {
	Request
	ctx  context.Context
	spot spot
	list List
	seen map[string]bool
}

// over says what the items replace: from an offset up to the cursor, and n bytes behind it.
func (c *completer) over(start, n int) {
	c.list.Insert = source.Span{Start: int32(start), End: int32(c.Offset)}
	c.list.Replace = source.Span{Start: int32(start), End: int32(c.Offset + n)}
}

// typed is what was typed so far of what the items replace.
func (c *completer) typed() string {
	return c.Source.Slice(source.Span{Start: c.list.Insert.Start, End: int32(c.Offset)})
}

func (c *completer) add(items ...Item) {
	for _, it := range items {
		if c.seen == nil {
			c.seen = map[string]bool{}
		}
		if c.seen[it.Label] {
			continue
		}
		c.seen[it.Label] = true
		if it.Text == "" && it.Snippet == "" {
			it.Text = it.Label
		}
		if it.Topic != "" && c.Notation == syntax.HCL {
			it.Topic = hclTopic + it.Topic
		}
		c.list.Items = append(c.list.Items, it)
	}
}

// finish sorts the items, those first that begin as what was typed, and cuts the list.
func (c *completer) finish() List {
	typed := c.typed()
	if strings.Contains(typed, "\n") || c.list.Replace.Len() > 0 && strings.Contains(c.Source.Slice(c.list.Replace), "\n") {
		return List{} // no client can replace that
	}
	if c.spot.comma {
		for i := range c.list.Items {
			it := &c.list.Items[i]
			it.Text += ","
			if it.Snippet != "" {
				it.Snippet += ","
			}
		}
	}
	type ranked struct{ index, worth int }
	all := make([]ranked, len(c.list.Items))
	for i := range c.list.Items {
		it := &c.list.Items[i]
		all[i] = ranked{i, worth(typed, cmp.Or(it.Filter, it.Label))}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.worth, b.worth), cmp.Compare(c.list.Items[a.index].Rank, c.list.Items[b.index].Rank))
	})
	if n := slices.IndexFunc(all, func(r ranked) bool { return r.worth == noMatch }); n > 0 && len(all) > fewItems {
		all = all[:n]
		c.list.Incomplete = true
	}
	if len(all) > maxItems {
		all = all[:maxItems]
		c.list.Incomplete = true
	}
	sorted := make([]Item, len(all))
	for i, r := range all {
		sorted[i] = c.list.Items[r.index]
	}
	c.list.Items = sorted
	return c.list
}

// noMatch is the worth of a word that no editor shows.
const noMatch = 2

// worth says how well a word matches what was typed, as editors see it: 0 if it begins so, 1 if it has all characters in their
// order, else noMatch.
func worth(typed, word string) int {
	if len(typed) <= len(word) && strings.EqualFold(word[:len(typed)], typed) {
		return 0
	}
	i := 0
	for j := 0; j < len(word) && i < len(typed); j++ {
		if word[j]|0x20 == typed[i]|0x20 {
			i++
		}
	}
	if i == len(typed) {
		return 1
	}
	return noMatch
}

// SortText returns a text by which clients keep item n in its place.
func SortText(n int) string {
	text := strconv.Itoa(n)
	return "0000"[min(len(text), 4):] + text
}

var inSnippet = strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`)

// escapeSnippet makes text stand for itself in a snippet.
func escapeSnippet(text string) string { return inSnippet.Replace(text) }
