package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Document is the configuration file while it is being changed. What is not touched stays as it is, also keys that
// this version does not know; only layout and order become those of the original.
type Document struct {
	places   Places
	file     *EscapeConfig // what the text means
	top      object
	profiles map[string]object // those that the text has

	topKeys, profileKeys []string // the keys that are known, in the order in which they are written
}

func newDocument(p Places, file *EscapeConfig, text []byte) (*Document, error) {
	d := &Document{places: p, file: file, profiles: map[string]object{}}
	var err error
	if d.topKeys, err = keysOf(&EscapeConfig{}); err != nil {
		return nil, err
	}
	if d.profileKeys, err = keysOf(&EscapeConfigProfile{}); err != nil {
		return nil, err
	}
	if d.top, err = parseObject(text, d.topKeys); err != nil {
		return nil, err
	}
	profiles, ok := d.top.get("profiles")
	if !ok || string(profiles) == "null" {
		return d, nil
	}
	all, err := parseObject(profiles, nil)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if d.profiles[m.key], err = parseObject(m.value, d.profileKeys); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Current returns the name of the current profile.
func (d *Document) Current() string { return d.file.Current }

// SetCurrent makes a profile the current one. A *NotFound says that it is not there.
func (d *Document) SetCurrent(name string) error {
	if _, err := d.file.find(name); err != nil {
		return err
	}
	d.file.Current = name
	return nil
}

// Profile returns a copy of a profile, or a *NotFound.
func (d *Document) Profile(name string) (*EscapeConfigProfile, error) {
	stored, err := d.file.find(name)
	if err != nil {
		return nil, err
	}
	p := *stored
	p.ProxyNamespaces = slices.Clone(p.ProxyNamespaces)
	return &p, nil
}

// Create adds a profile that is seeded from the environment.
func (d *Document) Create(name string) error {
	if name == "" {
		return errors.New("Missing profile name")
	}
	if _, ok := d.file.Profiles[name]; ok {
		return errors.New("Profile already exists")
	}
	return d.put(name, &EscapeConfigProfile{}, newProfile(d.places))
}

// Set changes a profile. Only keys whose values differ from what they were are written.
func (d *Document) Set(name string, to *EscapeConfigProfile) error {
	from, err := d.file.find(name)
	if err != nil {
		return err
	}
	return d.put(name, from, to)
}

// Delete takes a profile away. The current one stays, and so does "default", which is there even if the text does not
// mention it.
func (d *Document) Delete(name string) error {
	if _, err := d.file.find(name); err != nil {
		return err
	}
	if name == d.file.Current {
		return fmt.Errorf("profile '%s' is the current one; make another one current first", name)
	}
	if name == defaultProfile {
		return fmt.Errorf("there is always a profile '%s'", name)
	}
	delete(d.file.Profiles, name)
	delete(d.profiles, name)
	return nil
}

// put writes the keys that differ, or all if the text has no such profile.
func (d *Document) put(name string, from, to *EscapeConfigProfile) error {
	before, err := encodeObject(from)
	if err != nil {
		return err
	}
	after, err := encodeObject(to)
	if err != nil {
		return err
	}
	o, stored := d.profiles[name]
	for i, m := range after {
		if !stored || !bytes.Equal(before[i].value, m.value) {
			o.set(m.key, m.value)
		}
	}
	d.profiles[name] = o
	d.file.Profiles[name] = to
	return nil
}

// secret reports whether the text holds one.
func (d *Document) secret() bool {
	for name := range d.profiles {
		if p := d.file.Profiles[name]; p.AuthToken != "" || p.BasicAuthPassword != "" {
			return true
		}
	}
	return false
}

// encode returns the text.
func (d *Document) encode() ([]byte, error) {
	var profiles object
	for _, name := range d.file.Names() {
		if o, ok := d.profiles[name]; ok {
			profiles = append(profiles, member{name, o.encode(d.profileKeys)})
		}
	}
	if _, ok := d.top.get("profiles"); ok || len(profiles) > 0 {
		d.top.set("profiles", profiles.encode(nil))
	}
	if _, ok := d.top.get("current_profile"); ok || d.file.Current != defaultProfile {
		name, err := json.Marshal(d.file.Current)
		if err != nil {
			return nil, err
		}
		d.top.set("current_profile", name)
	}
	var out bytes.Buffer
	err := json.Indent(&out, d.top.encode(d.topKeys), "", "    ")
	return out.Bytes(), err
}

func keysOf(v any) (keys []string, err error) {
	o, err := encodeObject(v)
	for _, m := range o {
		keys = append(keys, m.key)
	}
	return keys, err
}

// An object is a JSON object whose members have an order.
type object []member

type member struct {
	key   string
	value json.RawMessage
}

// parseObject reads an object. Keys that differ from known ones only in case are those, as for encoding/json; of equal
// ones the last counts.
func parseObject(text []byte, known []string) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil { // "{", which the caller has checked
		return nil, err
	}
	var o object
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) }); i >= 0 {
			name = known[i]
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		o.set(name, value)
	}
	return o, nil
}

func encodeObject(v any) (object, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return parseObject(text, nil)
}

func (o object) get(key string) (json.RawMessage, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

func (o *object) set(key string, value json.RawMessage) {
	for i := range *o {
		if (*o)[i].key == key {
			(*o)[i].value = value
			return
		}
	}
	*o = append(*o, member{key, value})
}

// encode returns the object as JSON, members with known keys first and in their order.
func (o object) encode(known []string) json.RawMessage {
	rank := func(key string) int {
		if i := slices.Index(known, key); i >= 0 {
			return i
		}
		return len(known)
	}
	slices.SortStableFunc(o, func(a, b member) int { return rank(a.key) - rank(b.key) })
	text := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			text = append(text, ',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			panic(err) // it is a string
		}
		text = append(append(append(text, key...), ':'), m.value...)
	}
	return append(text, '}')
}
