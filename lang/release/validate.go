package release

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
)

// Invalid is the error of a document that breaks a rule. Field is the JSON key at the top that holds the part (empty
// for the document itself); Index or Key says which entry, if it is a list (-1 if not) or an object.
type Invalid struct {
	Field   string
	Index   int
	Key     string
	Message string
}

func (e *Invalid) Error() string { return e.Message }

func invalid(field, format string, args ...any) *Invalid {
	return &Invalid{Field: field, Index: -1, Message: fmt.Sprintf(format, args...)}
}

// Validate checks the document and fills in what may be left out: the project, scopes, names of consumers and
// dependencies. It stops at the first fault, an *Invalid. Every document that is read or compiled passes it.
func (m *Metadata) Validate() error {
	if m == nil {
		return invalid("", "Missing release metadata")
	}
	if m.Name == "" {
		return invalid("name", "Missing name field in release metadata")
	}
	if err := CheckName(m.Name); err != nil {
		return invalid("name", "%s", err)
	}
	if m.Version == "" {
		return invalid("version", "Missing version field in release metadata")
	}
	if m.Project == "" {
		m.Project = "_"
	}
	if m.Project != "_" {
		if err := CheckName(m.Project); err != nil {
			return invalid("project", "%s", err)
		}
	}
	if m.APIVersion < 1 || m.APIVersion > APIVersion {
		return invalid("api_version", "The release metadata is compiled with a version of Escape targetting API version v%d, but this build supports up to v%d", m.APIVersion, APIVersion)
	}
	if _, err := ParseVersion(m.Version); err != nil {
		return invalid("version", "%s", err)
	}
	m.fillMaps()
	for _, l := range []struct {
		field string
		vars  []*Variable
	}{{"inputs", m.Inputs}, {"outputs", m.Outputs}} {
		if err := validateAll(l.field, l.vars, (*Variable).Validate); err != nil {
			return err
		}
	}
	if err := validateAll("depends", m.Depends, (*Dependency).Validate); err != nil {
		return err
	}
	if err := validateAll("consumes", m.Consumes, (*Consumer).Validate); err != nil {
		return err
	}
	if err := validateAll("downloads", m.Downloads, (*Download).Validate); err != nil {
		return err
	}
	for _, field := range sortedKeys(m.Stages) {
		if err := m.Stages[field].Validate(); err != nil {
			e := invalid("stages", "Found a problem in the '%s' field: %s", field, err)
			e.Key = field
			return e
		}
	}
	return m.fillRest()
}

func validateAll[T any](field string, l []*T, check func(*T) error) error {
	for i, x := range l {
		if x == nil {
			x = new(T)
			l[i] = x
		}
		if err := check(x); err != nil {
			e := invalid(field, "%s", err)
			e.Index = i
			return e
		}
	}
	return nil
}

// fillRest gives scopes to what the original does not look at, and refuses values JSON cannot hold.
func (m *Metadata) fillRest() error {
	for i, t := range m.Templates {
		if t == nil {
			t = &Template{}
			m.Templates[i] = t
		}
		fillScopes(&t.Scopes)
		fill(&t.Mapping)
		for _, k := range sortedKeys(t.Mapping) {
			if err := checkValue(t.Mapping[k]); err != nil {
				e := invalid("templates", "Template '%s' mapping key '%s': %s", t.File, k, err)
				e.Index = i
				return e
			}
		}
	}
	for _, name := range sortedKeys(m.Errands) {
		e := m.Errands[name]
		if e == nil {
			continue
		}
		for _, v := range e.Inputs {
			if v == nil {
				continue
			}
			fillScopes(&v.Scopes)
			if err := v.checkValues(); err != nil {
				return &Invalid{Field: "errands", Index: -1, Key: name, Message: err.Error()}
			}
		}
	}
	return nil
}

func fillScopes(s *[]string) {
	if len(*s) == 0 {
		*s = Both()
	}
}

// Validate checks the id and gives the variable scopes.
func (v *Variable) Validate() error {
	if strings.TrimSpace(v.ID) == "" {
		return errors.New("Variable object is missing an 'id'")
	}
	id, err := CheckVariable(v.ID)
	if err != nil {
		return err
	}
	v.ID = id
	fillScopes(&v.Scopes)
	return v.checkValues()
}

func (v *Variable) checkValues() error {
	for _, x := range []struct {
		field string
		value any
	}{{"default", v.Default}, {"items", v.Items}} {
		if err := checkValue(x.value); err != nil {
			return fmt.Errorf("%w in %s field of variable '%s'", err, x.field, v.ID)
		}
	}
	return nil
}

// Validate checks the release id, which must be resolved, and fills in alias, deployment name and scopes.
func (d *Dependency) Validate() error {
	id, err := ParseID(d.ReleaseID)
	if err != nil {
		return err
	}
	if id.NeedsResolving() {
		return fmt.Errorf("The dependency '%s' needs its version resolved.", id)
	}
	fill(&d.Mapping)
	fill(&d.BuildMapping)
	fill(&d.DeployMapping)
	fill(&d.Consumes)
	fillScopes(&d.Scopes)
	if d.Variable == "" {
		d.Variable = id.Package()
	}
	if d.DeploymentName == "" {
		d.DeploymentName = d.Variable
	}
	for _, mapping := range []map[string]any{d.BuildMapping, d.DeployMapping} {
		for _, k := range sortedKeys(mapping) {
			if err := checkValue(mapping[k]); err != nil {
				return fmt.Errorf("%w in mapping key '%s' of dependency '%s'", err, k, d.ReleaseID)
			}
		}
	}
	return nil
}

// Validate checks the name and fills in alias and scopes.
func (c *Consumer) Validate() error {
	if c.Name == "" {
		return errors.New("Missing name for Consumer")
	}
	fillScopes(&c.Scopes)
	if c.Variable == "" {
		c.Variable = c.Name
	}
	return nil
}

// Validate checks URL and destination and fills in the scopes.
func (d *Download) Validate() error {
	if d.URL == "" {
		return errors.New("Missing URL in download config.")
	}
	if d.Dest == "" {
		return fmt.Errorf("Missing 'dest' in download config for '%s'", d.URL)
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		return fmt.Errorf("Invalid URL '%s' in download config: %w", d.URL, err)
	}
	if u.Scheme == "" {
		return fmt.Errorf("Missing URL scheme in download config '%s'", d.URL)
	}
	fillScopes(&d.Scopes)
	return nil
}

// Validate checks that at most one thing is to be run.
func (s *Stage) Validate() error {
	if s == nil {
		return nil
	}
	n := 0
	for _, part := range []string{s.Cmd, s.Inline, s.Script} {
		if part != "" {
			n++
		}
	}
	if n > 1 {
		return errors.New("More than one field is set. Please specify only one of script, cmd or inline.")
	}
	return nil
}

// checkValue reports what Encode cannot write.
func checkValue(v any) error {
	switch v := v.(type) {
	case nil, string, bool, int, int64, uint64:
		return nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("The number %v cannot be stored", v)
		}
		return nil
	case []any:
		for _, x := range v {
			if err := checkValue(x); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		for _, k := range sortedKeys(v) {
			if err := checkValue(v[k]); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("Unexpected type '%T'", v)
}
