package yamlfile

import (
	"strconv"
	"strings"

	"escape.build/escape/lang/syntax"
)

// Resolve returns the kind of a plain scalar by the rules of YAML 1.1 as the original Escape reads them (10-language,
// section 0): booleans in all their spellings, null, integers of bases 2, 8, 10 and 16 with underscores, floats, which
// need a dot or an exponent with a sign, and text. Dates are text.
func Resolve(text string) syntax.Kind {
	if text == "" {
		return syntax.Null
	}
	switch c := text[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return number(text)
	case strings.IndexByte("yYnNtTfFoO~", c) >= 0 && len(text) <= 5:
		return word(text)
	}
	return syntax.String
}

func word(text string) syntax.Kind {
	switch text {
	case "~", "null", "Null", "NULL":
		return syntax.Null
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE":
		return syntax.Bool
	}
	return syntax.String
}

func number(text string) syntax.Kind {
	switch text {
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return syntax.Float
	}
	if text[0] == '.' { // as it is: no underscores
		if _, err := strconv.ParseFloat(text, 64); err != nil || strings.Trim(text[1:], "0123456789eE+-") != "" {
			return syntax.String
		}
		return syntax.Float
	}
	if strings.Trim(text, "0123456789abcdefABCDEFxXoO_+-.") != "" {
		return syntax.String
	}
	if _, err := Int(text); err == nil {
		return syntax.Int
	}
	plain := strings.ReplaceAll(text, "_", "")
	if _, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return syntax.Uint
	}
	if decimal(plain) {
		return syntax.Float
	}
	return syntax.String
}

// Int returns the value of a plain scalar of kind Int.
func Int(text string) (int64, error) {
	plain := strings.ReplaceAll(text, "_", "")
	if rest, ok := strings.CutPrefix(plain, "0b"); ok {
		return strconv.ParseInt(rest, 2, 64)
	}
	if rest, ok := strings.CutPrefix(plain, "-0b"); ok {
		return strconv.ParseInt("-"+rest, 2, 64)
	}
	return strconv.ParseInt(plain, 0, 64)
}

// decimal reports whether text is [-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?, the floats of the original: no dot at the end,
// and a sign in every exponent.
func decimal(text string) bool {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent := text[i+1:]
		if exponent == "" || exponent[0] != '-' && exponent[0] != '+' || !digits(exponent[1:]) {
			return false
		}
		text = text[:i]
	}
	whole, fraction, dot := strings.Cut(text, ".")
	if !dot {
		return digits(whole)
	}
	return (whole == "" || digits(whole)) && digits(fraction)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// ScalarText returns YAML text on one line that reads back as the string s in a plan: plain where that is safe, else in
// quotes.
func ScalarText(s string) string {
	switch {
	case plainSafe(s):
		return s
	case strings.ContainsFunc(s, needsEscape):
		return doubleQuote(s)
	default:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
}

// plainSafe reports whether s may stand without quotes, in block and in flow context.
func plainSafe(s string) bool {
	if s == "" || Resolve(s) != syntax.String || s == "<<" || s == "=" || strings.TrimSpace(s) != s {
		return false
	}
	if strings.IndexByte("-?:,[]{}#&*!|>'\"%@`", s[0]) >= 0 || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.ContainsAny(s, ",[]{}\n\r\t") || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	if len(s) >= 7 && conflictMarker(s) {
		return false
	}
	return !strings.ContainsFunc(s, needsEscape)
}

// needsEscape reports whether r cannot stand in YAML, or cannot be seen there.
func needsEscape(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xfffd && r <= 0xffff
}

func doubleQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == 0xfffd && s[i] != 0xef:
			b.WriteString(`\ufffd`) // broken UTF-8 cannot be written in YAML
		case !needsEscape(r) || r == 0xfffd:
			b.WriteRune(r)
		case r <= 0xff:
			b.WriteString(`\x` + hex(int(r), 2))
		default:
			b.WriteString(`\u` + hex(int(r), 4))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(n, digits int) string {
	s := strconv.FormatInt(int64(n), 16)
	return strings.Repeat("0", digits-len(s)) + s
}
