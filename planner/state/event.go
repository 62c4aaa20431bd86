package state

import "time"

// An EventKind says what an Event reports.
type EventKind string

// The kinds of events.
const (
	RunStarted   EventKind = "run"      // a run begins; Data says what it is
	NodeStarted  EventKind = "started"  // an attempt of a node begins
	NodeFinished EventKind = "finished" // an attempt of a node ended; Exit and Error say how
	NodeSkipped  EventKind = "skipped"  // a node proved unnecessary, or what it waits for failed
	RunEnded     EventKind = "end"      // a run came to its end, well or not; nothing is left to resume
)

// An Event is what a run reports about its progress, for resuming after a crash. It must hold digests of values, never
// values: events outlive the run.
type Event struct {
	Kind    EventKind
	Run     string
	Node    string // address of the node in the graph; "" for runs
	At      time.Time
	Attempt int
	Exit    int
	Error   string
	Inputs  string // digest of the inputs
	Outputs string // digest of the outputs
	Process int    // process group of the script
	Boot    string // boot ID of the machine it runs on
	Data    map[string]any
}

// A RunLog is what is known about a run which did not come to its end.
type RunLog struct {
	Run    string
	Events []Event // in the order of their records
}

// runs groups the events of runs which did not end.
func runs(events []Event) []RunLog {
	var logs []RunLog
	index := map[string]int{}
	for _, ev := range events {
		i, ok := index[ev.Run]
		if !ok {
			i = len(logs)
			index[ev.Run] = i
			logs = append(logs, RunLog{Run: ev.Run})
		}
		logs[i].Events = append(logs[i].Events, ev)
	}
	open := logs[:0]
	for _, log := range logs {
		if log.Events[len(log.Events)-1].Kind != RunEnded {
			open = append(open, log)
		}
	}
	return open
}

func (ev *Event) members(o *members) {
	o.text("event", string(ev.Kind), true)
	o.text("run", ev.Run, false)
	o.text("node", ev.Node, false)
	o.time("at", ev.At, false)
	o.integer("attempt", int64(ev.Attempt))
	o.integer("exit", int64(ev.Exit))
	o.text("error", ev.Error, false)
	o.text("inputs", ev.Inputs, false)
	o.text("outputs", ev.Outputs, false)
	o.integer("process", int64(ev.Process))
	o.text("boot", ev.Boot, false)
	o.object("data", ev.Data)
}

func (d *decoder) event(ev *Event) error {
	var ignored map[string]any
	return d.fields(&ignored, keyIn(eventKeys), func(field int) error {
		var n int64
		var err error
		switch eventKeys[field-1] {
		case "event":
			return d.text((*string)(&ev.Kind))
		case "run":
			return d.text(&ev.Run)
		case "node":
			return d.text(&ev.Node)
		case "at":
			return d.time(&ev.At)
		case "attempt":
			err = d.integer(&n)
			ev.Attempt = int(n)
		case "exit":
			err = d.integer(&n)
			ev.Exit = int(n)
		case "error":
			return d.text(&ev.Error)
		case "inputs":
			return d.text(&ev.Inputs)
		case "outputs":
			return d.text(&ev.Outputs)
		case "process":
			err = d.integer(&n)
			ev.Process = int(n)
		case "boot":
			return d.text(&ev.Boot)
		default:
			return d.values(&ev.Data)
		}
		return err
	})
}

var eventKeys = []string{"event", "run", "node", "at", "attempt", "exit", "error", "inputs", "outputs", "process", "boot", "data"}
