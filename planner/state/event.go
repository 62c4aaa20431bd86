package state

import "time"

// An EventKind says what an Event reports.
type EventKind string

// The kinds of events.
const (
	RunStarted   EventKind = "run"      // a run begins; Data says what it is
	NodeStarted  EventKind = "started"  // a script of a node is about to start; Step, Attempt and Inputs say which
	NodeProcess  EventKind = "process"  // the script of Step runs now; Process says as what
	NodeFinished EventKind = "finished" // the script of Step, or without Step the node, ended; Exit and Error say how
	NodeSkipped  EventKind = "skipped"  // a node proved unnecessary, or what it waits for failed; Error says which
	RunEnded     EventKind = "end"      // a run came to its end, well or not; nothing is left to resume
)

// An Event is what a run reports about its progress, for resuming after a crash. It must hold digests of values, never
// values: events outlive the run.
type Event struct {
	Kind    EventKind
	Run     string
	Node    string // address of the node in the graph; "" for runs
	Step    string // step of the node whose script it is about; "" for the node as a whole
	At      time.Time
	Attempt int
	Exit    int // status of a program; 128 and its number for a signal, -1 if there is none
	Error   string
	Inputs  string  // digest of the inputs
	Outputs string  // digest of the outputs
	Process Process // leader of the process group of the script
	Data    map[string]any
}

// A Process names one process of one machine, also after its number was used again.
type Process struct {
	ID        int
	Started   string // tells apart processes with the same number; meaning depends on the system
	Boot      string // boot ID of the machine; "" if the system does not tell
	Namespace string // of the process number
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
	o.text("step", ev.Step, false)
	o.time("at", ev.At, false)
	o.integer("attempt", int64(ev.Attempt))
	o.integer("exit", int64(ev.Exit))
	o.text("error", ev.Error, false)
	o.text("inputs", ev.Inputs, false)
	o.text("outputs", ev.Outputs, false)
	o.integer("process", int64(ev.Process.ID))
	o.text("started", ev.Process.Started, false)
	o.text("boot", ev.Process.Boot, false)
	o.text("namespace", ev.Process.Namespace, false)
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
		case "step":
			return d.text(&ev.Step)
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
			ev.Process.ID = int(n)
		case "started":
			return d.text(&ev.Process.Started)
		case "boot":
			return d.text(&ev.Process.Boot)
		case "namespace":
			return d.text(&ev.Process.Namespace)
		default:
			return d.values(&ev.Data)
		}
		return err
	})
}

var eventKeys = []string{"event", "run", "node", "step", "at", "attempt", "exit", "error", "inputs", "outputs", "process",
	"started", "boot", "namespace", "data"}
