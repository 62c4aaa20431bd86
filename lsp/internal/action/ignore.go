package action

import (
	"fmt"
	"path/filepath"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// reason stands behind the name of a rule in a comment that silences it: what the user writes there instead.
const reason = "say why"

// ignore returns the action that writes a comment which silences a finding: on its line, or above it. In a plan both are tried,
// as not every line can have a comment. Errors cannot be silenced.
func ignore(snap *cache.Snapshot, an *cache.Analyzed, d *diag.Diagnostic) []Action {
	if d.Severity == diag.Error || d.Code == diag.UnusedIgnore {
		return nil
	}
	action := Action{Title: fmt.Sprintf("Ignore %s here", d.Code.Name), Kind: QuickFix, Finding: d}
	if d.File != an.Source {
		if mark := commentMark(d.File); mark != "" {
			action.Changes = one(d.File, above(d, mark+" escape:ignore "+d.Code.Name+" -- "+reason))
			return []Action{action}
		}
		return nil
	}
	comment := "# escape:ignore " + d.Code.Name + " -- " + reason
	for _, edit := range []source.Edit{above(d, comment), behind(d, comment)} {
		text, err := source.Apply(d.File.Text(), []source.Edit{edit})
		if err != nil {
			continue
		}
		if after := snap.Try(an.Doc, text); errorsIn(after) <= errorsIn(an) && len(after.Shown) < len(an.Shown) {
			action.Changes = one(d.File, edit)
			return []Action{action}
		}
	}
	return nil
}

// above puts a comment on a line of its own above a finding.
func above(d *diag.Diagnostic, comment string) source.Edit {
	line := d.File.Line(d.File.LineOf(int(d.Span.Start)))
	text := d.File.Slice(line)
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	return source.Edit{Span: source.Span{Start: line.Start, End: line.Start}, New: indent + comment + lineBreak(d.File)}
}

// behind puts a comment at the end of the line of a finding.
func behind(d *diag.Diagnostic, comment string) source.Edit {
	line := d.File.Line(d.File.LineOf(int(d.Span.Start)))
	end := line.Start + int32(len(strings.TrimRight(d.File.Slice(line), " \t")))
	return source.Edit{Span: source.Span{Start: end, End: line.End}, New: " " + comment}
}

func lineBreak(f *source.File) string {
	if strings.Contains(f.Text(), "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// commentMark is what begins a comment in a script; "" if that is not known.
func commentMark(f *source.File) string {
	lang, _ := script.Detect(filepath.Base(f.Name()), f.Text())
	switch lang {
	case script.Shell, script.Python, script.Ruby, script.Perl, script.PowerShell, script.Make:
		return "#"
	case script.JavaScript, script.Go:
		return "//"
	}
	return ""
}
