package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
)

func TestString(t *testing.T) {
	pem := "-----BEGIN KEY-----\nMIIBOgIBAAJBAK\nj34GkxFhD90vcNLYLInF\n-----END KEY-----\n"
	tests := []struct {
		name    string
		secrets []any
		in      string
		want    string
	}{
		{"literal", []any{"hunter2"}, "pw=hunter2;", "pw=(sensitive);"},
		{"inside a word", []any{"hunter2"}, "xhunter2y", "x(sensitive)y"},
		{"longest first", []any{"hunter", "hunter22"}, "hunter22 hunter2", "(sensitive) (sensitive)2"},
		{"overlap", []any{"abcdef", "defghi"}, "abcdefghi", "(sensitive)"},
		{"neighbours", []any{"abcdef"}, "abcdefabcdef", "(sensitive)"},
		{"nothing", []any{"hunter2"}, "nothing here", "nothing here"},
		{"no secrets", nil, "hunter2", "hunter2"},
		{"base64", []any{"hunter2"}, "aHVudGVyMg==", "(sensitive)"},
		{"base64 with prefix", []any{"hunter2"}, base64.StdEncoding.EncodeToString([]byte("x:hunter2:y")), "eDp(sensitive)Onk="},
		{"json", []any{"a\"b<c>"}, `{"a":"a\"b\u003cc\u003e","b":"a\"b<c>"}`, `{"a":"(sensitive)","b":"(sensitive)"}`},
		{"json unicode", []any{"grün-licht"}, `"gr\u00fcn-licht"`, `"(sensitive)"`},
		{"url", []any{"a b/c?d"}, "x?q=a+b%2Fc%3Fd&r=a%20b%2fc%3fd", "x?q=(sensitive)&r=(sensitive)"},
		{"shell", []any{"it's $5"}, `'it'\''s $5' "it's \$5"`, `'(sensitive)' "(sensitive)"`},
		{"html", []any{"a<b&c"}, "a&lt;b&amp;c", "(sensitive)"},
		{"lines", []any{pem}, "  MIIBOgIBAAJBAK  \nfoo", "  (sensitive)  \nfoo"},
		{"whole of several lines", []any{pem}, "x " + pem + "y", "x (sensitive)y"},
		{"short alone", []any{"ab"}, "ab abc cab ab, x=ab", "(sensitive) abc cab (sensitive), x=(sensitive)"},
		{"short in base64", []any{"ab"}, "YWI= YWI YWIx", "(sensitive) (sensitive) YWIx"},
		{"short with other bytes", []any{"a?"}, "a?b ba?", "(sensitive)b ba?"},
		{"integer", []any{int64(12345)}, "port 12345", "port (sensitive)"},
		{"small integer", []any{int64(7)}, "7 17 x7 7", "(sensitive) 17 x7 (sensitive)"},
		{"bool", []any{true}, "true 1", "true 1"},
		{"list", []any{[]any{"first", "second"}}, `first; second; ["first","second"]`, "(sensitive); (sensitive); (sensitive)"},
		{"map", []any{map[string]any{"k": "hidden"}}, "k hidden", "k (sensitive)"},
		{"blanks around", []any{"hunter2\n"}, "hunter2 x", "(sensitive) x"},
		{"normalised", []any{"cafe\u0301-au-lait"}, "caf\u00e9-au-lait", "(sensitive)"},
		{"empty", []any{""}, "a", "a"},
		{"at the end", []any{"hunter2"}, "hunter", "hunter"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := New(test.secrets...)
			if got := r.String(test.in); got != test.want {
				t.Errorf("String(%q) = %q, want %q", test.in, got, test.want)
			}
			for _, size := range []int{1, 2, 3, 5, 100} {
				if got := stream(t, r, test.in, size); got != test.want {
					t.Errorf("in pieces of %d: %q, want %q", size, got, test.want)
				}
			}
		})
	}
}

func stream(t *testing.T, r *Redactor, text string, size int) string {
	t.Helper()
	var out strings.Builder
	w := r.Writer(&out)
	for len(text) > 0 {
		n := min(size, len(text))
		if _, err := w.Write([]byte(text[:n])); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestNil(t *testing.T) {
	var r *Redactor
	if got := r.String("x"); got != "x" || r.Active() {
		t.Errorf("nil: %q", got)
	}
	if got := r.With("secret").String("a secret"); got != "a (sensitive)" {
		t.Errorf("With: %q", got)
	}
}

func TestValue(t *testing.T) {
	r := New("hunter2", int64(5432))
	got := fmt.Sprint(r.Value(map[string]any{"a": []any{"x hunter2", int64(5432), int64(5), true, nil}}))
	if want := "map[a:[x (sensitive) (sensitive) 5 true <nil>]]"; got != want {
		t.Errorf("Value = %s, want %s", got, want)
	}
}

// encodings are ways in which a program may write a secret, kept apart from those that the package knows of itself.
var encodings = map[string]func(string) string{
	"plain":       func(s string) string { return s },
	"std":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"raw std":     func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"url":         func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"raw url":     func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"hex":         func(s string) string { return hex.EncodeToString([]byte(s)) },
	"query":       url.QueryEscape,
	"path":        url.PathEscape,
	"html":        html.EscapeString,
	"json":        func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"shell":       func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
	"wrapped std": func(s string) string { return wrap(base64.StdEncoding.EncodeToString([]byte(s)), 76) },
	"wrapped 64":  func(s string) string { return wrap(base64.StdEncoding.EncodeToString([]byte(s)), 64) },
}

func wrap(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String() + s
}

func randomSecret(rnd *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\\\n\tüé😀"
	runes := []rune(letters)
	n := 8 + rnd.IntN(60)
	if rnd.IntN(20) == 0 {
		n += 3000
	}
	out := make([]rune, n)
	for i := range out {
		out[i] = runes[rnd.IntN(len(runes))]
	}
	// The ends must show, or the secret and its encoded form need not occur in the text as a whole.
	return "Q" + string(out) + "Z"
}

// core is the part of an encoded text that only the secret decides.
func core(encode func(string) string, name, secret string, before int) string {
	switch name {
	case "std", "raw std", "url", "raw url":
		full := base64.RawStdEncoding
		if strings.Contains(name, "url") {
			full = base64.RawURLEncoding
		}
		e := full.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
		return e[(before*8+5)/6 : (before+len(secret))*8/6]
	case "json", "shell":
		e := encode(secret)
		return e[1 : len(e)-1]
	}
	return encode(secret)
}

// No form of a secret survives, wherever it stands and however the text is cut into pieces.
func TestNoFormSurvives(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		secret, other := randomSecret(rnd), randomSecret(rnd)
		r := New(secret, other)
		for name, encode := range encodings {
			for before := range 3 {
				prefix := strings.Repeat("x", before)
				text := "log " + encode(prefix+secret+"yz") + " end " + encode(secret) + "\n" + encode(prefix+secret)
				for _, got := range []string{r.String(text), stream(t, r, text, 1+rnd.IntN(40))} {
					if strings.Contains(name, "wrapped") {
						if flat := strings.ReplaceAll(got, "\n", ""); strings.Contains(flat, core(encodings["std"], "std", secret, before)) {
							t.Fatalf("%s, %d before: secret %q survives in %q", name, before, secret, got)
						}
						continue
					}
					if c := core(encode, name, secret, before); strings.Contains(got, c) {
						t.Fatalf("%s, %d before: %q of secret %q survives in %q", name, before, c, secret, got)
					}
				}
				if a, b := r.String(text), stream(t, r, text, 1+rnd.IntN(40)); a != b {
					t.Fatalf("%s: whole %q, in pieces %q", name, a, b)
				}
			}
		}
	}
}

func TestWriterPassesOn(t *testing.T) {
	var out strings.Builder
	w := New("hunter2").Writer(&out)
	fmt.Fprint(w, "line one\nhun")
	if got := out.String(); got != "line one\n" {
		t.Errorf("passed on %q", got)
	}
	fmt.Fprint(w, "gry\n")
	if got := out.String(); got != "line one\nhungry\n" {
		t.Errorf("passed on %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "other", "text hunter2 aHVudGVyMg== x", 3)
	f.Add("ab", "c", "ab c\r\n", 1)
	f.Fuzz(func(t *testing.T, a, b, text string, size int) {
		if len(a)+len(b)+len(text) > 4096 {
			return
		}
		r := New(a, b)
		whole := r.String(text)
		if len(a) >= MinLength && !strings.Contains(Mask, a) && !strings.Contains(a, "(") && strings.Contains(whole, a) &&
			!strings.Contains(a, "s") && !strings.Contains(a, ")") {
			t.Errorf("%q survives in %q", a, whole)
		}
		if got := stream(t, r, text, max(1, size)); got != whole {
			t.Errorf("whole %q, in pieces %q", whole, got)
		}
	})
}

func benchText() string {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "2026-01-01T00:00:00Z step deploy: request %d to https://db.example.com:5432/path took %dms\n", i, i%97)
	}
	return b.String()
}

func BenchmarkString(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var secrets []any
	for range 20 {
		secrets = append(secrets, randomSecret(rnd))
	}
	r, text := New(secrets...), benchText()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r.String(text)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New("correct horse battery staple", "hunter2", int64(5432))
	}
}
