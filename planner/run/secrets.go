package run

import (
	"maps"

	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/release"
)

// secrets are the values that must not leave a unit: those of sensitive variables, and what was computed from them.
type secrets struct {
	ids      map[string]bool
	kept     map[string]bool // outputs that an earlier run computed from secrets, until they are computed anew
	values   []any
	redactor *redact.Redactor // of the first len(values) values when made
	made     int
}

// id notes that the variable with an id is secret.
func (s *secrets) id(id string) {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	s.ids[id] = true
}

// keep notes that the recorded output with an id is secret.
func (s *secrets) keep(id string) {
	if s.kept == nil {
		s.kept = map[string]bool{}
	}
	s.kept[id] = true
}

func (s *secrets) has(id string) bool { return s.ids[id] || s.kept[id] }

// list returns the ids in order, as the state records them.
func (s *secrets) list() (ids []any) {
	all := maps.Clone(s.ids)
	if all == nil {
		all = s.kept
	} else {
		maps.Copy(all, s.kept)
	}
	for _, id := range sortedKeys(all) {
		ids = append(ids, id)
	}
	return ids
}

// add notes secret values.
func (s *secrets) add(values ...any) {
	for _, v := range values {
		if v != nil {
			s.values = append(s.values, v)
		}
	}
}

// learn notes the values of sensitive variables, also those of the run before.
func (s *secrets) learn(vars []*release.Variable, values ...map[string]any) {
	for _, v := range vars {
		if !v.Sensitive {
			continue
		}
		s.id(v.ID)
		for _, m := range values {
			s.add(m[v.ID], m["PREVIOUS_"+v.ID], m["PREVIOUS_OUTPUT_"+v.ID])
		}
	}
}

// get returns what masks all secrets noted so far.
func (s *secrets) get() *redact.Redactor {
	if len(s.values) > s.made {
		s.redactor = redact.New(s.values...)
		s.made = len(s.values)
	}
	return s.redactor
}

func (s *secrets) mask(text string) string { return s.get().String(text) }
