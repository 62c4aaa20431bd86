// Package redact keeps secret values out of texts: logs, events, errors and what scripts print.
//
// A secret is found wherever it stands, also in the forms that programs commonly give it: each of its characters as it
// is or escaped for URLs, JSON, HTML or shells, whatever its neighbours look like, and escaped again (JSON inside JSON);
// base64 (both alphabets, at any place inside a longer encoded text, also when broken into lines) and hexadecimal; and
// each line of a secret of several lines. All of it becomes "(sensitive)".
//
// Short secrets cannot be hidden that way without making every text unreadable: a secret shorter than MinLength bytes is
// masked only where it stands alone, between bytes that are no letters, digits or underscores; so are its base64 forms, and
// it is known only with all its characters escaped by the same rules.
// Empty values and bools are no secrets. A text that is itself part of the mask cannot be hidden.
//
// Read redact.go, then forms.go (how a secret may look), match.go, chars.go (one character after the other) and writer.go.
package redact

import "strings"

const (
	// Mask stands in a text in place of a secret.
	Mask = "(sensitive)"
	// MinLength is how many bytes a secret, or a line of one, needs to be masked inside of words too.
	MinLength = 4
	// maxPattern bounds how much text must be seen at once: longer forms are looked for piece by piece.
	maxPattern = 1024
)

// A Redactor masks a set of secrets. It is immutable and safe for concurrent use; nil masks nothing.
type Redactor struct {
	values []any
	m      *matcher
}

// New returns a Redactor for these values: strings, numbers, lists and maps, whose elements are secrets each, and the
// JSON text of lists. Bools and nil are ignored.
func New(values ...any) *Redactor {
	r := &Redactor{values: values}
	f := forms{secrets: map[string]bool{}, seen: map[pattern]bool{}}
	for _, v := range values {
		f.value(v)
	}
	if len(f.anywhere)+len(f.alone)+len(f.byChar) > 0 {
		r.m = newMatcher(&f)
	}
	return r
}

// With returns a Redactor that masks more values than r.
func (r *Redactor) With(values ...any) *Redactor {
	if len(values) == 0 && r != nil {
		return r
	}
	var all []any
	if r != nil {
		all = append(all, r.values...)
	}
	return New(append(all, values...)...)
}

// Active reports whether r masks anything.
func (r *Redactor) Active() bool { return r != nil && r.m != nil }

// String returns s with all secrets masked. Neighbouring secrets become one mask.
func (r *Redactor) String(s string) string {
	if !r.Active() || s == "" {
		return s
	}
	var out strings.Builder
	sc := scan{m: r.m, text: s}
	sc.run(true, func(piece string) {
		if len(piece) == len(s) && out.Len() == 0 && piece != Mask {
			return // nothing to mask
		}
		if out.Len() == 0 {
			out.Grow(len(s))
		}
		out.WriteString(piece)
	})
	if out.Len() == 0 {
		return s
	}
	return out.String()
}

// Value returns v with all secrets in its strings masked, map keys included; lists and maps are copied. A number that is
// a secret becomes the mask.
func (r *Redactor) Value(v any) any {
	if !r.Active() {
		return v
	}
	switch v := v.(type) {
	case string:
		return r.String(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = r.Value(e)
		}
		return list
	case map[string]any:
		fields := make(map[string]any, len(v))
		for k, e := range v {
			fields[r.String(k)] = r.Value(e)
		}
		return fields
	case int, int64, uint64, float64:
		if text, err := text(v); err == nil && r.String(text) != text {
			return Mask
		}
	}
	return v
}
