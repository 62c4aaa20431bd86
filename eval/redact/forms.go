package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/types"
)

// forms collects the texts to look for.
type forms struct {
	anywhere []pattern
	alone    []pattern // only between bytes that belong to no word
	byChar   []string  // character by character
	secrets  map[string]bool
	seen     map[pattern]bool
}

// A pattern is a text to look for. If it is code, line breaks inside of it do not count.
type pattern struct {
	text string
	code bool
}

func text(v any) (string, error) { return types.ToText(v) }

func (f *forms) value(v any) {
	switch v := v.(type) {
	case nil, bool:
	case string:
		f.secret(v)
	case []string:
		for _, e := range v {
			f.secret(e)
		}
	case []any:
		for _, e := range v {
			f.value(e)
		}
		if s, err := text(v); err == nil && len(v) > 0 {
			f.add(s)
		}
	case map[string]any:
		for _, k := range sortedKeys(v) {
			f.value(v[k])
		}
	default:
		if s, err := text(v); err == nil {
			f.secret(s)
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// secret adds all forms of s, and of each of its lines.
func (f *forms) secret(s string) {
	if s == "" || f.secrets[s] {
		return
	}
	f.secrets[s] = true
	f.one(s)
	if n := cty.NormalizeString(s); n != s {
		f.secret(n) // what comes out of an expression is normalised
	}
	// A script may print a secret of several lines line by line, with something between, or indented.
	if strings.ContainsAny(s, "\r\n") {
		for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if line = strings.TrimSpace(line); len(line) >= MinLength {
				f.secret(line)
			}
		}
	} else if t := strings.TrimSpace(s); t != s && len(t) >= MinLength {
		f.secret(t)
	}
}

func (f *forms) one(s string) {
	if len(s) >= MinLength {
		f.char(s)
		f.add(hex.EncodeToString([]byte(s)))
		f.add(strings.ToUpper(hex.EncodeToString([]byte(s))))
		f.base64(s)
		return
	}
	f.add(s)
	jsonSafe := jsonText(s, true)
	f.add(jsonSafe)
	f.add(jsonText(s, false))
	f.add(asciiJSON(s))
	f.add(strings.ReplaceAll(jsonSafe, "/", `\/`))
	quoted := strconv.Quote(s)
	f.add(quoted[1 : len(quoted)-1])
	f.urls(s)
	f.add(html.EscapeString(s))
	f.add(strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(s)))
	f.shells(s)
	f.base64(s)
}

// char adds s as a text to look for character by character, in pieces if it is long.
func (f *forms) char(s string) {
	if strings.ContainsAny(s, `\%&'`) {
		f.add(s) // which may look like an escaped text itself
	}
	for len(s) >= maxPattern+MinLength {
		end := maxPattern
		for end > maxPattern-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		f.byChar = append(f.byChar, s[:end])
		s = s[end:]
	}
	f.byChar = append(f.byChar, s)
}

func jsonText(s string, safe bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(safe)
	if err := enc.Encode(s); err != nil {
		return s
	}
	t := strings.TrimSuffix(b.String(), "\n")
	return t[1 : len(t)-1]
}

// asciiJSON writes all but ASCII as \u escapes, as many languages do by default.
func asciiJSON(s string) string {
	var b strings.Builder
	for _, r := range jsonText(s, false) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r >= 0x10000:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func (f *forms) urls(s string) {
	query := url.QueryEscape(s)
	for _, e := range []string{query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(s), strict(s, "-_.!~*'()"), strict(s, "")} {
		f.add(e)
		f.add(lowerHex(e))
	}
}

// strict percent-encodes all but letters, digits and the given marks.
func strict(s, marks string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isWord(c) && c != '_' || strings.IndexByte(marks, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], bytes.ToLower(b[i:i+3]))
		}
	}
	return string(b)
}

func (f *forms) shells(s string) {
	f.add(strings.ReplaceAll(s, `'`, `'\''`))
	f.add(strings.ReplaceAll(s, `'`, `'"'"'`))
	f.add(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s))
	f.add(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`", "!", `\!`).Replace(s))
	f.add(strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)) // $'...'
	// printf %q puts a backslash in front of all that is special; shells differ in what that is.
	for _, plain := range []string{"-_./:=@%+,", "-_./:=@%+,^~#", "-_./:=@%+", "-_./"} {
		var b strings.Builder
		for i := range len(s) {
			if c := s[i]; !isWord(c) && c < 0x80 && strings.IndexByte(plain, c) < 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		}
		f.add(b.String())
	}
}

// base64 adds the encoded forms of s. Inside a longer text s may begin at any of three places of a group; what is
// around it changes the first and last character, so those are not looked for.
func (f *forms) base64(s string) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		whole := enc.EncodeToString([]byte(s))
		raw := strings.TrimRight(whole, "=")
		if len(s) < MinLength {
			f.put(pattern{whole, true}, true)
			f.put(pattern{raw, true}, true)
			continue
		}
		f.code(whole)
		f.code(raw)
		for before := range 3 {
			padded := enc.WithPadding(base64.NoPadding).EncodeToString(append(make([]byte, before), s...))
			first, last := (before*8+5)/6, (before+len(s))*8/6
			if last-first >= minCode {
				f.code(padded[first:last])
			}
		}
	}
}

// minCode is how many characters of base64 are looked for at least.
const minCode = MinLength

func (f *forms) add(s string) { f.put(pattern{s, false}, len(s) < MinLength) }
func (f *forms) code(s string) {
	p := pattern{s, true}
	if strings.ContainsAny(s, "+/") && !f.seen[p] {
		f.char(s) // "%2B", "\/"
	}
	f.put(p, false)
}

// put adds p, in pieces if it is long.
func (f *forms) put(p pattern, alone bool) {
	if p.text == "" || f.seen[p] {
		return
	}
	f.seen[p] = true
	if alone {
		f.alone = append(f.alone, p)
		return
	}
	for len(p.text) >= maxPattern+MinLength {
		f.anywhere = append(f.anywhere, pattern{p.text[:maxPattern], p.code})
		p.text = p.text[maxPattern:]
	}
	f.anywhere = append(f.anywhere, p)
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}
