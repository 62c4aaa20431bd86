package eval

import (
	"github.com/zclconf/go-cty/cty"
)

// A Unit is what a name such as "$this" stands for: a release and, while a stage runs, its deployment.
type Unit struct {
	Project, Name, Version                    string // Project is the one of the package; "_" by default
	Description, License, Logo                string
	Branch, Repository                        string
	Revision, RevisionMessage, RevisionAuthor string
	Metadata                                  map[string]string
	Deployment                                *Deployed // nil while a plan compiles
}

// Deployed is the part of a Unit that only a stage knows.
type Deployed struct {
	Project, Environment, Path string // of the state, as in "$this.project", "$this.environment" and "$this.deployment"
	// Client is the version of Escape that runs.
	Client string
	// Inputs and Outputs hold what is declared and known; nil where the key itself does not exist yet.
	Inputs, Outputs map[string]any
	// Secret says which variables are sensitive; nil if none is.
	Secret func(id string) bool
}

// Value returns u as the object that expressions see. Keys: language core, 2.1 and 2.2.
func (u Unit) Value() cty.Value {
	project := u.Project
	if project == "" {
		project = "_"
	}
	release := u.Name + "-v" + u.Version
	fields := map[string]cty.Value{
		"name":                cty.StringVal(u.Name),
		"version":             cty.StringVal(u.Version),
		"release":             cty.StringVal(release),
		"id":                  cty.StringVal(project + "/" + release),
		"versionless_release": cty.StringVal(project + "/" + u.Name),
		"description":         cty.StringVal(u.Description),
		"license":             cty.StringVal(u.License),
		"logo":                cty.StringVal(u.Logo),
		"branch":              cty.StringVal(u.Branch),
		"repository":          cty.StringVal(u.Repository),
		"revision":            cty.StringVal(u.Revision),
		"revision_message":    cty.StringVal(u.RevisionMessage),
		"revision_author":     cty.StringVal(u.RevisionAuthor),
		"metadata":            FromGo(u.Metadata),
	}
	if d := u.Deployment; d != nil {
		fields["project"] = cty.StringVal(d.Project)
		fields["environment"] = cty.StringVal(d.Environment)
		fields["deployment"] = cty.StringVal(d.Path)
		if d.Client != "" {
			fields["client"] = cty.StringVal(d.Client)
		}
		if d.Inputs != nil {
			fields["inputs"] = Variables(d.Inputs, d.Secret)
		}
		if d.Outputs != nil {
			fields["outputs"] = Variables(d.Outputs, d.Secret)
		}
	}
	return cty.ObjectVal(fields)
}

// Variables returns an object of variables by id; those for which secret reports true are marked. secret may be nil.
func Variables(values map[string]any, secret func(id string) bool) cty.Value {
	fields := make(map[string]cty.Value, len(values))
	for id, v := range values {
		fields[id] = FromGo(v)
		if secret != nil && secret(id) {
			fields[id] = Secret(fields[id])
		}
	}
	return cty.ObjectVal(fields)
}
