// Package release holds what a compiled package is: its metadata (API version 15), its id and version, and the rules by
// which versions are compared, asked for and counted on. It does not read plans (see eval/compile), fetch anything or
// decide who may publish.
//
// Read release.go (the metadata), encode.go and decode.go (its JSON), validate.go, then version.go, constraint.go and
// id.go. diff.go compares two metadata documents.
package release

import "fmt"

// APIVersion is the version of the metadata document that is written, and the newest that is read.
const APIVersion = 15

// CoreVersion is the version of the metadata rules this package follows; it is written as built_with_core_version.
const CoreVersion = "0.15.7"

// Scopes of variables, consumers, dependencies, templates and downloads.
const (
	Build  = "build"
	Deploy = "deploy"
)

// Both returns the scopes build and deploy, which is what no scopes mean.
func Both() []string { return []string{Build, Deploy} }

// Metadata describes one release. Values of defaults, items, options and mappings are plain Go values: string, bool,
// int64, uint64, float64, []any, map[string]any and nil.
//
// In the usual form, which New, Decode and Validate make, the maps at the top are never nil, empty lists are nil (but
// see Download.IfNotExists and Downloads), and scopes are never empty.
type Metadata struct {
	APIVersion             int                `json:"api_version"`
	BuiltWithCoreVersion   string             `json:"built_with_core_version"`
	BuiltWithEscapeVersion string             `json:"built_with_escape_version"`
	Description            string             `json:"description"`
	Files                  map[string]string  `json:"files"` // path to lower case hex MD5
	License                string             `json:"license"`
	Logo                   string             `json:"logo"` // base64 of the image
	Name                   string             `json:"name"` // without project
	Repository             string             `json:"repository"`
	Branch                 string             `json:"branch"`
	Revision               string             `json:"git_revision"`
	RevisionMessage        string             `json:"revision_message"`
	RevisionAuthor         string             `json:"revision_author"`
	Metadata               map[string]string  `json:"metadata"`
	Version                string             `json:"version"` // without "v"
	Generates              []string           `json:"generates"`
	Consumes               []*Consumer        `json:"consumes"`
	Downloads              []*Download        `json:"downloads"` // nil is written as null, which is what the original writes for none
	Depends                []*Dependency      `json:"depends"`
	Errands                map[string]*Errand `json:"errands"`
	Extends                []*Extension       `json:"extends"`
	Inputs                 []*Variable        `json:"inputs"`
	Outputs                []*Variable        `json:"outputs"`
	Project                string             `json:"project"` // "_" if none
	Provides               []*Provider        `json:"provides"`
	Stages                 map[string]*Stage  `json:"stages"`
	Templates              []*Template        `json:"templates"`
	VariableContext        map[string]string  `json:"variable_context"` // of releases built by clients before 0.23
}

// A Consumer says that the release needs a provider of an interface.
type Consumer struct {
	Name           string   `json:"name"`
	Scopes         []string `json:"scopes"`
	Variable       string   `json:"variable"` // the name expressions use
	SkipActivate   bool     `json:"skip_activate"`
	SkipDeactivate bool     `json:"skip_deactivate"`
}

// A Download is a file fetched before the first step of a stage.
type Download struct {
	URL         string   `json:"url"`
	Dest        string   `json:"dest"`
	Overwrite   bool     `json:"overwrite"`
	IfNotExists []string `json:"if_not_exists"` // nil is written as null
	Unpack      bool     `json:"unpack"`
	Platform    string   `json:"platform"` // GOOS, or empty for any
	Arch        string   `json:"arch"`     // GOARCH, or empty for any
	Scopes      []string `json:"scopes"`
}

// A Dependency is another release that is deployed before this one.
type Dependency struct {
	ReleaseID      string            `json:"release_id"` // qualified and resolved
	Mapping        map[string]any    `json:"mapping"`    // of old releases; Decode folds it into the other two
	BuildMapping   map[string]any    `json:"build_mapping"`
	DeployMapping  map[string]any    `json:"deploy_mapping"`
	Consumes       map[string]string `json:"consumes"`
	DeploymentName string            `json:"deployment_name"`
	Variable       string            `json:"variable"`
	Scopes         []string          `json:"scopes"`
}

// An Errand is a script that is run by name against a deployment.
type Errand struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Script      string      `json:"script"`     // deprecated; Decode moves it into Run
	Run         *Stage      `json:"exec_stage"` // nil if the errand runs nothing
	Inputs      []*Variable `json:"inputs"`
}

// An Extension names a release whose fields were merged into this one.
type Extension struct {
	ReleaseID string `json:"release_id"`
}

// A Variable is an input or output.
type Variable struct {
	ID                     string         `json:"id"`
	Type                   string         `json:"type"`              // name of the type without options
	Default                any            `json:"default,omitempty"` // nil if there is none
	Description            string         `json:"description,omitempty"`
	Friendly               string         `json:"friendly,omitempty"`
	Visible                bool           `json:"visible"`
	Options                map[string]any `json:"options,omitempty"` // what stands in brackets behind the type
	Sensitive              bool           `json:"sensitive,omitempty"`
	Items                  any            `json:"items"` // allowed values; nil if any
	EvalBeforeDependencies bool           `json:"eval_before_dependencies"`
	Scopes                 []string       `json:"scopes"`
}

// A Provider is an interface that deployments of the release offer.
type Provider struct {
	Name string `json:"name"`
}

// A Stage says what a step runs: at most one of Cmd, Inline and Script. The zero value runs nothing.
type Stage struct {
	Cmd    string   `json:"cmd,omitempty"`
	Args   []string `json:"args,omitempty"` // of Cmd
	Inline string   `json:"inline,omitempty"`
	Script string   `json:"script,omitempty"` // path below the package, with arguments
}

// A Template is a Mustache file rendered before the main step of a stage.
type Template struct {
	File    string         `json:"file"`
	Target  string         `json:"target"`
	Scopes  []string       `json:"scopes"`
	Mapping map[string]any `json:"mapping"`
}

// New returns the empty document: what stands in a release that says nothing.
func New() *Metadata {
	m := &Metadata{APIVersion: APIVersion, BuiltWithCoreVersion: CoreVersion, Project: "_"}
	m.fillMaps()
	return m
}

func (m *Metadata) fillMaps() {
	fill(&m.Files)
	fill(&m.Metadata)
	fill(&m.Errands)
	fill(&m.Stages)
	fill(&m.VariableContext)
}

func fill[M ~map[string]V, V any](m *M) {
	if *m == nil {
		*m = M{}
	}
}

// ID returns the id of the release. The version is taken as it is; see Validate.
func (m *Metadata) ID() ID {
	ns := m.Project
	if ns == "" {
		ns = "_"
	}
	return ID{Namespace: ns, Name: m.Name, Constraint: Exact(Version(m.Version))}
}

// ReleaseID returns "name-v1.2.3", which names the archive and the folder in it.
func (m *Metadata) ReleaseID() string { return m.Name + "-v" + m.Version }

// QualifiedID returns "project/name-v1.2.3".
func (m *Metadata) QualifiedID() string { return m.VersionlessID() + "-v" + m.Version }

// VersionlessID returns "project/name", the default name of deployments.
func (m *Metadata) VersionlessID() string {
	if m.Project == "" {
		return "_/" + m.Name
	}
	return m.Project + "/" + m.Name
}

// Packages returns the ids of the releases that m depends on, in order, and then of those it extends. One that does not
// read, or is not resolved, is an error.
func (m *Metadata) Packages() ([]ID, error) {
	var ids []ID
	add := func(kind, text string) error {
		id, err := ParseID(text)
		if err == nil && id.NeedsResolving() {
			err = fmt.Errorf("The %s '%s' needs its version resolved.", kind, id)
		}
		ids = append(ids, id)
		return err
	}
	for _, d := range m.Depends {
		if err := add("dependency", d.ReleaseID); err != nil {
			return nil, err
		}
	}
	for _, e := range m.Extends {
		if err := add("extension", e.ReleaseID); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Input returns the input with the id.
func (m *Metadata) Input(id string) (*Variable, bool) { return find(m.Inputs, id) }

// Output returns the output with the id.
func (m *Metadata) Output(id string) (*Variable, bool) { return find(m.Outputs, id) }

func find(vars []*Variable, id string) (*Variable, bool) {
	for _, v := range vars {
		if v.ID == id {
			return v, true
		}
	}
	return nil, false
}

// Stage returns the stage of a field such as "build" or "post_deploy"; the zero Stage if there is none.
func (m *Metadata) Stage(field string) Stage {
	if s := m.Stages[field]; s != nil {
		return *s
	}
	return Stage{}
}

// IsZero reports whether the stage has nothing at all. A stage with only arguments is not zero, but runs nothing.
func (s *Stage) IsZero() bool {
	return s == nil || s.Cmd == "" && s.Inline == "" && s.Script == "" && len(s.Args) == 0
}

// Runs reports whether the stage has something to run.
func (s *Stage) Runs() bool { return s != nil && (s.Cmd != "" || s.Inline != "" || s.Script != "") }

// InScope reports whether the variable exists in a stage, "build" or "deploy".
func (v *Variable) InScope(scope string) bool { return inScope(v.Scopes, scope) }

// InScope reports whether the consumer exists in a stage.
func (c *Consumer) InScope(scope string) bool { return inScope(c.Scopes, scope) }

// InScope reports whether the dependency is deployed in a stage.
func (d *Dependency) InScope(scope string) bool { return inScope(d.Scopes, scope) }

// InScope reports whether the template is rendered in a stage.
func (t *Template) InScope(scope string) bool { return inScope(t.Scopes, scope) }

// InScope reports whether the download is made in a stage.
func (d *Download) InScope(scope string) bool { return inScope(d.Scopes, scope) }

// inScope takes no scopes as both, as documents that were not validated may have none.
func inScope(scopes []string, scope string) bool {
	for _, s := range scopes {
		if s == scope {
			return true
		}
	}
	return len(scopes) == 0
}

// HasDefault reports whether the variable may be left out.
func (v *Variable) HasDefault() bool { return v.Default != nil }

// MappingFor returns what the dependency's inputs get in a scope.
func (d *Dependency) MappingFor(scope string) map[string]any {
	if scope == Build {
		return d.BuildMapping
	}
	return d.DeployMapping
}
