package logs

import (
	"encoding/json"
	"io"
	"slices"
	"time"
)

// line is the schema of a JSON log line. Programs read it: names and order are the original's.
type line struct {
	Timestamp string            `json:"timestamp"`
	Message   string            `json:"message"`
	Level     string            `json:"level"`
	Key       string            `json:"log_key"`
	Values    map[string]string `json:"log_values"`
	Changed   bool              `json:"log_section_changed"`
	Indent    bool              `json:"log_section_indent"`
	Unindent  bool              `json:"log_section_unindent"`
	Sections  []string          `json:"log_sections"`
}

type jsonLines struct {
	out      io.Writer
	now      func() time.Time
	any      bool
	previous []string
}

func (j *jsonLines) write(e *Entry, r *row, message string) {
	changed := !j.any || !slices.Equal(j.previous, e.Sections)
	l := line{
		Timestamp: j.now().Format(time.RFC3339Nano),
		Message:   message,
		Level:     r.level.String(),
		Key:       e.Key,
		Values:    e.Values,
		Changed:   changed,
		Indent:    changed && len(e.Sections) > len(j.previous),
		Unindent:  changed && len(e.Sections) < len(j.previous),
		Sections:  e.Sections,
	}
	if l.Values == nil {
		l.Values = map[string]string{}
	}
	if l.Sections == nil {
		l.Sections = []string{}
	}
	j.any, j.previous = true, slices.Clone(e.Sections)
	text, err := json.Marshal(l)
	if err != nil {
		return // strings and booleans always encode
	}
	j.out.Write(append(text, '\n'))
}

func (j *jsonLines) close() {}
