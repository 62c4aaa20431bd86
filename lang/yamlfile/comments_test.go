package yamlfile_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

func TestComments(t *testing.T) {
	const text = `# head
# of the file

# lead of a
a: b # trail of a
# lead of c
c: # trail of c
  # lead of d
  d: e
  # foot of c
# lead of l
l:
# lead of x
- x # trail of x
# lead of y
-   y: |  # trail of y
      # no comment
    z: "# none" # trail of z
    # foot of y
# lead of f
f: [1, # lead of 2
  2] # trail of f
# foot
`
	const want = `a < "# head" "# of the file" "# lead of a"
a > "# trail of a"
c < "# lead of c"
c > "# trail of c"
d < "# lead of d"
c _ "# foot of c"
l < "# lead of l"
[] < "# lead of x"
[] > "# trail of x"
[] < "# lead of y"
y > "# trail of y"
z > "# trail of z"
[] _ "# foot of y"
f < "# lead of f"
f > "# trail of f"
[] < "# lead of 2"
 _ "# foot"
`
	tree, findings := yamlfile.Parse(source.NewFile("f.yml", text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	var b strings.Builder
	place(&b, "", tree.Root)
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
	if got, want := len(tree.Comments), strings.Count(text, "#")-2; got != want {
		t.Errorf("%d comments are listed, want %d", got, want)
	}
}

// place writes the comments that hang on n and what it holds: leading "<", trailing ">", at the foot "_".
func place(b *strings.Builder, name string, n syntax.Node) {
	write := func(name, mark string, comments ...syntax.Comment) {
		if len(comments) == 0 {
			return
		}
		fmt.Fprintf(b, "%s %s", name, mark)
		for _, c := range comments {
			fmt.Fprintf(b, " %q", c.Text)
		}
		b.WriteByte('\n')
	}
	child := func(name string, lead []syntax.Comment, trail *syntax.Comment, value syntax.Node) {
		write(name, "<", lead...)
		if trail != nil {
			write(name, ">", *trail)
		}
		place(b, name, value)
	}
	switch n := n.(type) {
	case *syntax.Mapping:
		for _, e := range n.Entries {
			child(e.Key.Text, e.Lead, e.Trail, e.Value)
		}
		write(name, "_", n.Foot...)
	case *syntax.Sequence:
		for _, it := range n.Items {
			child("[]", it.Lead, it.Trail, it.Value)
		}
		write(name, "_", n.Foot...)
	}
}
