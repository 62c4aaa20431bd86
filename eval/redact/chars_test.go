package redact

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestMixedForms(t *testing.T) {
	tests := []struct{ name, secret, in string }{
		{"python quote", "ab/cd+ef gh", "ab/cd%2Bef%20gh"},
		{"python quote of a quote", `q"uote/and slash`, "q%22uote/and%20slash"},
		{"encodeURI", "ab/cd+ef gh", "ab/cd+ef%20gh"},
		{"query twice", "ab/cd+ef gh", "ab%252Fcd%252Bef%2Bgh"},
		{"json of PHP", `less<than"é>&/x`, `less<than\"\u00e9>&\/x`},
		{"json for HTML", `less<than"é>&/x`, `less\u003cthan\"\u00e9\u003e\u0026/x`},
		{"json for HTML, upper case", `less<than"é>&/x`, `less\u003Cthan\"\u00E9\u003E\u0026/x`},
		{"json in json", `q"uote/and slash`, `q\\\"uote/and slash`},
		{"json in json in json", `q"uote\ü`, `q\\\\\\\"uote\\\\\\\\\\\\u00fc`},
		{"html in json", `a<b&c"d`, `a\u0026lt;b\u0026amp;c\u0026#34;d`},
		{"json in html", `a"b"c😀d`, `a\&quot;b\&quot;c\ud83d\ude00d`},
		{"html twice", `a<b&c`, `a&amp;lt;b&amp;amp;c`},
		{"json in a query", `a"b\c`, `a%5C%22b%5C%5Cc`},
		{"html in a query", `a<b'c`, `a%26lt%3Bb%26%23x27%3Bc`},
		{"go quoted", "a\x1bb\x00c\u00a0\U0001f600", `a\x1bb\x00c\u00a0\U0001f600`},
		{"shell octal", "a\x1bb\nc", `a\033b\nc`},
		{"shell in json", `it's "so"`, `it'\\''s \"so\"`},
		{"literal escapes", `50%25\u0041&amp;`, `50%25\u0041&amp;`},
		{"literal escapes in json", `50%25\u0041"&amp;`, `50%25\\u0041\"&amp;`},
		{"backslashes", `\\\\x`, `\\\\x`},
		{"ends in backslashes", `abc\\`, `abc\\\\`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, text := New(test.secret), `say "`+test.in+`", then`
			want := `say "` + Mask + `", then`
			if got := r.String(text); got != want {
				t.Errorf("String(%q) = %q", text, got)
			}
			for _, size := range []int{1, 2, 3, 7} {
				if got := stream(t, r, text, size); got != want {
					t.Errorf("in pieces of %d: %q", size, got)
				}
			}
		})
	}
}

// A text that only resembles a secret stays as it is.
func TestNearMisses(t *testing.T) {
	r := New(`a"b\c/d é&x`, "hunter2")
	for _, text := range []string{
		`a"b\c/d é&`, `a\"b\\c\/d \u00e8&x`, `%61%22b%5c`, `\n\t\"\\`, "&amp;&lt;&quot;", "100% of 50%25 & more", `hunter\2`, "hunter%33",
		`C:\\dir\\a\"b`, "it's", `hunt\er2`, "&#104;unter1", "%", `\`, "&", `\u`, `\u00`, "%2", "&#", "&#x6",
	} {
		if got := r.String(text); got != text {
			t.Errorf("String(%q) = %q", text, got)
		}
		if got := stream(t, r, text, 1); got != text {
			t.Errorf("byte by byte: %q becomes %q", text, got)
		}
	}
}

// mixed writes s, each character in any form.
func mixed(rnd *rand.Rand, s string) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteString(escape(rnd, c))
	}
	return b.String()
}

func escape(rnd *rand.Rand, c rune) string {
	hex := func(format string, args ...any) string {
		s := fmt.Sprintf(format, args...)
		if head, digits, ok := strings.Cut(s, "u"); ok && rnd.IntN(2) == 0 {
			return head + "u" + strings.ToUpper(digits)
		}
		return s
	}
	switch rnd.IntN(6) {
	case 0:
		if c == ' ' && rnd.IntN(2) == 0 {
			return "+"
		}
		var b strings.Builder
		for _, x := range []byte(string(c)) {
			fmt.Fprintf(&b, []string{"%%%02x", "%%%02X", "%%25%02X"}[rnd.IntN(3)], x)
		}
		return b.String()
	case 1:
		if hi, lo := utf16.EncodeRune(c); hi != utf8.RuneError {
			return hex(`\u%04x`, hi) + hex(`\u%04x`, lo)
		}
		return hex(`\u%04x`, c)
	case 2:
		return fmt.Sprintf([]string{"&#%d;", "&#x%x;", "&#X%X;"}[rnd.IntN(3)], c)
	case 3:
		return html.EscapeString(string(c))
	case 4:
		if i := strings.IndexRune("\n\t\r\b\f", c); i >= 0 {
			return `\` + string("ntrbf"[i])
		}
		if c < utf8.RuneSelf && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", c) {
			return `\` + string(c)
		}
	}
	return string(c)
}

// around are ways to write an encoded text again.
var around = []func(string) string{
	func(s string) string { return s },
	func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) },
	func(s string) string { return jsonText(jsonText(s, false), false) },
	func(s string) string { return strings.ReplaceAll(jsonText(s, true), "/", `\/`) },
}

// Whole encodings of whole texts, one in another.
var whole = []func(string) string{
	url.QueryEscape, url.PathEscape, html.EscapeString,
	func(s string) string { return jsonText(s, true) },
	func(s string) string { return jsonText(s, false) },
	asciiJSON,
}

// A secret never survives, however its characters are written, and nothing but it is masked.
func TestNoMixtureSurvives(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for n := range 1500 {
		secret := randomSecret(rnd)
		if n%3 > 0 { // many special characters, close together
			const special = "\\\\\\\"\"/%&&'<> +n;ut25#ax\n\té😀"
			runes := []rune(special)
			out := make([]rune, 4+rnd.IntN(12))
			for i := range out {
				out[i] = runes[rnd.IntN(len(runes))]
			}
			secret = "Q" + string(out) + "Z"
		}
		r := New(secret, "another secret")
		form := mixed(rnd, secret)
		if rnd.IntN(3) == 0 {
			form = whole[rnd.IntN(len(whole))](whole[rnd.IntN(len(whole))](secret))
		} else {
			form = around[rnd.IntN(len(around))](form)
		}
		text := "the value is: " + form + " - and no more"
		const want = "the value is: " + Mask + " - and no more"
		if got := r.String(text); got != want {
			t.Fatalf("%d: secret %q as %q: %q", n, secret, form, got)
		}
		if got := stream(t, r, text, 1+rnd.IntN(9)); got != want {
			t.Fatalf("%d: secret %q as %q, in pieces: %q", n, secret, form, got)
		}
	}
}

// Whatever a text looks like, other secrets leave it alone.
func TestOthersStay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		r, text := New(randomSecret(rnd), randomSecret(rnd)), mixed(rnd, randomSecret(rnd))
		if got := r.String(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// A text that can be read in many ways ends soon.
func TestHostile(t *testing.T) {
	for _, secret := range []string{strings.Repeat(`\`, 200), strings.Repeat("%25", 300), strings.Repeat("&amp;", 300), strings.Repeat("'", 300), strings.Repeat(`\"`, 100)} {
		r := New(secret)
		for _, text := range []string{strings.Repeat(`\`, 500), strings.Repeat("%25", 200) + "x", strings.Repeat("&amp;", 200) + "x", strings.Repeat(`'\'`, 200), strings.Repeat(`\\\"`, 200)} {
			r.String(text)
		}
	}
}

func BenchmarkJSONLog(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var secrets []any
	for range 20 {
		secrets = append(secrets, randomSecret(rnd)[1:])
	}
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, `{"time":"2026-01-01T00:00:00Z","msg":"{\"step\":\"deploy\",\"url\":\"https://db.example.com/a%%20b?x=%d&y=%%2F\"}"}`+"\n", i)
	}
	r := New(secrets...)
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r.String(text.String())
	}
}
