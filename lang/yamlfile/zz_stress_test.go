package yamlfile_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

var toks = []string{"a", "b", ":", " ", "\n", "\n", "\n", "- ", "? ", ": ", ": ", "[", "]", "{", "}", ",", ", ", "#", " #", "'", "\"", "|", ">", "&a", "*a", "!t", "!!str", "\t", "  ", "\n  ", "\n ", "\r\n", "\r", "---", "...", "%", "@", "0", "\\", "-", "?", "<<", "\\n", "c", "|-", ">+", "|2", "!", "&", "*", "é", "~", "`", "!!", "!<", "\x00", "\x7f", "\xff", "0x", "''", "\\\n"}

func gen(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		s := documents[r.IntN(len(documents))]
		if r.IntN(3) == 0 {
			s += documents[r.IntN(len(documents))]
		}
		if r.IntN(4) == 0 {
			s = "x:\n" + strings.ReplaceAll("\n"+s, "\n", "\n  ")
		}
		for k := 1 + r.IntN(6); k > 0; k-- {
			i := r.IntN(len(s) + 1)
			switch r.IntN(4) {
			case 0:
				s = s[:i] + toks[r.IntN(len(toks))] + s[i:]
			case 1:
				if i < len(s) {
					s = s[:i] + s[i+1:]
				}
			case 2:
				if i < len(s) {
					s = s[:i] + toks[r.IntN(len(toks))] + s[i+1:]
				}
			case 3:
				j := r.IntN(len(s) + 1)
				if j > i {
					s = s[:j] + s[i:j] + s[j:]
				}
			}
		}
		return s
	}
	var b strings.Builder
	for n := 1 + r.IntN(24); n > 0; n-- {
		b.WriteString(toks[r.IntN(len(toks))])
	}
	return b.String()
}

func verdict(text string) (v string) {
	defer func() {
		if r := recover(); r != nil {
			v = fmt.Sprintf("panic: %v", r)
		}
	}()
	done := make(chan string, 1)
	_ = done
	file := source.NewFile("f.yml", text)
	tree, findings := yamlfile.Parse(file)
	if err := lawful(tree, findings); err != nil {
		return "law: " + err.Error()
	}
	if !comparable(text) {
		return ""
	}
	return compare(text)
}

func class(v string) string {
	if strings.HasPrefix(v, "got") {
		return "got"
	}
	if strings.HasPrefix(v, "law") {
		return "law"
	}
	if i := strings.IndexByte(v, '"'); i > 0 {
		return v[:i]
	}
	return v
}

func TestStress(t *testing.T) {
	secs, _ := strconv.Atoi(os.Getenv("STRESS"))
	if secs == 0 {
		t.Skip()
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	end := time.Now().Add(time.Duration(secs) * time.Second)
	seen := map[string]bool{}
	n := 0
	for time.Now().Before(end) && len(seen) < 25 {
		n++
		s := gen(r)
		v := verdict(s)
		if v == "" {
			continue
		}
		c := class(v)
		for again := true; again; {
			again = false
			for w := 4; w >= 1; w-- {
				for i := 0; i+w <= len(s); i++ {
					u := s[:i] + s[i+w:]
					if class(verdict(u)) == c {
						s, again = u, true
						i--
					}
				}
			}
		}
		if !seen[s] {
			seen[s] = true
			t.Errorf("%q: %s", s, verdict(s))
		}
	}
	t.Logf("%d runs", n)
}
