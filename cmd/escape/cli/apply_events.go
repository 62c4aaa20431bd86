package cli

import (
	"encoding/json"
	"io"
	"time"

	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
)

// eventFormat is the version of the JSON lines of "apply --json". Programs may rely on the members of the same major
// version; new ones raise the minor one.
const eventFormat = "1.0"

// An eventWriter writes what happens as JSON lines, each with a type: "graph" first, then "log", "output", "started",
// "finished", "failed", "skipped" and "interrupted" as they happen, and "result" last.
type eventWriter struct {
	out io.Writer
	now func() time.Time
}

type eventLine struct {
	Format   string            `json:"format_version"`
	Type     string            `json:"type"`
	Time     string            `json:"time"`
	Node     string            `json:"node,omitempty"`
	Release  string            `json:"release,omitempty"`
	Sections []string          `json:"sections,omitempty"`
	Key      string            `json:"key,omitempty"`
	Values   map[string]string `json:"values,omitempty"`
	Step     string            `json:"step,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Error    string            `json:"error,omitempty"`
	Millis   *int64            `json:"duration_ms,omitempty"`
	Graph    *planner.Graph    `json:"graph,omitempty"`
	Nodes    []nodeLine        `json:"nodes,omitempty"`
	Signal   string            `json:"signal,omitempty"`
}

type nodeLine struct {
	Node    string      `json:"node"`
	Outcome run.Outcome `json:"outcome"`
	Error   string      `json:"error,omitempty"`
	Because string      `json:"because,omitempty"`
	Millis  int64       `json:"duration_ms"`
	Archive string      `json:"archive,omitempty"`
}

func (w *eventWriter) write(l eventLine, at time.Time) error {
	l.Format, l.Time = eventFormat, at.Format(time.RFC3339Nano)
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = w.out.Write(append(text, '\n'))
	return err
}

func (w *eventWriter) graph(g *planner.Graph) error {
	return w.write(eventLine{Type: "graph", Graph: g}, w.now())
}

func (w *eventWriter) event(e run.Event) {
	l := eventLine{
		Type: e.Kind.String(), Node: e.Node, Release: e.Release, Sections: e.Sections, Key: e.Key, Values: e.Values,
		Step: e.Step, Reason: e.Reason,
	}
	switch e.Kind {
	case run.Push, run.Pop:
		return // the sections of every line say it
	case run.Finished, run.Failed, run.Stopped:
		ms := e.Duration.Milliseconds()
		l.Millis = &ms
	}
	if e.Err != nil {
		l.Error = e.Err.Error()
	}
	w.write(l, e.Time)
}

func (w *eventWriter) result(r *run.Result) {
	l := eventLine{Type: "result"}
	for _, n := range r.Nodes {
		line := nodeLine{Node: n.Node.Address, Outcome: n.Outcome, Millis: n.Duration.Milliseconds(), Archive: n.Archive}
		if n.Err != nil {
			line.Error = n.Err.Error()
		}
		if n.Because != nil {
			line.Because = n.Because.Address
		}
		l.Nodes = append(l.Nodes, line)
	}
	if r.Signal != nil {
		l.Signal = r.Signal.String()
	}
	w.write(l, w.now())
}
