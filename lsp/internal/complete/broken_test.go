package complete

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
)

// largePlan returns a plan of about n lines in one of the notations.
func largePlan(n int, hcl bool) *source.File {
	var b strings.Builder
	if hcl {
		b.WriteString("name    = \"demo/large\"\nversion = \"0.1.@\"\n\n")
		for i := 0; i*6+4 < n; i++ {
			fmt.Fprintf(&b, "input \"in_%d\" {\n  type        = string\n  description = \"Number %d.\"\n  default     = \"x\"\n}\n\n", i, i)
		}
		b.WriteString("output \"last\" {\n  default = this.inputs.in_0\n}\n")
		return source.NewFile("escape.hcl", b.String())
	}
	b.WriteString("name: demo/large\nversion: 0.1.@\ninputs:\n")
	for i := 0; i*4+3 < n; i++ {
		fmt.Fprintf(&b, "- id: in_%d\n  type: string\n  description: Number %d.\n  default: x\n", i, i)
	}
	b.WriteString("outputs:\n- id: last\n  default: $this.inputs.in_0\n")
	return source.NewFile("escape.yml", b.String())
}

// breakages are lines that break a plan, by notation.
var breakages = map[bool]map[string]string{
	false: {
		"word": "  defa\n", "quote": "  default: \"abc\n", "list": "  items: [a, b\n", "mapping": "  items: {a: b\n",
		"expression": "  default: \"$this.inputs.\"\n", "tab": "\tdefault: x\n", "conflict": "<<<<<<< HEAD\n  default: a\n=======\n  default: b\n>>>>>>> other\n",
	},
	true: {
		"word": "  defa\n", "quote": "  items = \"abc\n", "list": "  items = [\"a\", \"b\"\n", "mapping": "  items = { a = 1\n",
		"expression": "  items = \"${this.inputs.\"\n", "tab": "\titems = ]\n", "conflict": "<<<<<<< HEAD\n  items = 1\n=======\n  items = 2\n>>>>>>> other\n",
	},
}

// TestBroken breaks a plan in its middle in seven ways: at 12 other places the same can be written as before.
func TestBroken(t *testing.T) {
	for _, hcl := range []bool{false, true} {
		whole := largePlan(1000, hcl)
		text := whole.Text()
		middle := strings.Index(text[len(text)/2:], "  default") + len(text)/2
		var places []int
		for i := range 4 {
			at := i*len(text)/4 + 100
			for _, mark := range []string{"type", "default", "description"} {
				p := strings.Index(text[at:], "  "+mark) + at + 2
				if p > middle-200 && p < middle+200 {
					p = strings.Index(text[middle+400:], "  "+mark) + middle + 402
				}
				switch mark {
				case "type": // its value
					p += strings.IndexAny(text[p:], ":=") + 2
				case "default":
					p += 3
				}
				places = append(places, p)
			}
		}
		labels := func(f *source.File, off int) (names []string) {
			for _, it := range Complete(context.Background(), request(f, lang.Analyze(f, lang.Options{}), off)).Items {
				names = append(names, it.Label)
			}
			return names
		}
		for name, line := range breakages[hcl] {
			broken := source.NewFile(whole.Name(), text[:middle]+line+text[middle:])
			for _, p := range places {
				off := p
				if p > middle {
					off += len(line)
				}
				want, got := labels(whole, p), labels(broken, off)
				if len(want) == 0 || !slices.Equal(want, got) {
					t.Errorf("hcl %v, %s: at %q: got %q, want %q", hcl, name, text[p-20:p], got, want)
				}
			}
		}
	}
}

// TestOpenedBroken asks for members in plans that were broken when they were opened.
func TestOpenedBroken(t *testing.T) {
	for _, hcl := range []bool{false, true} {
		whole := largePlan(1000, hcl)
		text := whole.Text()
		middle := strings.Index(text[len(text)/2:], "  default") + len(text)/2
		for name, line := range breakages[hcl] {
			text := text[:middle] + line + text[middle:]
			off := strings.LastIndex(text, "in_0")
			f := source.NewFile(whole.Name(), text)
			list := Complete(context.Background(), request(f, lang.Analyze(f, lang.Options{}), off))
			if len(list.Items) < 100 {
				t.Errorf("hcl %v, %s: %d items", hcl, name, len(list.Items))
			}
		}
	}
}

// TestByteOrderMark asks everywhere in plans that begin with a byte order mark, where no line above holds the place: there is an
// answer.
func TestByteOrderMark(t *testing.T) {
	for _, text := range []string{"\uFEFF", "\uFEFF\n- x\n", "\uFEFFname: x\nx: {a: b\ndepends:\n- a\n  - b\n", "\uFEFF- a\n- b: c\n  d\n", "\uFEFF  x\n\n y: z\n- q"} {
		for _, name := range []string{"escape.yml", "escape.hcl"} {
			f := source.NewFile(name, text)
			known := lang.Analyze(f, lang.Options{})
			for off := range len(text) + 1 {
				if off > 0 && off < len("\uFEFF") {
					continue
				}
				Complete(context.Background(), request(f, known, off))
			}
		}
	}
}
