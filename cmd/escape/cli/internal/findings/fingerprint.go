package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// Fingerprints returns what each finding of a list, in its order, is known by: its code and file, the text it is about and
// that of the line where this stands, and which of those that have all this in common it is. It stays the same when lines
// above it come and go, or when the line is indented. path gives the path of a file by its name.
func Fingerprints(list diag.List, path func(name string) string) []string {
	prints := make([]string, len(list))
	seen := map[string]int{}
	for i := range list {
		d := &list[i]
		key := string(d.Code.Code)
		if d.File != nil {
			line := d.File.Line(d.File.LineOf(int(d.Span.Start)))
			about := d.File.Slice(source.Span{Start: d.Span.Start, End: min(d.Span.End, max(line.End, d.Span.Start))})
			key += fmt.Sprintf("\x00%s\x00%s\x00%s", path(d.File.Name()), about, strings.TrimSpace(d.File.Slice(line)))
		} else {
			key += "\x00" + d.Message
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		seen[key]++
		prints[i] = hex.EncodeToString(sum[:16])
	}
	return prints
}

func (r *Report) fingerprints() []string { return Fingerprints(r.Findings, r.pathOf) }
