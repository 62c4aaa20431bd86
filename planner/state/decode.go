package state

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format is the version of the layout of documents which this package writes. A document of a newer one says so in
// the key "format"; without that key it has format 1.
const Format = 1

// ErrNewer is the cause of errors about documents and journals written by a newer version of Escape.
var ErrNewer = errors.New("written by a newer version of Escape")

// A DocumentError says what is wrong with a state document and where.
type DocumentError struct {
	File         string // "" for a document without a file
	Line, Column int    // counted from 1, column in bytes
	Node         string // such as `environment "dev", deployment "shop", stage "x"`; "" for the document itself
	Err          error  // a *NameError has the original's text
}

// Error returns "file:line:column: node: what is wrong".
func (e *DocumentError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ":")
	}
	fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	if e.Node != "" {
		b.WriteString(e.Node + ": ")
	}
	return b.String() + e.Err.Error()
}

// Unwrap returns the cause.
func (e *DocumentError) Unwrap() error { return e.Err }

// A nodeError collects, from the inside out, the names of the nodes around an error.
type nodeError struct {
	nodes []string
	err   *syntaxError
}

func (e *nodeError) Error() string { return e.err.Error() }

// in says that err happened in the node called kind and name.
func in(kind, name string, err error) error {
	var n *nodeError
	switch e := err.(type) {
	case nil:
		return nil
	case *nodeError:
		n = e
	case *syntaxError:
		n = &nodeError{err: e}
	default:
		return err
	}
	n.nodes = append(n.nodes, kind+" "+strconv.Quote(name))
	return n
}

// locate turns an error of a decoder into a *DocumentError of data.
func locate(err error, data []byte) error {
	d := &DocumentError{Line: 1, Column: 1}
	offset := 0
	switch e := err.(type) {
	case nil:
		return nil
	case *nodeError:
		slices.Reverse(e.nodes)
		d.Node, d.Err, offset = strings.Join(e.nodes, ", "), e.err.err, e.err.offset
	case *syntaxError:
		d.Err, offset = e.err, e.offset
	default:
		return err
	}
	before := data[:min(offset, len(data))]
	d.Line = 1 + bytes.Count(before, []byte("\n"))
	d.Column = len(before) - bytes.LastIndexByte(before, '\n')
	return d
}

// A decoder reads the nodes of a document. Without build it only checks, as the scanner does.
type decoder struct {
	scanner
	// now stands in where old documents have no time for a status.
	now time.Time
	// sealed says that the document bears a seal that fits; spans are those it tells of and which were not reached yet.
	sealed bool
	spans  []span
	// active is set without build when a status was seen that may say that a step is running.
	active bool
	// Without build, what is read goes here, to be forgotten.
	noDeployment Deployment
	noStage      Stage
}

// absent reads null if it is next, and reports so: null means that nothing is there.
func (d *decoder) absent() (bool, error) {
	if d.pos < len(d.data) && d.data[d.pos] == 'n' {
		d.odd, d.spaced = true, true // written back, it is left out
		return true, d.literal("null")
	}
	return false, nil
}

func (d *decoder) expect(c byte, what string) error {
	if d.pos < len(d.data) && d.data[d.pos] == c {
		return nil
	}
	if d.pos >= len(d.data) {
		return d.fail(errEnd)
	}
	kind := kindOf(d.data[d.pos])
	if kind == "" {
		return d.unexpected("looking for beginning of value")
	}
	return d.fail(fmt.Errorf("must be %s, but this is %s", what, kind))
}

// kindOf names the kind of value that begins with c; "" if none does.

func kindOf(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a bool"
	case 'n':
		return "null"
	}
	if c == '-' || '0' <= c && c <= '9' {
		return "a number"
	}
	return ""
}

// seen keeps the known keys of one object, to refuse a second one of the same name: which of the two counts would be
// a guess. Bit 0 is unused.
type seen uint32

// fields reads an object of known keys. known returns the number of a key (from 1), or 0; read reads its value.
// Values of other keys go to extra, unless they are null.
func (d *decoder) fields(extra *map[string]any, known func(key []byte) int, read func(field int) error) error {
	if err := d.expect('{', "an object"); err != nil {
		return err
	}
	var done seen
	more, err := d.open('}')
	for more && err == nil {
		start := d.pos
		key, err := d.key()
		if err != nil {
			return err
		}
		field := known(key)
		if field > 0 && done&(1<<field) != 0 {
			d.pos = start
			return d.fail(fmt.Errorf("duplicate key %q", key))
		}
		done |= 1 << field
		null := false
		if field > 0 {
			if null, err = d.absent(); err != nil {
				return err
			}
		}
		switch {
		case null:
		case field > 0:
			if err := read(field); err != nil {
				return inField(string(key), err)
			}
		default:
			name := ""
			if d.build {
				name = string(key)
			}
			v, err := d.value()
			if err != nil {
				return err
			}
			if d.build {
				if *extra == nil {
					*extra = map[string]any{}
				}
				(*extra)[name] = v
			}
		}
		if more, err = d.next('}', "after object key:value pair"); err != nil {
			return err
		}
	}
	return err
}

// inField puts the key in front of an error about its value, which has no place of its own yet.
func inField(key string, err error) error {
	if e, ok := err.(*syntaxError); ok && strings.HasPrefix(e.err.Error(), "must be ") {
		return &syntaxError{e.offset, fmt.Errorf("%q %w", key, e.err)}
	}
	return err
}

// each reads an object of any keys; absent values are skipped. node is called with the position behind the key and
// its colon, start is where the key begins.
func (d *decoder) each(node func(key []byte, start int) error) error {
	if err := d.expect('{', "an object"); err != nil {
		return err
	}
	begin, last, sorted := d.scanner, []byte(nil), true
	more, err := d.open('}')
	for more && err == nil {
		start := d.pos
		key, err := d.key()
		if err != nil {
			return err
		}
		if sorted && last != nil && bytes.Compare(last, key) >= 0 {
			sorted = false
			if err := (&decoder{scanner: begin}).unique(); err != nil {
				return err
			}
		}
		last = key
		null, err := d.absent()
		if err != nil {
			return err
		}
		if !null {
			if err := node(key, start); err != nil {
				return err
			}
		}
		if more, err = d.next('}', "after object key:value pair"); err != nil {
			return err
		}
	}
	return err
}

// unique reads an object to its end, or to what is wrong with it otherwise, and returns an error if a key comes twice:
// which of the two counts would be a guess.
func (d *decoder) unique() error {
	d.build = false
	keys := map[string]bool{}
	more, err := d.open('}')
	for more && err == nil {
		start := d.pos
		key, err := d.key()
		if err != nil {
			return nil
		}
		if keys[string(key)] {
			d.pos = start
			return d.fail(fmt.Errorf("duplicate key %q", key))
		}
		keys[string(key)] = true
		if _, err := d.value(); err != nil {
			return nil
		}
		if more, err = d.next('}', ""); err != nil {
			return nil
		}
	}
	return nil
}

func (d *decoder) text(into *string) error {
	if err := d.expect('"', "a string"); err != nil {
		return err
	}
	s, err := d.str()
	if d.build {
		*into = s
	}
	return err
}

func (d *decoder) values(into *map[string]any) error {
	if err := d.expect('{', "an object"); err != nil {
		return err
	}
	v, err := d.object()
	if m, ok := v.(map[string]any); ok && len(m) > 0 {
		*into = m
	}
	return err
}

func (d *decoder) strings(into *[]string) error {
	if err := d.expect('[', "a list of strings"); err != nil {
		return err
	}
	more, err := d.open(']')
	for more && err == nil {
		var s string
		if err := d.text(&s); err != nil {
			return err
		}
		if d.build {
			*into = append(*into, s)
		}
		more, err = d.next(']', "after array element")
	}
	return err
}

func (d *decoder) texts(into *map[string]string) error {
	return d.each(func(key []byte, _ int) error {
		name := ""
		if d.build {
			name = string(key)
		}
		var s string
		if err := d.text(&s); err != nil {
			return in("key", string(key), err)
		}
		if d.build {
			if *into == nil {
				*into = map[string]string{}
			}
			(*into)[name] = s
		}
		return nil
	})
}

// integer reads a whole number that fits an int64.
func (d *decoder) integer(into *int64) error {
	if d.pos >= len(d.data) || d.data[d.pos] != '-' && (d.data[d.pos] < '0' || d.data[d.pos] > '9') {
		return d.expect('0', "an integer")
	}
	start := d.pos
	text, whole, err := d.number()
	if err != nil {
		return err
	}
	n, convErr := strconv.ParseInt(string(text), 10, 64)
	if !whole || convErr != nil {
		d.pos = start
		return d.fail(fmt.Errorf("must be an integer, but this is %s", text))
	}
	*into = n
	return nil
}

// time reads a time in RFC 3339.
func (d *decoder) time(into *time.Time) error {
	if err := d.expect('"', "a time"); err != nil {
		return err
	}
	start := d.pos
	raw, plain, err := d.rawString()
	if err != nil {
		return err
	}
	var t time.Time
	if !plain {
		raw = []byte(unquote(raw))
	}
	if !d.build && plainTime(raw) {
		return nil
	}
	if err := t.UnmarshalText(raw); err != nil {
		d.pos = start
		return d.fail(fmt.Errorf("must be a time such as 2018-11-21T20:47:49.43356759Z, but this is %q", raw))
	}
	if d.build {
		*into = t
	}
	return nil
}

// plainTime reports whether b surely is a time in UTC of a day that every month has; only checking, this is faster
// than parsing it. Days 29 to 31 and other zones are left to the parser.
func plainTime(b []byte) bool {
	const layout = "0000-00-00T00:00:00"
	if len(b) < len(layout)+1 || len(b) > len(layout)+11 || b[len(b)-1] != 'Z' {
		return false
	}
	for i := range len(layout) {
		if c := b[i]; layout[i] != c && (layout[i] != '0' || c < '0' || c > '9') {
			return false
		}
	}
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	if m, day := two(5), two(8); m < 1 || m > 12 || day < 1 || day > 28 {
		return false
	}
	if two(11) > 23 || two(14) > 59 || two(17) > 59 {
		return false
	}
	fraction := b[len(layout) : len(b)-1]
	if len(fraction) == 0 {
		return true
	}
	if fraction[0] != '.' || len(fraction) == 1 {
		return false
	}
	for _, c := range fraction[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func deploymentKey(key []byte) int {
	switch string(key) {
	case "name":
		return 1
	case "release":
		return 2
	case "stages":
		return 3
	case "inputs":
		return 4
	case "revisions":
		return 5
	}
	return 0
}

// deployment reads the deployment called name. Without build it returns nil.
func (d *decoder) deployment(name []byte, start int) (*Deployment, error) {
	if !validDeploymentName(name) {
		d.pos = start
		return nil, in("deployment", string(name), d.fail(&NameError{"deployment", string(name)}))
	}
	dep := &d.noDeployment
	if d.build {
		dep = &Deployment{}
	}
	err := d.fields(&dep.Extra, deploymentKey, func(field int) error {
		switch field {
		case 1:
			return d.text(&dep.Name) // replaced below
		case 2:
			return d.text(&dep.Release)
		case 3:
			return d.stages(&dep.Stages)
		case 4:
			return d.values(&dep.Inputs)
		default:
			return d.revisions(&dep.Revisions)
		}
	})
	if err != nil {
		return nil, in("deployment", string(name), err)
	}
	if !d.build {
		return nil, nil
	}
	dep.Name = string(name)
	if dep.Release == "" {
		dep.Release = dep.Name
	}
	return dep, nil
}

func (d *decoder) stages(into *map[StageName]*Stage) error {
	return d.each(func(key []byte, start int) error {
		if string(key) != string(BuildStage) && string(key) != string(DeployStage) {
			d.pos = start
			return in("stage", string(key), d.fail(&NameError{"stage", string(key)}))
		}
		name := BuildStage
		if key[0] == 'd' {
			name = DeployStage
		}
		stage, err := d.stage()
		if err != nil {
			return in("stage", string(name), err)
		}
		if d.build {
			if *into == nil {
				*into = map[StageName]*Stage{}
			}
			(*into)[name] = stage
		}
		return nil
	})
}

func stageKey(key []byte) int {
	switch string(key) {
	case "inputs":
		return 1
	case "calculated_inputs":
		return 2
	case "calculated_outputs":
		return 3
	case "deployments":
		return 4
	case "providers":
		return 5
	case "provides":
		return 6
	case "version":
		return 7
	case "status":
		return 8
	}
	return 0
}

func (d *decoder) stage() (*Stage, error) {
	s := &d.noStage
	if d.build {
		s = &Stage{}
	}
	s.Status = Status{}
	err := d.fields(&s.Extra, stageKey, func(field int) error {
		switch field {
		case 1:
			return d.values(&s.Inputs)
		case 2:
			return d.values(&s.CalculatedInputs)
		case 3:
			return d.values(&s.CalculatedOutputs)
		case 4:
			return d.deployments(&s.Deployments)
		case 5:
			return d.texts(&s.Providers)
		case 6:
			return d.strings(&s.Provides)
		case 7:
			return d.text(&s.Version)
		default:
			return d.status(&s.Status)
		}
	})
	if err != nil || !d.build {
		return nil, err
	}
	if s.Status.Code == "" {
		if s.Status.Code = Empty; s.Version != "" {
			s.Status.Code = OK
		}
	}
	if s.Status.UpdatedAt.IsZero() {
		s.Status.UpdatedAt = d.now
	}
	return s, nil
}

func (d *decoder) deployments(into *map[string]*Deployment) error {
	return d.each(func(key []byte, start int) error {
		dep, err := d.deployment(key, start)
		if err != nil || dep == nil {
			return err
		}
		if *into == nil {
			*into = map[string]*Deployment{}
		}
		(*into)[dep.Name] = dep
		return nil
	})
}

func statusKey(key []byte) int {
	switch string(key) {
	case "status":
		return 1
	case "updated_at":
		return 2
	case "updated_by":
		return 3
	case "data":
		return 4
	case "try_again_at":
		return 5
	case "tried":
		return 6
	}
	return 0
}

func (d *decoder) status(s *Status) error {
	return d.fields(&s.Extra, statusKey, func(field int) error {
		switch field {
		case 1:
			start := d.pos
			err := d.text((*string)(&s.Code))
			if c := d.data[min(start+1, len(d.data)):]; len(c) > 0 && (c[0] == 'r' || c[0] == '\\') {
				d.active = true
			}
			return err
		case 2:
			return d.time(&s.UpdatedAt)
		case 3:
			return d.text(&s.UpdatedBy)
		case 4:
			return d.text(&s.Data)
		case 5:
			return d.time(&s.TryAgainAt)
		default:
			var n int64
			err := d.integer(&n)
			s.Tried = int(n)
			return err
		}
	})
}

func (d *decoder) revisions(into *[]Revision) error {
	if err := d.expect('[', "a list"); err != nil {
		return err
	}
	more, err := d.open(']')
	for more && err == nil {
		var r Revision
		if err := d.revision(&r); err != nil {
			return in("revision", strconv.Itoa(r.Number), err)
		}
		if d.build {
			*into = append(*into, r)
		}
		more, err = d.next(']', "after array element")
	}
	return err
}

func revisionKey(key []byte) int {
	return 1 + slices.Index(revisionKeys[:], string(key))
}

var revisionKeys = [...]string{"number", "release", "digest", "inputs", "providers", "outputs", "deployments",
	"outcome", "run", "at", "by"}

func (d *decoder) revision(r *Revision) error {
	return d.fields(&r.Extra, revisionKey, func(field int) error {
		switch revisionKeys[field-1] {
		case "number":
			var n int64
			err := d.integer(&n)
			r.Number = int(n)
			return err
		case "release":
			return d.text(&r.Release)
		case "digest":
			return d.text(&r.Digest)
		case "inputs":
			return d.values(&r.Inputs)
		case "providers":
			return d.texts(&r.Providers)
		case "outputs":
			return d.text(&r.Outputs)
		case "deployments":
			return d.each(func(key []byte, _ int) error {
				name := string(key)
				var n int64
				if err := d.integer(&n); err != nil {
					return in("key", name, err)
				}
				if d.build {
					if r.Deployments == nil {
						r.Deployments = map[string]int{}
					}
					r.Deployments[name] = int(n)
				}
				return nil
			})
		case "outcome":
			return d.text((*string)(&r.Outcome))
		case "run":
			return d.text(&r.Run)
		case "at":
			return d.time(&r.At)
		default:
			return d.text(&r.By)
		}
	})
}
