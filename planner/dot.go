package planner

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteDOT writes the graph in the language of Graphviz.
func (g *Graph) WriteDOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n\trankdir=LR;\n\tnode [shape=box];\n", strconv.Quote(g.Environment))
	for _, n := range g.Nodes {
		style := ""
		switch n.Change {
		case NoOp:
			style = `, color=gray, fontcolor=gray`
		case Maybe:
			style = `, style=dashed`
		}
		fmt.Fprintf(b, "\t%s [label=%s%s];\n", strconv.Quote(n.Address), strconv.Quote(n.label("\n")), style)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(b, "\t%s -> %s;\n", strconv.Quote(e.From), strconv.Quote(e.To))
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

// WriteMermaid writes the graph as a Mermaid flow chart, which code hosts show in Markdown.
func (g *Graph) WriteMermaid(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "flowchart LR")
	index := map[string]int{}
	// Quotes and the like are entities there; "#" starts one.
	quote := strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "\n", "<br/>")
	for i, n := range g.Nodes {
		index[n.Address] = i
		fmt.Fprintf(b, "    n%d[\"%s\"]\n", i, quote.Replace(n.label("\n")))
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if n, ok := g.Node(e.To); ok && n.Change == Maybe {
			arrow = "-.->"
		}
		fmt.Fprintf(b, "    n%d %s n%d\n", index[e.From], arrow, index[e.To])
	}
	return b.Flush()
}

func (n *Node) label(sep string) string {
	return n.Change.Symbol() + " " + n.Action.Name + " " + n.Deployment + sep + n.Release
}
