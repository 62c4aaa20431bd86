package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
)

// Decode reads a document of any API version up to APIVersion: keys match without regard to case, unknown ones are
// ignored, numbers stay exact. What older documents leave out gets the meaning it had in the plan: see
// Variable.UnmarshalJSON and usual. The result is in the usual form and has passed Validate; an *Invalid error says
// which part did not, any other error begins "Couldn't unmarshal JSON release metadata: ".
func Decode(data []byte) (*Metadata, error) {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, invalid("", "Missing release metadata")
	}
	m := New()
	if err := unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("Couldn't unmarshal JSON release metadata: %w", err)
	}
	if err := m.numbers(); err != nil {
		return nil, fmt.Errorf("Couldn't unmarshal JSON release metadata: %w", err)
	}
	m.usual()
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// ReadFile decodes the document in a file. A missing file gives an error that is fs.ErrNotExist.
func ReadFile(path string) (*Metadata, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &notExist{path, err}
	}
	if err != nil {
		return nil, fmt.Errorf("read release metadata: %w", err)
	}
	return Decode(data)
}

type notExist struct {
	path string
	err  error
}

func (e *notExist) Error() string {
	return fmt.Sprintf("Release metadata file %s does not exist", e.path)
}
func (e *notExist) Unwrap() error { return e.err }

// unmarshal is json.Unmarshal with numbers kept as text.
func unmarshal(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errors.New("unexpected end of JSON input")
		}
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("text after the end of the document")
	}
	return nil
}

// UnmarshalJSON reads a variable. Without "visible" or "eval_before_dependencies" these are true, as in a plan; the
// original takes false and so changes the meaning of old packages.
func (v *Variable) UnmarshalJSON(data []byte) error {
	type plain Variable
	p := plain{Visible: true, EvalBeforeDependencies: true}
	if err := unmarshal(data, &p); err != nil {
		return err
	}
	*v = Variable(p)
	return nil
}

// numbers replaces the numbers in untyped places by int64, uint64 or float64.
func (m *Metadata) numbers() (err error) {
	one := func(v any) any {
		v, e := exact(v)
		if e != nil && err == nil {
			err = e
		}
		return v
	}
	values := func(m map[string]any) {
		for k, v := range m {
			m[k] = one(v)
		}
	}
	variables := func(l []*Variable) {
		for _, v := range l {
			if v != nil {
				v.Default, v.Items = one(v.Default), one(v.Items)
				values(v.Options)
			}
		}
	}
	variables(m.Inputs)
	variables(m.Outputs)
	for _, e := range m.Errands {
		if e != nil {
			variables(e.Inputs)
		}
	}
	for _, d := range m.Depends {
		if d != nil {
			values(d.Mapping)
			values(d.BuildMapping)
			values(d.DeployMapping)
		}
	}
	for _, t := range m.Templates {
		if t != nil {
			values(t.Mapping)
		}
	}
	return err
}

func exact(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case []any:
		for i := range v {
			x, err := exact(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = x
		}
	case map[string]any:
		for k := range v {
			x, err := exact(v[k])
			if err != nil {
				return nil, err
			}
			v[k] = x
		}
	}
	return v, nil
}

func number(s string) (any, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("json: cannot unmarshal number %s into Go value of type float64", s)
	}
	return Number(f), nil
}

// Number returns f as metadata holds it: an integer if it is one and fits 64 bits, else f itself. JSON does not tell
// 1.0 from 1, so neither may we.
func Number(f float64) any {
	switch {
	case f != math.Trunc(f):
		return f
	case f >= -1<<63 && f < 1<<63:
		return int64(f)
	case f > 0 && f < 1<<64:
		return uint64(f)
	}
	return f
}

// usual brings a document that was read into the usual form and gives parts of older documents the place they have now:
// a mapping for both scopes goes into each scope's, the script of an errand becomes its stage. An entry that is null
// becomes an empty one, which Validate then reports; a stage that is null goes away.
func (m *Metadata) usual() {
	m.fillMaps()
	m.Generates = emptyNil(m.Generates)
	m.Consumes = usualList(m.Consumes)
	if m.Downloads != nil {
		m.Downloads = append([]*Download{}, usualList(m.Downloads)...)
	}
	m.Depends = usualList(m.Depends)
	m.Extends = usualList(m.Extends)
	m.Provides = usualList(m.Provides)
	m.Templates = usualList(m.Templates)
	m.Inputs = usualVariables(m.Inputs)
	m.Outputs = usualVariables(m.Outputs)
	for name, s := range m.Stages {
		if s == nil {
			delete(m.Stages, name)
			continue
		}
		s.Args = emptyNil(s.Args)
	}
	for _, d := range m.Depends {
		fill(&d.Mapping)
		fill(&d.BuildMapping)
		fill(&d.DeployMapping)
		fill(&d.Consumes)
		for k, v := range d.Mapping {
			for _, scoped := range []map[string]any{d.BuildMapping, d.DeployMapping} {
				if _, ok := scoped[k]; !ok {
					scoped[k] = clone(v)
				}
			}
		}
		clear(d.Mapping)
	}
	for _, t := range m.Templates {
		fill(&t.Mapping)
	}
	for name, e := range m.Errands {
		if e == nil {
			e = &Errand{}
			m.Errands[name] = e
		}
		if e.Name == "" {
			e.Name = name
		}
		e.Inputs = usualVariables(e.Inputs)
		if e.Script != "" && !e.Run.Runs() {
			e.Run, e.Script = &Stage{Script: e.Script}, ""
		}
		if e.Run != nil {
			e.Run.Args = emptyNil(e.Run.Args)
		}
	}
}

func usualVariables(l []*Variable) []*Variable {
	l = usualList(l)
	for _, v := range l {
		if len(v.Options) == 0 {
			v.Options = nil
		}
	}
	return l
}

func usualList[T any](l []*T) []*T {
	for i := range l {
		if l[i] == nil {
			l[i] = new(T)
		}
	}
	return emptyNil(l)
}

func emptyNil[T any](l []T) []T {
	if len(l) == 0 {
		return nil
	}
	return l
}

// clone copies a plain value.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = clone(v[i])
		}
		return out
	case map[string]any:
		return CloneValues(v)
	}
	return v
}

// CloneValues copies a map of plain values, nested ones included. It is never nil.
func CloneValues(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = clone(v)
	}
	return out
}
