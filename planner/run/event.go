package run

import "time"

// A Sink takes the events of a run in order. It is called by one goroutine at a time and should return soon: scripts
// wait for it when they write faster than it takes their lines.
type Sink func(Event)

// Kind says what an Event tells.
type Kind uint8

// The kinds of events.
const (
	Log      Kind = iota // an entry of the log: Key and Values
	Output               // a line of script output; also a log entry, with key build.script_output
	Push                 // a section was opened; Sections includes it
	Pop                  // a section was closed; Sections does not include it any more
	Started              // work on a node began
	Finished             // a node is done
	Failed               // a node failed; Err says why
	Skipped              // a node did not run; Reason says why
	Stopped              // a node was stopped by a signal; Err says where
)

// String returns the name of the kind as it stands in JSON.
func (k Kind) String() string {
	switch k {
	case Log:
		return "log"
	case Output:
		return "output"
	case Push:
		return "push"
	case Pop:
		return "pop"
	case Started:
		return "started"
	case Finished:
		return "finished"
	case Failed:
		return "failed"
	case Skipped:
		return "skipped"
	case Stopped:
		return "interrupted"
	}
	return "unknown"
}

// An Event is something a run reports. Secrets are masked in all of its texts.
type Event struct {
	Time time.Time
	Kind Kind
	// Node is the address of the node that the event is about; empty for the run itself.
	Node string
	// Sections is the stack of log sections at this moment, outermost first. On failure sections stay open, so the last
	// event of a run holds the sections for its error line. It is shared: do not change it.
	Sections []string
	// Release is the qualified id of the innermost release being worked on; it is also the value "release" of a Log.
	Release string
	// Key and Values are the entry of the log (Log and Output). The keys are those of the log catalogue.
	Key    string
	Values map[string]string
	// Step is the script step being run, such as "pre_deploy".
	Step     string
	Stream   string        // always empty: the streams of a script are one
	Reason   string        // Skipped
	Err      error         // Failed and Stopped
	Duration time.Duration // Finished, Failed and Stopped
}
