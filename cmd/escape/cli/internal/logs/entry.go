package logs

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Level ranks entries by how much they matter.
type Level uint8

// The levels, least severe first. Choosing one shows it and everything behind it.
const (
	Debug Level = iota
	Info
	Success
	Warn
	Error
)

var levelNames = [...]string{"debug", "info", "success", "warn", "error"}

// String returns the name of l as flags and JSON lines spell it.
func (l Level) String() string { return levelNames[l] }

// ParseLevel returns the level called name. The error lists the names.
func ParseLevel(name string) (Level, error) {
	for i, n := range levelNames {
		if n == name {
			return Level(i), nil
		}
	}
	return Info, fmt.Errorf("unknown log level '%s'; expecting one of %s", name, strings.Join(levelNames[:], ", "))
}

// An Entry is one thing to report.
type Entry struct {
	Key      string            // row of the catalogue
	Values   map[string]string // values for the template of the row
	Sections []string          // open sections, outermost first
	Release  string            // innermost open release; sets the value "release" unless empty
	// Detail is further text for people below the message, such as a snippet of a plan; it ends in a line break.
	Detail string
}

// Options say how entries are written. The zero value shows everything in plain lines without colour.
type Options struct {
	Format   string // "default" (also empty) or "json"
	Level    Level  // least severe level to show
	Color    bool   // default format only
	Collapse bool   // default format only: finished lines are overwritten
	// Width returns the width of the terminal in columns; nil or 0 means unknown. Collapsing needs it to cut lines
	// that would wrap and could not be erased.
	Width func() int
	Now   func() time.Time // nil means time.Now
}

// A Logger writes entries in order. It is safe for concurrent use.
type Logger struct {
	mu     sync.Mutex // guards out
	level  Level
	format formatter
}

type formatter interface {
	write(e *Entry, row *row, message string)
	close()
}

// New returns a Logger that writes to w. An unknown format is an error; its text is the original's.
func New(w io.Writer, opts Options) (*Logger, error) {
	l := &Logger{level: opts.Level}
	switch opts.Format {
	case "", "default":
		l.format = &human{out: w, color: opts.Color, collapse: opts.Collapse, width: opts.Width}
	case "json":
		now := opts.Now
		if now == nil {
			now = time.Now
		}
		l.format = &jsonLines{out: w, now: now}
	default:
		return nil, fmt.Errorf("Unknown logger type '%s', expecting 'default' or 'json'.", opts.Format)
	}
	return l, nil
}

// Log writes e, unless its level is hidden or its message is empty.
func (l *Logger) Log(e Entry) {
	r := lookup(e.Key)
	if r.level < l.level {
		return
	}
	if e.Release != "" {
		values := make(map[string]string, len(e.Values)+1)
		for k, v := range e.Values {
			values[k] = v
		}
		values["release"] = e.Release
		e.Values = values
	}
	message := render(r.text, e.Values)
	if message == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.format.write(&e, r, message)
}

// Close ends a line that is still open. The Logger may be used again afterwards.
func (l *Logger) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.format.close()
}

// render fills the {names} of text. A value that is missing shows as "<no value>", as in the original.
func render(text string, values map[string]string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String()
		}
		if v, ok := values[name]; ok {
			b.WriteString(v)
		} else {
			b.WriteString("<no value>")
		}
		text = after
	}
}
