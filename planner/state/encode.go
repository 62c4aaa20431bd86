package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// An encoder writes JSON in the layout of the original: keys in the order of its tables, those of maps sorted, three
// spaces per level (but see maxIndent), HTML-safe escapes, no line break at the end. With compact it writes no white space
// at all.
type encoder struct {
	done    []piece // before out
	size    int     // of the pieces
	out     []byte
	spans   []span // of the environments, in a document
	layout  layout // of the root deployments, in a document
	depth   int
	compact bool
	err     error
}

// A piece is a part of what was written: new, or a part of the old document.
type piece struct {
	text []byte
	from int // where it was in the old document; -1 for a new one
}

// Encode returns the document. It returns an error for a value that JSON cannot hold, naming its place.
func (s *State) Encode() ([]byte, error) {
	segments, _, err := s.segments()
	if err != nil {
		return nil, err
	}
	return bytes.Join(segments, nil), nil
}

// segments returns the document in pieces, and its checksum. Long ones are parts of the old document that stay as they are.
func (s *State) segments() (text [][]byte, sum uint32, err error) {
	return s.write(&encoder{layout: s.laidOut()}, minOffsets)
}

// write does the work of segments. Documents of at least this size say where their spans are.
func (s *State) write(e *encoder, offsets int) (text [][]byte, sum uint32, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.err != nil {
		return nil, 0, s.err
	}
	e.object(func(o *members) {
		o.text("name", s.name, true)
		if len(s.envs) > 0 {
			o.key("environments")
			e.object(func(o *members) {
				for _, name := range slices.Sorted(maps.Keys(s.envs)) {
					o.key(name)
					e.environment(s, name, s.envs[name])
				}
			})
		}
		o.integer("serial", s.serial)
		o.text("lineage", s.lineage, false)
		o.values(s.extra)
	})
	toSeal := s.serial > 0 && e.err == nil && !s.active()
	if toSeal {
		e.out = e.out[:len(e.out)-len("\n}")]
		if e.length() >= offsets && len(e.spans) > 0 {
			o := members{e: e, some: true}
			e.depth++
			o.text(offsetsKey, offsetsText(e.spans), true)
			e.depth--
		}
	}
	e.cut()
	for _, p := range e.done {
		if p.from < 0 {
			sum = crc32.Update(sum, castagnoli(), p.text)
		} else {
			sum = s.sums.extend(sum, s.data, p.from, p.from+len(p.text))
		}
	}
	if toSeal {
		e.out = append(e.out, seal(sum)...)
		sum = crc32.Update(sum, castagnoli(), e.out)
		e.cut()
	}
	for _, p := range e.done {
		text = append(text, p.text)
	}
	return text, sum, e.err
}

// active reports whether some stage may be in a running status. The caller holds s.mu.
func (s *State) active() bool {
	for _, env := range s.envs {
		for name, d := range env.put {
			if d != nil && len(running(nil, d, Address{Path: Path{name}})) > 0 {
				return true
			}
		}
		for _, r := range env.raw {
			if _, ok := env.put[r.name]; r.active && !ok {
				return true
			}
		}
	}
	return false
}

// length returns how much was written.
func (e *encoder) length() int { return e.size + len(e.out) }

// cut ends the piece being written.
func (e *encoder) cut() {
	e.done = append(e.done, piece{e.out, -1})
	e.size += len(e.out)
	e.out = nil
}

// copy puts a part of the old document into the new one.
func (e *encoder) copy(data []byte, from, to int) {
	if to-from < 1024 {
		e.out = append(e.out, data[from:to]...)
		return
	}
	e.cut()
	e.done = append(e.done, piece{data[from:to], from})
	e.size += to - from
}

func (e *encoder) environment(s *State, name string, env *environment) {
	e.object(func(o *members) {
		o.text("name", name, true)
		o.object("inputs", env.inputs)
		d := roots{e: e, o: o}
		if env.whole.end > 0 {
			d.whole(s, env)
		} else {
			d.raw(s, env)
		}
		if d.some {
			e.end('}')
			e.spans[len(e.spans)-1].end = e.length()
		}
		o.values(env.extra)
	})
}

// roots writes the root deployments of an environment. Without any nothing is written.
type roots struct {
	e    *encoder
	o    *members
	some bool
}

// next makes room for one more entry, or for several from the old document.
func (r *roots) next() {
	if r.some {
		r.e.out = append(r.e.out, ',')
		return
	}
	r.some = true
	r.o.key("deployments")
	r.e.spans = append(r.e.spans, span{start: r.e.length()})
	r.e.begin('{')
}

// key begins one entry.
func (r *roots) key(name string) {
	r.next()
	r.e.line()
	r.e.string(name)
	r.e.colon()
}

// value ends one entry.
func (r *roots) value(d *Deployment) {
	r.e.compact = r.e.layout == compact
	r.e.deployment(d)
	r.e.compact = false
}

// raw copies what has the right layout in the old document, in parts as long as can be.
func (r *roots) raw(s *State, env *environment) {
	from, to := 0, 0 // what is to be copied
	for name, i := range env.all() {
		if i >= 0 && to > 0 && i > 0 && to == env.raw[i-1].end && env.raw[i].joined && env.raw[i].layout == r.e.layout {
			to = env.raw[i].end
			continue
		}
		r.e.copy(s.data, from, to)
		from, to = 0, 0
		r.key(name)
		switch {
		case i >= 0 && env.raw[i].layout == r.e.layout:
			from, to = env.raw[i].start, env.raw[i].end
		case i >= 0:
			d, err := s.decodeRaw(env.raw[i])
			if err != nil {
				r.e.fail(err)
				return
			}
			r.value(d)
		default:
			r.value(env.put[name])
		}
	}
	r.e.copy(s.data, from, to)
}

// whole copies the old document but for what was changed.
func (r *roots) whole(s *State, env *environment) {
	w := env.whole
	pos := w.first()
	// upTo copies the entries before the one that begins at to.
	upTo := func(to int) {
		if pos == to {
			return
		}
		r.next()
		end := to
		if to < w.last() {
			end -= len(",")
		}
		r.e.copy(s.data, pos, end)
		pos = to
	}
	for _, name := range sortedKeys(env.put) {
		at, _, end, found := w.find(s.data, name)
		upTo(at)
		if d := env.put[name]; d != nil {
			r.key(name)
			r.value(d)
		}
		if found {
			pos = min(end+len(","), w.last())
		}
	}
	upTo(w.last())
}

// JSON returns the deployment as it stands in a document, but as a document of its own.
func (d *Deployment) JSON() ([]byte, error) {
	var e encoder
	e.deployment(d)
	return e.out, e.err
}

func (e *encoder) deployment(d *Deployment) {
	e.object(func(o *members) {
		o.text("name", d.Name, true)
		o.text("release", d.Release, false)
		if len(d.Stages) > 0 {
			o.key("stages")
			e.object(func(o *members) {
				for _, name := range slices.Sorted(maps.Keys(d.Stages)) {
					o.key(string(name))
					e.stage(d.Stages[name])
				}
			})
		}
		o.object("inputs", d.Inputs)
		if len(d.Revisions) > 0 {
			o.key("revisions")
			e.begin('[')
			for i := range d.Revisions {
				if i > 0 {
					e.out = append(e.out, ',')
				}
				e.line()
				e.revision(&d.Revisions[i])
			}
			e.end(']')
		}
		o.values(d.Extra)
	})
}

func (e *encoder) stage(s *Stage) {
	e.object(func(o *members) {
		o.object("inputs", s.Inputs)
		o.object("calculated_inputs", s.CalculatedInputs)
		o.object("calculated_outputs", s.CalculatedOutputs)
		if len(s.Deployments) > 0 {
			o.key("deployments")
			e.object(func(o *members) {
				for _, name := range slices.Sorted(maps.Keys(s.Deployments)) {
					o.key(name)
					e.deployment(s.Deployments[name])
				}
			})
		}
		o.texts("providers", s.Providers)
		if len(s.Provides) > 0 {
			o.key("provides")
			e.value(s.Provides)
		}
		o.text("version", s.Version, false)
		o.key("status")
		e.status(&s.Status)
		o.values(s.Extra)
	})
}

func (e *encoder) status(s *Status) {
	e.object(func(o *members) {
		code := s.Code
		if code == "" {
			code = Empty
		}
		o.text("status", string(code), true)
		o.time("updated_at", s.UpdatedAt, true)
		o.text("updated_by", s.UpdatedBy, false)
		o.text("data", s.Data, false)
		o.time("try_again_at", s.TryAgainAt, false)
		o.integer("tried", int64(s.Tried))
		o.values(s.Extra)
	})
}

func (e *encoder) revision(r *Revision) {
	e.object(func(o *members) {
		o.integer("number", int64(r.Number))
		o.text("release", r.Release, false)
		o.text("digest", r.Digest, false)
		o.object("inputs", r.Inputs)
		o.texts("providers", r.Providers)
		o.text("outputs", r.Outputs, false)
		if len(r.Deployments) > 0 {
			o.key("deployments")
			e.object(func(o *members) {
				for _, name := range slices.Sorted(maps.Keys(r.Deployments)) {
					o.key(name)
					e.value(r.Deployments[name])
				}
			})
		}
		o.text("outcome", string(r.Outcome), false)
		o.text("run", r.Run, false)
		o.time("at", r.At, false)
		o.text("by", r.By, false)
		o.values(r.Extra)
	})
}

// members writes the members of one object.
type members struct {
	e    *encoder
	some bool
}

func (e *encoder) object(write func(o *members)) {
	o := members{e: e}
	e.out = append(e.out, '{')
	e.depth++
	write(&o)
	e.depth--
	if o.some {
		e.line()
	}
	e.out = append(e.out, '}')
}

func (e *encoder) begin(c byte) {
	e.out = append(e.out, c)
	e.depth++
}

func (e *encoder) end(c byte) {
	e.depth--
	e.line()
	e.out = append(e.out, c)
}

func (e *encoder) line() {
	if e.compact {
		return
	}
	e.out = append(e.out, blanks[:1+min(e.depth, maxIndent)*len(indentUnit)]...)
}

func (e *encoder) colon() {
	if e.compact {
		e.out = append(e.out, ':')
		return
	}
	e.out = append(e.out, ": "...)
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

func (o *members) key(name string) {
	if o.some {
		o.e.out = append(o.e.out, ',')
	}
	o.some = true
	o.e.line()
	o.e.string(name)
	o.e.colon()
}

func (o *members) text(key, s string, always bool) {
	if s != "" || always {
		o.key(key)
		o.e.string(s)
	}
}

func (o *members) integer(key string, n int64) {
	if n != 0 {
		o.key(key)
		o.e.out = strconv.AppendInt(o.e.out, n, 10)
	}
}

func (o *members) time(key string, t time.Time, always bool) {
	if t.IsZero() && !always {
		return
	}
	o.key(key)
	text, err := t.MarshalText()
	if err != nil {
		o.e.fail(fmt.Errorf("%s: %w", key, err))
	}
	o.e.string(string(text))
}

func (o *members) object(key string, m map[string]any) {
	if len(m) > 0 {
		o.key(key)
		o.e.value(m)
	}
}

func (o *members) texts(key string, m map[string]string) {
	if len(m) > 0 {
		o.key(key)
		o.e.value(m)
	}
}

func (o *members) values(m map[string]any) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		o.key(k)
		o.e.value(m[k])
	}
}

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.out = append(e.out, "null"...)
	case string:
		e.string(v)
	case bool:
		e.out = strconv.AppendBool(e.out, v)
	case int:
		e.out = strconv.AppendInt(e.out, int64(v), 10)
	case int64:
		e.out = strconv.AppendInt(e.out, v, 10)
	case uint64:
		e.out = strconv.AppendUint(e.out, v, 10)
	case float64:
		e.float(v)
	case json.Number:
		if checked := (scanner{data: []byte(v)}); len(v) == 0 || !checked.isNumber() {
			e.fail(fmt.Errorf("%q is no JSON number", string(v)))
		}
		e.out = append(e.out, v...)
	case []any:
		e.list(len(v), func(i int) { e.value(v[i]) })
	case []string:
		e.list(len(v), func(i int) { e.string(v[i]) })
	case map[string]any:
		e.object(func(o *members) { o.values(v) })
	case map[string]string:
		e.object(func(o *members) {
			for _, k := range slices.Sorted(maps.Keys(v)) {
				o.key(k)
				e.string(v[k])
			}
		})
	default:
		e.fail(fmt.Errorf("state cannot hold a value of type %T", v))
	}
}

func (s *scanner) isNumber() bool {
	if c := s.data[0]; c != '-' && (c < '0' || c > '9') {
		return false
	}
	_, _, err := s.number()
	return err == nil && s.pos == len(s.data)
}

func (e *encoder) list(n int, element func(i int)) {
	if n == 0 {
		e.out = append(e.out, "[]"...)
		return
	}
	e.begin('[')
	for i := range n {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.line()
		element(i)
	}
	e.end(']')
}

// float writes f as the standard library does, but keeps it apart from integers: 2 is written as 2.0.
func (e *encoder) float(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		e.fail(fmt.Errorf("state cannot hold the number %v", f))
		return
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	e.out = strconv.AppendFloat(e.out, f, format, -1, 64)
	if format == 'e' {
		// Shorten e-09 to e-9.
		if n := len(e.out); n >= 4 && e.out[n-4] == 'e' && e.out[n-3] == '-' && e.out[n-2] == '0' {
			e.out[n-2] = e.out[n-1]
			e.out = e.out[:n-1]
		}
	} else if f == math.Trunc(f) {
		e.out = append(e.out, ".0"...)
	}
}

const hexDigits = "0123456789abcdef"

// string writes s with the escapes of the original. Bytes which are no UTF-8 become the replacement character.
func (e *encoder) string(s string) {
	e.out = append(e.out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				e.out = append(append(e.out, s[start:i]...), `\ufffd`...)
				start = i + n
			case r == '\u2028' || r == '\u2029':
				e.out = append(append(e.out, s[start:i]...), `\u202`...)
				e.out = append(e.out, hexDigits[r&0xf])
				start = i + n
			}
			i += n
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			i++
			continue
		}
		e.out = append(e.out, s[start:i]...)
		switch c {
		case '"', '\\':
			e.out = append(e.out, '\\', c)
		case '\n':
			e.out = append(e.out, `\n`...)
		case '\r':
			e.out = append(e.out, `\r`...)
		case '\t':
			e.out = append(e.out, `\t`...)
		default:
			e.out = append(e.out, `\u00`...)
			e.out = append(e.out, hexDigits[c>>4], hexDigits[c&0xf])
		}
		i++
		start = i
	}
	e.out = append(e.out, s[start:]...)
	e.out = append(e.out, '"')
}
