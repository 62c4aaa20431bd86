package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A journal is a text file. Its first line is the header, every other line one commit:
//
//	<32 hex digits> <JSON without line breaks>\n
//
// The digits are half of the SHA-256 of the digits of the line before (of journalSeed for the first) and the JSON. So
// a line vouches for itself and for all lines before it. A last line without its line break was cut off by a crash before
// anybody was told that it is recorded: it is left out. Any other line that does not match is damage, and is reported,
// never guessed over.
const journalSeed = "escape state journal"

const (
	chainLen  = 32
	minRecord = chainLen + len(" {}\n")
)

// ErrCorrupt is the cause of errors about a journal that was damaged after it was written.
var ErrCorrupt = errors.New("the journal is damaged")

// A header says on what the commits of a journal build.
type header struct {
	format  int64
	project string
	lineage string
	base    string // checksum of the document; "" if there was none
	serial  int64  // of the document
	lease   Lease  // of the session that opened the journal
}

// A commit is one line of a journal: changes which are made together.
type commit struct {
	serial  int64 // of the state after it
	at      time.Time
	changes []Change
	events  []Event
}

// A journal is what is left of a session.
type journal struct {
	header  header
	commits []commit
	last    string // digits of the last line, for the next one
	size    int64  // bytes of whole lines
	torn    int64  // bytes behind them
}

// chain returns the digits of a line.
func chain(last string, payload []byte) string {
	h := sha256.New()
	h.Write([]byte(last))
	h.Write(payload)
	return hex.EncodeToString(h.Sum(nil)[:chainLen/2])
}

// appendLine appends the line for payload to out and returns its digits.
func appendLine(out []byte, last string, payload []byte) ([]byte, string) {
	digits := chain(last, payload)
	out = append(out, digits...)
	out = append(out, ' ')
	out = append(out, payload...)
	return append(out, '\n'), digits
}

func (h *header) payload() []byte {
	e := encoder{compact: true}
	e.object(func(o *members) {
		o.integer("format", h.format)
		o.text("project", h.project, false)
		o.text("lineage", h.lineage, false)
		o.text("base", h.base, false)
		o.integer("serial", h.serial)
		o.key("lease")
		e.object(h.lease.members)
	})
	return e.out
}

func (c *commit) payload() ([]byte, error) {
	e := encoder{compact: true}
	e.object(func(o *members) {
		o.integer("serial", c.serial)
		o.time("at", c.at, false)
		if len(c.changes) > 0 {
			o.key("changes")
			e.list(len(c.changes), func(i int) { e.object(c.changes[i].members) })
		}
		if len(c.events) > 0 {
			o.key("events")
			e.list(len(c.events), func(i int) { e.object(c.events[i].members) })
		}
	})
	return e.out, e.err
}

// parseJournal reads a journal. Errors wrap ErrCorrupt or ErrNewer. A journal whose header was never completed is
// nil: nothing was recorded in it.
func parseJournal(data []byte) (*journal, error) {
	j := &journal{last: journalSeed}
	for n := 0; ; n++ {
		rest := data[j.size:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			j.torn = int64(len(rest))
			break
		}
		line := rest[:end]
		if len(line)+1 < minRecord || line[chainLen] != ' ' || chain(j.last, line[chainLen+1:]) != string(line[:chainLen]) {
			return nil, fmt.Errorf("%w: line %d (byte %d) does not match its checksum", ErrCorrupt, n+1, j.size)
		}
		payload := line[chainLen+1:]
		var err error
		if n == 0 {
			err = j.header.parse(payload)
		} else {
			var c commit
			err = c.parse(payload)
			j.commits = append(j.commits, c)
		}
		if errors.Is(err, ErrNewer) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrCorrupt, n+1, err)
		}
		j.last = string(line[:chainLen])
		j.size += int64(end) + 1
	}
	if j.size == 0 {
		return nil, nil
	}
	return j, nil
}

func keyIn(keys []string) func([]byte) int {
	return func(key []byte) int { return 1 + slices.Index(keys, string(key)) }
}

var headerKeys = []string{"format", "project", "lineage", "base", "serial", "lease"}

func (h *header) parse(payload []byte) error {
	d := decoder{scanner: scanner{data: payload, build: true}}
	var ignored map[string]any
	err := d.fields(&ignored, keyIn(headerKeys), func(field int) error {
		switch headerKeys[field-1] {
		case "format":
			return d.integer(&h.format)
		case "project":
			return d.text(&h.project)
		case "lineage":
			return d.text(&h.lineage)
		case "base":
			return d.text(&h.base)
		case "serial":
			return d.integer(&h.serial)
		default:
			return d.lease(&h.lease)
		}
	})
	if h.format > Format {
		return fmt.Errorf("the journal was %w (format %d, this one knows %d)", ErrNewer, h.format, Format)
	}
	return locate(err, payload)
}

var commitKeys = []string{"serial", "at", "changes", "events"}

func (c *commit) parse(payload []byte) error {
	d := decoder{scanner: scanner{data: payload, build: true}}
	var ignored map[string]any
	err := d.fields(&ignored, keyIn(commitKeys), func(field int) error {
		switch commitKeys[field-1] {
		case "serial":
			return d.integer(&c.serial)
		case "at":
			return d.time(&c.at)
		case "changes":
			return d.list(func() error {
				ch, err := d.change()
				c.changes = append(c.changes, ch)
				return err
			})
		default:
			return d.list(func() error {
				var ev Event
				err := d.event(&ev)
				c.events = append(c.events, ev)
				return err
			})
		}
	})
	return locate(err, payload)
}

func (d *decoder) list(element func() error) error {
	if err := d.expect('[', "a list"); err != nil {
		return err
	}
	more, err := d.open(']')
	for more && err == nil {
		if err := element(); err != nil {
			return err
		}
		more, err = d.next(']', "after array element")
	}
	return err
}

// events returns the events of all commits.
func (j *journal) events() []Event {
	var all []Event
	for i := range j.commits {
		all = append(all, j.commits[i].events...)
	}
	return all
}

// serial returns the serial of the state after the last commit.
func (j *journal) serial() int64 {
	n := j.header.serial
	for i := range j.commits {
		n = max(n, j.commits[i].serial)
	}
	return n
}

// changed reports whether any commit changes the state.
func (j *journal) changed() bool {
	return slices.ContainsFunc(j.commits, func(c commit) bool { return len(c.changes) > 0 })
}

func (a Address) members(op string, o *members) {
	o.text("op", op, true)
	o.text("env", a.Environment, true)
	o.text("path", a.Path.String(), true)
	o.text("root", string(a.RootStage), false)
}

func (c PutDeployment) members(o *members) {
	c.Address.members("deployment", o)
	o.key("value")
	o.e.deployment(c.Deployment)
}

func (c PutStage) members(o *members) {
	c.Address.members("stage", o)
	o.text("stage", string(c.Stage), true)
	o.text("release", c.Release, false)
	o.key("value")
	st := *c.Value
	st.Deployments = nil
	o.e.stage(&st)
}

func (c PutStatus) members(o *members) {
	c.Address.members("status", o)
	o.text("stage", string(c.Stage), true)
	o.key("value")
	o.e.status(&c.Status)
}

func (c AddRevision) members(o *members) {
	c.Address.members("revision", o)
	o.key("value")
	o.e.revision(&c.Revision)
}

func (c DeleteDeployment) members(o *members) { c.Address.members("delete", o) }

func (c PutEnvironment) members(o *members) {
	o.text("op", "environment", true)
	o.text("env", c.Environment, true)
	o.key("value")
	o.e.value(c.Inputs)
}

func (c DeleteEnvironment) members(o *members) {
	o.text("op", "delete_environment", true)
	o.text("env", c.Environment, true)
}

var changeKeys = []string{"op", "env", "path", "root", "stage", "release", "value"}

// change reads one change; what it says is checked when it is applied.
func (d *decoder) change() (Change, error) {
	var op, path, release string
	var a Address
	var stage StageName
	var ignored map[string]any
	var value *decoder
	err := d.fields(&ignored, keyIn(changeKeys), func(field int) error {
		switch changeKeys[field-1] {
		case "op":
			return d.text(&op)
		case "env":
			return d.text(&a.Environment)
		case "path":
			return d.text(&path)
		case "root":
			return d.text((*string)(&a.RootStage))
		case "stage":
			return d.text((*string)(&stage))
		case "release":
			return d.text(&release)
		default:
			at := *d
			value = &at
			_, err := d.value()
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	if op != "environment" && op != "delete_environment" {
		if a.Path, err = ParsePath(path); err != nil {
			return nil, d.fail(err)
		}
	}
	if value == nil && op != "delete" && op != "delete_environment" && op != "environment" {
		return nil, d.fail(fmt.Errorf("change %q has no value", op))
	}
	switch op {
	case "deployment":
		dep, err := value.deployment([]byte(a.Path[len(a.Path)-1]), value.pos)
		return PutDeployment{a, dep}, err
	case "stage":
		st, err := value.stage()
		return PutStage{a, stage, release, st}, err
	case "status":
		c := PutStatus{Address: a, Stage: stage}
		err := value.status(&c.Status)
		return c, err
	case "revision":
		c := AddRevision{Address: a}
		err := value.revision(&c.Revision)
		return c, err
	case "delete":
		return DeleteDeployment{a}, nil
	case "environment":
		c := PutEnvironment{Environment: a.Environment}
		if value != nil {
			return c, value.values(&c.Inputs)
		}
		return c, nil
	case "delete_environment":
		return DeleteEnvironment{a.Environment}, nil
	}
	return nil, d.fail(fmt.Errorf("%w: unknown change %q", ErrNewer, op))
}
