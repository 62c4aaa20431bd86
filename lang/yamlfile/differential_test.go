package yamlfile_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// dump writes a tree as one line per value: its kind, style, anchor and text.
func dump(n syntax.Node) string {
	var b strings.Builder
	dumpTo(&b, n, 0)
	return b.String()
}

func dumpTo(b *strings.Builder, n syntax.Node, depth int) {
	pad := strings.Repeat("  ", depth)
	anchor := func(p *syntax.Props) string {
		if p == nil || p.Anchor == "" {
			return ""
		}
		return " &" + p.Anchor
	}
	switch n := n.(type) {
	case nil:
		fmt.Fprintf(b, "%snothing\n", pad)
	case *syntax.Mapping:
		fmt.Fprintf(b, "%smapping flow=%t%s\n", pad, n.Flow, anchor(n.Props))
		for i := range n.Entries {
			if n.Entries[i].Odd != nil {
				dumpTo(b, n.Entries[i].Odd, depth+1)
			} else {
				dumpTo(b, n.Entries[i].Key, depth+1)
			}
			dumpTo(b, n.Entries[i].Value, depth+1)
		}
	case *syntax.Sequence:
		fmt.Fprintf(b, "%ssequence flow=%t%s\n", pad, n.Flow, anchor(n.Props))
		for i := range n.Items {
			dumpTo(b, n.Items[i].Value, depth+1)
		}
	case *syntax.Alias:
		fmt.Fprintf(b, "%salias %s\n", pad, n.Name)
	case *syntax.Scalar:
		style := map[syntax.Style]string{syntax.Plain: "plain", syntax.Empty: "plain", syntax.SingleQuoted: "single", syntax.DoubleQuoted: "double", syntax.Literal: "literal", syntax.Folded: "folded"}[n.Style]
		fmt.Fprintf(b, "%s%s%s %q\n", pad, style, anchor(n.Props), n.Text)
	case *syntax.Bad:
		fmt.Fprintf(b, "%sbad\n", pad)
	}
}

// dumpYAML is dump for a tree of the referee.
func dumpYAML(n *yaml.Node) string {
	var b strings.Builder
	dumpYAMLTo(&b, n, 0)
	return b.String()
}

func dumpYAMLTo(b *strings.Builder, n *yaml.Node, depth int) {
	pad := strings.Repeat("  ", depth)
	anchor := ""
	if n.Anchor != "" {
		anchor = " &" + n.Anchor
	}
	switch n.Kind {
	case 0:
		fmt.Fprintf(b, "%snothing\n", pad)
	case yaml.DocumentNode:
		dumpYAMLTo(b, n.Content[0], depth)
	case yaml.MappingNode, yaml.SequenceNode:
		kind := "mapping"
		if n.Kind == yaml.SequenceNode {
			kind = "sequence"
		}
		fmt.Fprintf(b, "%s%s flow=%t%s\n", pad, kind, n.Style&yaml.FlowStyle != 0, anchor)
		for _, c := range n.Content {
			dumpYAMLTo(b, c, depth+1)
		}
	case yaml.AliasNode:
		fmt.Fprintf(b, "%salias %s\n", pad, n.Value)
	case yaml.ScalarNode:
		style := "plain"
		switch {
		case n.Style&yaml.SingleQuotedStyle != 0:
			style = "single"
		case n.Style&yaml.DoubleQuotedStyle != 0:
			style = "double"
		case n.Style&yaml.LiteralStyle != 0:
			style = "literal"
		case n.Style&yaml.FoldedStyle != 0:
			style = "folded"
		}
		fmt.Fprintf(b, "%s%s%s %q\n", pad, style, anchor, n.Value)
	}
}

// compare reads text with both and returns what differs; "" if the referee refuses it, or both agree.
func compare(text string) string {
	var want yaml.Node
	if err := unmarshal(text, &want); err != nil {
		return ""
	}
	f, findings := yamlfile.Parse(source.NewFile("f.yml", text))
	if len(findings) > 0 && findings[0].Code == diag.AliasExpansion {
		return "" // the referee finds out later, when it decodes
	}
	if len(findings) > 0 {
		return fmt.Sprintf("finding: %s", findings[0].Message)
	}
	a, b := dump(f.Root), dumpYAML(&want)
	if a == "nothing\n" && b == "plain \"\"\n" { // a document that is only a marker
		return ""
	}
	if a != b {
		return fmt.Sprintf("got\n%swant\n%s", a, b)
	}
	return ""
}

// unmarshal reads the first document of text with the referee. That stops behind a root value which is complete, whatever
// follows it; here that is an error.
func unmarshal(text string, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the referee panics: %v", r)
		}
	}()
	if err := yaml.Unmarshal([]byte(text), n); err != nil || n.Kind == 0 {
		return err
	}
	if end := documentEnd.FindStringIndex(text); end != nil {
		text = text[:end[0]] // what follows this marker need not start with one
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	var first, next yaml.Node
	if err := d.Decode(&first); err != nil {
		return nil
	}
	if err := d.Decode(&next); err != nil && strings.Contains(err.Error(), "did not find expected <document start>") {
		return err
	}
	return nil
}

var documentEnd = regexp.MustCompile(`(?m)^\.\.\.(\s|$)`)

var documents = []string{
	"0:\n0:0\n :",
	"a: b\n", "a: b", "", "# only\n", "---\n", "a:\n", "a: ~\n", "a:\n  b: c\n  d: e\nf: g\n",
	"a:\n- b\n- c: d\n  e: f\n-\n- - g\n  - h\nx: y\n", "a:\n  - b\n  -   c: d\n      e: f\n",
	"a: [b, c, 'd', \"e\", [f], {g: h}, i: j, ]\n", "a: {b: c, d, \"e\":f, g: , h: [i]}\n", "a: {}\nb: []\n",
	"a: [\n  b,\n  c # d\n  , e\n]\nf: g\n", "a: {\nb: c,\nd: e\n}\n", "a: [\nb,\nc\n]\n",
	"a: 'b''c'\nd: \"e\\tf\\u00e9\\x41\\\"g\"\n", "a: \"b\n  c\n\n  d\\\n  e  \\\n  f\"\ng: 'h\n\n\n  i '\n", "a: b\n  c\n\n  d\ne: f\n",
	"a: |\n  b\n   c\n\n  d\n\ne: >\n  f\n  g\n\n  h\n    i\n  j\n\nk: |-\n  l\n\nm: |+\n  n\n\no: >2\n    p\nq: |1-\n  r\n",
	"a: |\n\n  b\nc: |\n\nd: e\n", "- |\n b\n- >-\n  c\n  d\n-\n  e: f\n", "a: |\n  b", "a: |\n  b\n  \n   \nc: d\n", "a: >\n\n  b\n\n\n  c\n \n  d\n",
	"a: &x b\nc: *x\nd: &y\n  e: f\ng: *y\nh: &z [i]\nj: *z\n", "a: &x\n- b\nc: *x\n", "&k a: b\n*k : c\n", "<<: {a: b}\nc: d\n",
	"a: !!str 12\nb: !x y\nc: !!binary aGk=\nd: !<tag:yaml.org,2002:str> e\nf: ! g\nh: &a !!str i\nj: !!str &b k\n",
	"? a\n: b\n? c\n? - d\n: - e\n", "? |\n  a\n: b\n", "\"a\": b\n'c' : d\n[e, f]: g\n{h: i}: j\n", "a : b\nc:\td\n",
	"%YAML 1.1\n---\na: b\n", "--- a\n", "--- |\n b\n", "--- &x\na: b\n", "a: b\n...\nc: d\n", "a: b\n---\nc: d\n", "---\n# c\na: b\n--- d\n",
	"a: b # c\n# d\n  # e\nf: g#h\ni: 'j' # k\n", "a: http://x.y/z?q=1#r\nb: c:d\n", "- a\n- b: c\n\n\n- d\n", "-\n  - a\n -\n", "a:\n  - b\n  # c\n  - d\n# e\nf: g\n",
	"\ufeffa: b\n", "a: b\r\nc:\r\n- d\r\n- |\r\n  e\r\n  f\r\ng: \"h\r\n  i\"\r\n", "a: b\rc: d\r", "a: é\nö: 😀 x\n", "a: -b\nc: ?d\ne: :f\n- g\n",
	"a: 1.10\nb: 010\nc: yes\nd: 2018-01-01\n", "a: - b\n", "a: b: c\n", "a\n", "a\nb\n", "'a'\n", "\"a\n b\"\n", "[a]\n", "- a\n  b\n- c\n   d\n", "a: [b\n  c, d\n  : e]\n",
	"a: [\"b\": c, \"d\":e, f: ]\n", "a: {? b : c, ? d}\n", "a: [? b : c]\n", "a: 'b'\n\n\n\nc: d", "a:\n\n\n  b\n", "a:\n  \"b\"\n", "a:\n  [b]\n", "a:\n  |\n  b\n", "a:\n  &x\n  b: c\n", "a:\n  &x b: c\n", "a: !!map\n  b: c\n", "a: !!seq\n- b\n",
	"a:\n  !!str\n  b\n", "- &x a\n- *x\n", "- !!str\n- a\n", "a: &x\nb: c\n", ": a\n", "a: \"\"\nb: ''\n", "a: \"b\" \nc: 'd'\t\n", "a:    \nb:\t\nc: d\n", "a: #b\nc: d\n", "a:\n  b:\n    c:\n   - d\n", "a: |\n  b\n c: d\n", "a: |\n   b\n  c\n", "a: >-\n  b\n\n\n\n  c\n", "a: \"b\\\n  \\  c\"\n", "a: \" b \n  c \"\n", "a: '\n  b\n  '\n", "a: \"\n\n  b\"\n",
	"a: [b, # c\n  d]\n", "{a: b}\n", "{a: b, c: [d, {e: f}]}\n", "- {a: b}\n- [c]\n", "- - - a\n    - b\n", "a: b\n\n# c\n\n# d\n", "a: {b: |}\n", "a: [|]\n", "key: [a, b]: c\n", "a: {b: c}\n  d: e\n", "a: [b]\n  c\n", "a: 'b'\n  c: d\n", "a: *b\n", "a: &b\n  *b\n", "a: @b\n", "a: `b`\n", "a: %b\n", "\ta: b\n", "a:\n\tb: c\n", "a:\n  - b\n\t- c\n", "a: b\n\tc\n", "a: b\n \tc\n", "a: [b,\n\tc]\n",
	">#", "|# a\n", "&a:", "! :", "&x\n.: *x", "!,", "![", "[?c]", "{?}", "&a\t:", "&k a:\n*k:", "a:\n&a:", "a:\n  b\n  ?\n", "!\n&a", "&a\n!t\nb: c", "a:\n !\n-", "a:\n |\n b", "-\n|", "a:\n|\no: p", "?\n-", "?\n- a\n: b", "---\tb", "[#]:\n{", "{*]: ", "\"\\ \n\"", "{&a\n!\n}", "!\r\"\n\"", "? *0\n? !000 ? 0\n0000000", "&: t", "!tb|2\t?", "é0x\\!!str #}'*a\r!< ?", "a: &x\n- b\nhalf: \"\n- *x\n", "- a\n half\n- b\n", "a:\nhalf\n- b\n", "[#]:\n]", "[a:#b]: c", "& ?", "! ?", "? ! ?", ": ? \n& ?", "&\u00a0 ? d}", "e: &b\n - d\n- [*b]", "e: &base\n - d: \n  <: \n- <: [*base]\n", "\"\\_\\N\"", "\ta:\n", "a:\n\t- \n",
}

func TestReferee(t *testing.T) {
	for _, text := range documents {
		if diff := compare(text); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// What the referee refuses must give a finding, except where we are more lenient on purpose:
// a value may be left out behind a property, a key may be longer than 1024 characters, "?" may stand inside plain text in
// brackets, and U+0085, U+2028 and U+2029 are no line breaks (YAML 1.2, section 5.4).
func TestRefused(t *testing.T) {
	for _, text := range documents {
		var n yaml.Node
		if err := unmarshal(text, &n); err == nil {
			continue
		}
		if _, findings := yamlfile.Parse(source.NewFile("f.yml", text)); len(findings) == 0 {
			t.Errorf("%q: no finding, but the referee says: %v", text, unmarshal(text, &n))
		}
	}
}

// TestTags: what may stand behind "!" is what the referee takes, wherever a tag may stand.
func TestTags(t *testing.T) {
	for _, tag := range []string{
		"!", "!x", "!!", "!!x", "!!str", "!<x>", "!<", "!<>", "!<tag:x", "!<a b>", "!<a>b", "!e!", "!e!f", "!d!f", "!!!", "!!x!y", "!a,b", "!a]",
		"!é", "!%41", "!%C3%A9", "!%C3", "!%4", "!%zz", "!<%zz>", "!!%", "!!,", "!#", "!a#b", "!x{", "!x[", "!x}", "!x:", "!:", "!*a", "!&a", `!"x"`,
	} {
		for _, form := range []string{"a: %s", "a: %s v", "a: [%s]", "a: [%s v]", "%s", "- %s", "%s a: b", "a: %s\n  b: c", "{a: %s, b: c}"} {
			sameVerdict(t, "%TAG !d! tag:x,2000:\n---\n"+fmt.Sprintf(form, tag))
		}
	}
}

// TestDirectives: so are directives, but that version 1.2 is no mistake.
func TestDirectives(t *testing.T) {
	for _, lines := range []string{
		"%YAML 1.1", "%YAML 1.1 # why", "%YAML 1.3", "%YAML 2.0", "%YAML x", "%YAML", "%YAML 1.1\n%YAML 1.1", "%FOO x", "%", "% x",
		"%TAG", "%TAG !e!", "%TAG e x", "%TAG !e! x", "%TAG !e! x\n%TAG !e! y", "%TAG !e! x\n%TAG !f! y", "%TAG ! x", "%TAG !! x", "# why\n\n%YAML 1.1\n\n",
	} {
		sameVerdict(t, lines+"\n---\na: b\n")
		sameVerdict(t, source.BOM+lines+"\r\n---\r\na: b\r\n")
	}
	if _, findings := yamlfile.Parse(source.NewFile("f.yml", "%YAML 1.2\n---\na: b\n")); len(findings) > 0 {
		t.Errorf("version 1.2: %s", diag.Sprint(findings))
	}
}

// sameVerdict checks that text is valid for the referee if and only if it is for us.
func sameVerdict(t *testing.T, text string) {
	t.Helper()
	var n yaml.Node
	err := yaml.Unmarshal([]byte(text), &n)
	if _, findings := yamlfile.Parse(source.NewFile("f.yml", text)); (err != nil) != (len(findings) > 0) {
		t.Errorf("%q: the referee says %v, we find\n%s", text, err, diag.Sprint(findings))
	}
}
