package planner

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Detail says how much WriteText shows.
type Detail uint8

// The levels of detail.
const (
	Changed Detail = iota // what will run, and why; the zero value
	Summary               // one line for each node that will run
	Full                  // everything, also what needs no change
)

// WriteText writes the graph for people, in the order in which it would run.
func (g *Graph) WriteText(w io.Writer, d Detail) error {
	b := bufio.NewWriter(w)
	changes, unchanged := 0, 0
	for _, n := range g.Order() {
		if n.Change == NoOp {
			unchanged++
			if d != Full {
				continue
			}
		} else {
			changes++
		}
		fmt.Fprintf(b, "%s %s %s", n.Change.Symbol(), n.Action.Name, n.Deployment)
		if n.Stage != "" && n.Stage != n.Action.Stage {
			fmt.Fprintf(b, " (%s)", n.Stage)
		}
		fmt.Fprintf(b, ": %s", n.Release)
		if d == Summary {
			fmt.Fprintf(b, " (%s)\n", n.Change)
			continue
		}
		fmt.Fprintf(b, ", %s\n", n.Change)
		g.writeNode(b, n, d)
	}
	if changes == 0 {
		fmt.Fprintf(b, "Nothing to do: %s in environment %s.\n", upToDate(unchanged), g.Environment)
		return b.Flush()
	}
	fmt.Fprintf(b, "%s", plural(changes, "action", "actions"))
	var parts []string
	for _, c := range []Change{Create, Update, Replace, Maybe, Remove, Perform} {
		if n := g.Counts()[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	fmt.Fprintf(b, " in environment %s: %s", g.Environment, strings.Join(parts, ", "))
	if unchanged > 0 {
		fmt.Fprintf(b, "; %d unchanged", unchanged)
	}
	fmt.Fprintln(b, ".")
	return b.Flush()
}

func upToDate(n int) string {
	if n == 0 {
		return "no actions"
	}
	return plural(n, "action is", "actions are") + " up to date"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// writeNode writes what is below the first line of a node.
func (g *Graph) writeNode(b *bufio.Writer, n *Node, d Detail) {
	for _, r := range n.Reasons {
		if r.Kind != ReasonRequested {
			fmt.Fprintf(b, "    because %s\n", oneLine(r.String()))
		}
	}
	if n.Nested {
		fmt.Fprintf(b, "    with its dependencies, before its last step\n")
	}
	var scripts []string
	for _, s := range n.Steps {
		if s.Script != "" {
			scripts = append(scripts, s.Name)
			if d == Full {
				fmt.Fprintf(b, "    step %s: %s\n", s.Name, oneLine(s.Script))
			}
		}
	}
	if d != Full && len(scripts) > 0 {
		fmt.Fprintf(b, "    steps: %s\n", strings.Join(scripts, ", "))
	}
	changed := map[string]bool{}
	for _, r := range n.Reasons {
		if r.Kind == ReasonInput {
			changed[r.Subject] = true
		}
	}
	hidden := 0
	for _, v := range n.Inputs {
		switch {
		case d == Full, n.Change == Create, !v.Known:
			fmt.Fprintf(b, "    input %s = %s\n", v.ID, oneLine(v.String()))
		case !changed[v.ID]:
			hidden++
		}
	}
	if hidden > 0 {
		fmt.Fprintf(b, "    %s unchanged\n", plural(hidden, "input", "inputs"))
	}
	for _, id := range sortedKeys(n.Providers) {
		if d == Full || n.Change == Create {
			fmt.Fprintf(b, "    provider %s = %s\n", id, n.Providers[id])
		}
	}
	if d == Full || n.Change == Create {
		for _, v := range n.Outputs {
			fmt.Fprintf(b, "    output %s = %s\n", v.ID, oneLine(v.String()))
		}
	}
}

// oneLine keeps texts that others wrote from breaking the layout or steering a terminal.
func oneLine(s string) string {
	s, _, cut := strings.Cut(s, "\n")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, strings.TrimSuffix(s, "\r"))
	if cut {
		s += " …"
	}
	return s
}
