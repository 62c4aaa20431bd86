package hclfile_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"escape.build/escape/lang/hclfile"
)

// crookedHCL are small texts that need one rule of the spacing each.
var crookedHCL = []string{
	"", " ", "\n\n", "  \n\t\n", "a=1", "a = 1\n  ", "a=1 \r\n  bcd =2\r\n",
	"a=1\nbcd=2\n\nefghi=3\n", "a=[\n1,\n2]\nbc={\nd=e\nfgh=i\n}\n", "a=1#x\nbcd=2//y\n#z\ne=3 /* w */", "a=1 # x",
	"a \"b\" c{\nd{\ne=1\n}\n}\n", "a{b=1}\nc{}\nd { }\n", "a=f([{\nb=1\n}])\nc=1\n", "a=f(\n[{\nb=1\n}\n]\n)\n",
	"a=[for x in[1]:x if x>- 1]\nb={for k,v in m:k=>v...}\nc=[for in in in:in]\nd=[for in in in[0]:in if in ]\n",
	"a=x . y [ 0 ] . z\nb=f (x ...)[1]\nc=[[1] [0]]\nd=ns :: f(1)\ne=x . 0 . 1\ng=x . *\nh=x [ * ] . y\n",
	"a=- 1-- x\nb=! c&&d||e\nc=x?-1:-y\nd=(\n- 1\n-2)\ne=\"${- x}\"\nf=a==b\ng=a!=-b\nh=a%-b\n",
	"a=(- 1)\nb=[- 1,- 2,]\nc={- 1=2}\nd=1+- 2*- 3/- 4\ne=1<- 2\nf=1<=- 2\ng=1>=- 2\nh=1==- 2\ni=x&&- 1||- 2\nj=!- 1\n",
	"a=\"${ x }${ y } %{ if z }b%{ else }c%{ endif }\"\nb=\"${{a=1}}\"\nc=\"${~ x ~}\"\nd=\"  $${x}\\n\"\n",
	"a=<<E\n  x\n ${ y } z\nE\nb  =<<-E\n  %{ if x }\n  y\n  %{ endif }\n  E\nc=f(<<E\nx\nE\n)\nd=1\n",
	"a=<<E\nx ${ y # z\n} w\nE\nb=1#c\n", "a=1#b\nc=<<E\nx\r\n\u0301y${ y #\u0301 z\n}\nE\n",
	"/* a\n\u0301b\r\nc */d=1 # e\nf=2 # g\n", "a={\"b\"=1,c:2\n(d)=3}\n",
	"é \"é\"{\na={\"e\u0301\u0302\"=1 # é\n\"日本\"=2//x\n\"👩‍👩‍👧\"=3#y\n}\n}\n", "héé=1\nb=2\n",
	"a /* x */=/* y */1 /* z */\nbcdef=2\n", "a=[# b\n1,# c\n222# d\n]# e\n", "a=f(1,\n2)\nb=3\n", "a=[\n[\n1]]\nb=2\n",
}

// sameAlign fails if Align gives something else than hclwrite, or if repeating it changes a valid text.
func sameAlign(t *testing.T, text string) {
	t.Helper()
	got := hclfile.Align(text)
	if want := string(hclwrite.Format([]byte(text))); got != want {
		t.Fatalf("Align of\n%q gives\n%q, not\n%q", text, got, want)
	}
	if _, findings := hclsyntax.ParseConfig([]byte(text), "", hcl.InitialPos); findings.HasErrors() {
		return
	}
	if again := hclfile.Align(got); again != got {
		t.Fatalf("Align of\n%q gives\n%q, and of that\n%q", text, got, again)
	}
}

func TestAlign(t *testing.T) {
	for _, text := range crookedHCL {
		if _, findings := hclsyntax.ParseConfig([]byte(text), "", hcl.InitialPos); findings.HasErrors() {
			t.Errorf("%q is not valid: %v", text, findings)
		}
		sameAlign(t, text)
	}
	sameAlign(t, "a=x -}") // a mistake
	n := 0
	seeds(t, func(text string) {
		n++
		sameAlign(t, text)
	})
	if n < 50 {
		t.Errorf("the corpus has only %d texts", n)
	}
}

// FuzzAlign: the spacing of any text is that of hclwrite, and stays when a valid one is aligned again.
func FuzzAlign(f *testing.F) {
	for _, text := range crookedHCL {
		f.Add(text)
	}
	seeds(f, func(text string) { f.Add(text) })
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		sameAlign(t, text)
	})
}
