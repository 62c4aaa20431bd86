package script_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

func TestLocals(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`a=1; echo "$a" "${a:-b}" '$a' a`, "a= a a"},
		{`echo "$b" "$HOME"; HOME=x`, ""},
		{`for i in 1 2; do echo "$i"; done`, "i= i"},
		{`read -r x y; echo "$x$y"`, "x= y= x y"},
		{`n=0; n=$((n + 1)); ((n++))`, "n= n= n n"},
		{`export K=1; L=2 cmd; echo $K`, "K=! L=! K!"},
		{`f() { local v; v=2; unset v; }`, "v= v= v"},
		{`INPUT_a=1; echo $INPUT_a`, ""},
		{`: "${d:=x}"; cat <<E
$d
E`, "d= d"},
		{`while getopts "ab" o; do echo $o; done`, "o= o"},
	} {
		var got []string
		for _, l := range script.ParseAs(source.NewFile("x.sh", c.text), script.Unknown).Locals() {
			mark := ""
			if l.Write {
				mark = "="
			}
			if l.Exported {
				mark += "!"
			}
			got = append(got, l.Name+mark)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.text, fmt.Sprint(got), c.want)
		}
	}
}

func TestCode(t *testing.T) {
	s := script.ParseAs(source.NewFile("x.sh", "a=1 # a é\necho '# no' \"#\" # yes\n# end"), script.Unknown)
	if got, want := s.Code(), "a=1       \necho '# no' \"#\"      \n     "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
