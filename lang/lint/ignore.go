package lint

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// mark begins a comment that silences rules:
//
//	# escape:ignore RULE[, RULE] -- REASON        on the line of the finding, or on one above it
//	# escape:ignore-start RULE -- REASON          up to "# escape:ignore-end"
//	# escape:ignore-file RULE -- REASON           in the whole file
//
// A "#", "//" or "/*" begins a comment, in whatever language.
const mark = "escape:ignore"

// An Ignored is a finding that a comment silences.
type Ignored struct {
	Finding diag.Diagnostic
	// File and By are the place of the rule's name in the comment.
	File   *source.File
	By     source.Span
	Reason string
}

// A Commented is a file in which comments may silence findings.
type Commented struct {
	File *source.File
	// Comment reports whether an offset is in a comment; nil takes everything for one that looks like it.
	Comment func(off int) bool
}

// HasIgnores reports whether a text may hold comments that silence findings.
func HasIgnores(text string) bool {
	// Few plans have any, and what begins with a rare letter is found soonest.
	return strings.Contains(text, mark[len("escape:i"):]) && strings.Contains(text, mark)
}

// Silence takes those findings out of list that comments of files silence, and adds findings about comments that are no
// good. A comment for a rule that is not on is left alone, and so is one that silences nothing, unless sure says that the rule
// would have found what there is.
func Silence(list diag.List, files []Commented, on func(*Rule) bool, sure func(*Rule) bool) (diag.List, []Ignored) {
	s := silencer{on: on}
	for _, f := range files {
		s.read(f)
	}
	if len(s.all) == 0 && len(s.found) == 0 {
		return list, nil
	}
	list = s.take(list)
	list = append(list, s.take(s.found)...)
	return append(list, s.take(s.unused(sure))...), s.ignored
}

// A directive is one rule that one comment silences.
type directive struct {
	file     *source.File
	span     source.Span // of the rule's name
	comment  source.Span
	rule     *Rule
	from, to int // lines
	reason   string
	used     bool
}

type silencer struct {
	on      func(*Rule) bool
	all     []*directive
	found   diag.List // about the comments
	ignored []Ignored
}

// take returns the findings that no directive silences.
func (s *silencer) take(list diag.List) diag.List {
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		if d.File == nil {
			return false
		}
		line := 0
		for _, x := range s.all {
			if x.rule.Code != d.Code || x.file.Name() != d.File.Name() {
				continue
			}
			if line == 0 {
				line = d.File.LineOf(int(d.Span.Start))
			}
			if line < x.from || line > x.to {
				continue
			}
			x.used = true
			if d.Severity != diag.Error {
				s.ignored = append(s.ignored, Ignored{Finding: d, File: x.file, By: x.span, Reason: x.reason})
				return true
			}
			s.report(diag.IgnoredError, x, fmt.Sprintf("%q is an error here, and errors cannot be silenced", x.rule.Code.Name))
		}
		return false
	})
}

// unused returns findings for directives that silence nothing.
func (s *silencer) unused(sure func(*Rule) bool) diag.List {
	var list diag.List
	for _, x := range s.all {
		if x.used || x.rule.Code == diag.UnusedIgnore || !s.on(x.rule) || !sure(x.rule) {
			continue
		}
		d := diag.New(diag.UnusedIgnore, x.file, x.span, fmt.Sprintf("%q finds nothing here that would have to be silenced", x.rule.Code.Name))
		d.Fixes = s.removal(x)
		list = append(list, d)
	}
	return list
}

// removal returns the fix that takes a comment away; none if it silences other rules as well.
func (s *silencer) removal(x *directive) []diag.Fix {
	for _, other := range s.all {
		if other != x && other.file == x.file && other.comment == x.comment {
			return nil
		}
	}
	if strings.Contains(x.file.Slice(x.comment), mark+"-start") {
		return nil // its end would stay
	}
	line := x.file.Line(x.file.LineOf(int(x.comment.Start)))
	span := x.comment
	if span.End != line.End {
		return nil // something follows
	}
	before := x.file.Slice(source.Span{Start: line.Start, End: span.Start})
	if trimmed := strings.TrimRight(before, " \t"); trimmed != "" {
		span.Start -= int32(len(before) - len(trimmed))
	} else if next := x.file.Line(x.file.LineOf(int(line.Start)) + 1); next.Start > line.End {
		span = source.Span{Start: line.Start, End: next.Start}
	}
	return []diag.Fix{{Title: "remove the comment", Preferred: true, Edits: []source.Edit{{Span: span}}}}
}

func (s *silencer) report(code *diag.Entry, x *directive, message string) *diag.Diagnostic {
	s.found = append(s.found, diag.New(code, x.file, x.span, message))
	return &s.found[len(s.found)-1]
}

// read finds the directives of a file.
func (s *silencer) read(c Commented) {
	f := c.File
	text := f.Text()
	var open [][]*directive // regions without an end yet
	var starts []*directive
	for at := 0; ; {
		i := strings.Index(text[at:], mark)
		if i < 0 {
			break
		}
		start := at + i
		at = start + len(mark)
		line := f.LineOf(start)
		comment, end, ok := commentAt(f, line, start)
		if !ok || c.Comment != nil && !c.Comment(start) {
			continue
		}
		kind, rest, ok := kindOf(text[at:end])
		if !ok {
			continue
		}
		whole := &directive{file: f, span: source.Span{Start: int32(start), End: int32(end - len(rest))}, comment: comment}
		if kind == "-end" {
			if len(open) == 0 {
				s.report(diag.BadIgnore, whole, "no region of ignored findings is open here").Fixes = s.removal(whole)
				continue
			}
			for _, x := range open[len(open)-1] {
				x.to = line
			}
			open, starts = open[:len(open)-1], starts[:len(starts)-1]
			continue
		}
		found := s.rules(f, comment, end-len(rest), rest)
		for _, x := range found {
			x.from, x.to = line, line
			switch {
			case kind == "-file":
				x.from, x.to = 1, f.LineCount()
			case kind == "-start":
				x.to = f.LineCount()
			case aloneOnLine(f, line, comment):
				x.to = nextLine(f, line)
			}
		}
		if kind == "-start" {
			open, starts = append(open, found), append(starts, whole)
		}
		if len(found) == 0 && strings.TrimSpace(beforeReason(rest)) == "" {
			s.report(diag.BadIgnore, whole, "no rule is named").Hint = "write \"" + mark + kind + " RULE -- REASON\""
		}
		s.all = append(s.all, found...)
	}
	for _, whole := range starts {
		s.report(diag.BadIgnore, whole, "this region has no end").Hint = "write \"" + mark + "-end\" behind it"
		s.found[len(s.found)-1].Fixes = endRegion(f, whole.comment)
	}
}

// endRegion is the fix that ends a region where it ends anyway: with the file.
func endRegion(f *source.File, comment source.Span) []diag.Fix {
	sign, _, ok := strings.Cut(f.Slice(comment), mark)
	if !ok || strings.Contains(sign, "/*") {
		return nil
	}
	size := int32(len(f.Text()))
	end := sign + mark + "-end\n"
	if !strings.HasSuffix(f.Text(), "\n") {
		end = "\n" + sign + mark + "-end"
	}
	return []diag.Fix{{Title: "end it with the file", Preferred: true, Edits: []source.Edit{{Span: source.Span{Start: size, End: size}, New: end}}}}
}

// commentAt returns the comment of a line whose text is from start to end; false if that is in no comment or not its start.
func commentAt(f *source.File, line, start int) (comment source.Span, end int, ok bool) {
	span := f.Line(line)
	before := f.Slice(source.Span{Start: span.Start, End: int32(start)})
	opened := strings.TrimRight(before, " \t")
	for _, sign := range []string{"#", "//", "/*"} {
		code, ok := strings.CutSuffix(opened, sign)
		if !ok {
			continue
		}
		comment = source.Span{Start: span.Start + int32(len(strings.TrimRight(code, "#"))), End: span.End}
		end = int(span.End)
		if sign == "/*" {
			i := strings.Index(f.Text()[start:end], "*/")
			if i < 0 {
				return comment, 0, false // it goes on
			}
			end = start + i
			comment.End = int32(end + len("*/"))
		}
		return comment, end, true
	}
	return comment, 0, false
}

// kindOf splits what follows mark into the kind of a directive and the rest; false if mark was only the start of a word.
func kindOf(text string) (kind, rest string, ok bool) {
	for _, kind := range []string{"-start", "-end", "-file", ""} {
		if rest, found := strings.CutPrefix(text, kind); found && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return kind, rest, true
		}
	}
	return "", "", false
}

func beforeReason(text string) string {
	names, _, _ := strings.Cut(text, "--")
	return names
}

// rules reads "RULE, RULE -- REASON", which begins at an offset of f.
func (s *silencer) rules(f *source.File, comment source.Span, at int, text string) []*directive {
	names, reason, _ := strings.Cut(text, "--")
	reason = strings.TrimSpace(reason)
	var list []*directive
	isSep := func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }
	for off := 0; off < len(names); {
		if isSep(rune(names[off])) {
			off++
			continue
		}
		end := len(names)
		if n := strings.IndexFunc(names[off:], isSep); n >= 0 {
			end = off + n
		}
		x := &directive{file: f, comment: comment, reason: reason, span: source.Span{Start: int32(at + off), End: int32(at + end)}}
		name := names[off:end]
		off = end
		switch x.rule = Find(name); {
		case x.rule == nil:
			s.unknown(x, name)
		case x.rule.Code.IsText() && x.rule.Fixed():
			d := s.report(diag.IgnoredError, x, fmt.Sprintf("%q is always an error, and errors cannot be silenced", x.rule.Code.Name))
			if len(strings.FieldsFunc(names, isSep)) == 1 {
				d.Fixes = s.removal(x)
			}
		default:
			list = append(list, x)
		}
	}
	if len(list) > 0 && reason == "" {
		d := s.report(diag.IgnoreReason, list[0], "why is this silenced? Nobody will know")
		d.Hint = "write \"-- REASON\" behind the rule"
	}
	return list
}

func (s *silencer) unknown(x *directive, name string) {
	d := s.report(diag.UnknownIgnore, x, fmt.Sprintf("there is no rule %q", name))
	if near, ok := diag.Nearest(name, Names()); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", near)
		d.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", near), Preferred: true, Edits: []source.Edit{{Span: x.span, New: near}}}}
	}
}

// aloneOnLine reports whether nothing but a comment stands on a line.
func aloneOnLine(f *source.File, line int, comment source.Span) bool {
	return strings.TrimSpace(f.Slice(source.Span{Start: f.Line(line).Start, End: comment.Start})) == ""
}

// nextLine returns the next line below that is no comment and not blank.
func nextLine(f *source.File, line int) int {
	for n := line + 1; n <= f.LineCount(); n++ {
		text := strings.TrimSpace(f.Slice(f.Line(n)))
		if text != "" && text[0] != '#' && !strings.HasPrefix(text, "//") {
			return n
		}
	}
	return line
}
