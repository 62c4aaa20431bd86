// Package plangen makes plans of any size for tests and benchmarks: valid ones, that hold what plans of people hold
// in about the same mix. A plan of the same size is always the same text.
package plangen

import (
	"fmt"
	"strings"
)

// minLines is the number of lines of the smallest plan.
const minLines = 20

// Plan returns a valid plan of exactly lines lines; at least 20.
func Plan(lines int) string {
	g := &generator{want: max(lines, minLines)}
	g.add(head)
	if g.want >= 100 {
		g.section("metadata", 4, g.metadata)
		g.section("inputs", 42, g.input)
		g.section("outputs", 52, g.output)
		g.section("includes", 54, g.include)
		g.section("errands", 70, g.errand)
		g.section("downloads", 77, g.download)
		g.section("templates", 87, g.template)
	} else {
		g.section("inputs", 60, g.input)
	}
	g.script()
	return g.out.String()
}

const head = `# The release of the shop: what customers see.
name: shop/storefront
version: 1.10
description: >
  The pages customers see, with
  search and basket.
`

// A generator writes one plan.
type generator struct {
	out        strings.Builder
	want, have int
	n          int // elements written so far
}

func (g *generator) add(text string) {
	g.out.WriteString(text)
	g.have += strings.Count(text, "\n")
}

// section writes a top-level field with elements until percent of all lines are there.
func (g *generator) section(field string, percent int, element func(n int) string) {
	g.add("\n" + field + ":\n")
	for first := true; first || g.have < g.want*percent/100; first = false {
		text := element(g.n)
		if g.have+strings.Count(text, "\n")+scriptLines > g.want {
			return
		}
		g.n++
		g.add(text)
	}
}

func (g *generator) metadata(n int) string {
	return fmt.Sprintf("  team-%d: \"payments, \\\"EU\\\" %d\"\n  page-%d: https://wiki.example.com/shop/%d#about\n", n, n, n, n)
}

func (g *generator) input(n int) string {
	switch n % 5 {
	case 0:
		return fmt.Sprintf("- plain_%d\n", n)
	case 1:
		return fmt.Sprintf(`- id: zone_%d
  description: The zone number %d, as the provider calls it; see its console
  default: eu-west-%d
  items: [eu-west-%d, 'us-east-1', "ap-south-1"] # the zones we pay for
`, n, n, n, n)
	case 2:
		return fmt.Sprintf(`- id: replicas_%d
  type: integer
  default: %d
  visible: yes
`, n, n)
	case 3:
		return fmt.Sprintf(`# Kept out of the logs.
- id: token_%d
  sensitive: true
  description: 'It''s handed out by the team; ask them'
  default: $__concat("token-", "%d")
  scopes:
  - deploy
`, n, n)
	default:
		return fmt.Sprintf(`- id: hosts_%d
  type: list[string]
  description: >-
    Where the pages of part %d live. Written as
    names, not as addresses.
  default: ["a.example.com", b.example.com]
`, n, n)
	}
}

func (g *generator) output(n int) string {
	return fmt.Sprintf("- id: url_%d\n  default: $__concat(\"https://\", $this.name, \"/%d\")\n  description: Where part %d is found.\n", n, n, n)
}

func (g *generator) include(n int) string {
	return fmt.Sprintf("  # pages of part %d\n  - pages/%d/*.html\n", n, n)
}

func (g *generator) errand(n int) string {
	return fmt.Sprintf(`  rotate-%d:
    description: Replaces the tokens of part %d.
    run:
      inline: |
        #!/bin/sh
        set -eu
        for part in "$INPUT_part"; do
            echo "rotate: ${part} # %d" >&2
        done

        exit 0
    inputs:
    - id: part
      default: all
`, n, n, n)
}

func (g *generator) download(n int) string {
	return fmt.Sprintf("- url: https://example.com/tools/v%d/tool.tar.gz\n  dest: tools/tool-%d.tar.gz\n  unpack: true\n  platform: linux\n", n, n)
}

func (g *generator) template(n int) string {
	return fmt.Sprintf("- file: conf/part-%d.conf.tpl\n  target: conf/part-%d.conf\n  mapping:\n    release: $this.release\n    port: 80%d\n    debug: false\n", n, n, n%90+10)
}

// scriptLines is the length of the shortest text script writes.
const scriptLines = 4

// script writes the last field, a step that fills the plan up to the last line wanted.
func (g *generator) script() {
	g.add("\ndeploy:\n  inline: |\n")
	for g.have < g.want {
		g.add(fmt.Sprintf("    echo \"step %d: $ZONE\" # and on\n", g.have))
	}
}
