package plan

import (
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Stages returns the stages in which the entry exists.
func (s Scopes) Stages() Stages {
	var set Stages
	if s.Build {
		set |= StageBuild
	}
	if s.Deploy {
		set |= StageDeploy
	}
	return set
}

// Names returns the scopes as release metadata holds them: as written, the stage of the field if it forces one, both if
// nothing is written.
func (s Scopes) Names() []string {
	switch {
	case s.Forced == StageBuild:
		return []string{"build"}
	case s.Forced == StageDeploy:
		return []string{"deploy"}
	case len(s.List) == 0:
		return []string{"build", "deploy"}
	}
	names := make([]string, len(s.List))
	for i := range s.List {
		names[i] = s.List[i].Value
	}
	return names
}

// String returns "build", "deploy", or "build and deploy".
func (s Stages) String() string {
	switch s {
	case StageBuild:
		return "build"
	case StageDeploy:
		return "deploy"
	}
	return "build and deploy"
}

func (s *Scopes) force(to Stages) {
	s.Forced, s.Build, s.Deploy = to, to&StageBuild != 0, to&StageDeploy != 0
}

// scopes reads a list of stages, or one stage. message adds the place to the text of the original.
func (d *decoder) scopes(s *Scopes, n syntax.Node, message func(string) string) {
	s.Node = n
	add := func(n syntax.Node) {
		v, ok := d.node(n).(*syntax.Scalar)
		if !ok || v.Kind != syntax.String {
			if at := follow(n); !isBad(at) {
				d.report(diag.UnknownScope, shown(at), message(fmt.Sprintf("Expecting string in scopes, got '%s' (%s)", goText(at), GoType(at))))
			}
			return
		}
		t := Text{Value: cooked(v), Node: n}
		if t.Value == "build" || t.Value == "deploy" {
			s.List = append(s.List, t)
			return
		}
		text := message(fmt.Sprintf("Unknown scope '%s'. Expecting 'build' or 'deploy'", clip(t.Value)))
		near, ok := d.nearest(t.Value, stageNames)
		if !ok {
			d.report(diag.UnknownScope, t.Span(), text)
			return
		}
		x := d.report(diag.UnknownScope, t.Span(), text+fmt.Sprintf("; did you mean %q?", near))
		x.Original = text
		x.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", near), Preferred: true, Edits: []source.Edit{{Span: t.Span(), New: near}}}}
	}
	switch v := d.node(n).(type) {
	case *syntax.Scalar:
		if v.Kind != syntax.Null {
			add(n)
		}
	case *syntax.Sequence:
		s.List = make([]Text, 0, len(v.Items))
		for i := range v.Items {
			add(v.Items[i].Value)
		}
	case *syntax.Bad:
	default:
		add(n)
	}
	if s.Forced != 0 || len(s.List) == 0 {
		return
	}
	s.Build, s.Deploy = false, false
	for i := range s.List {
		if s.List[i].Value == "build" {
			s.Build = true
		} else {
			s.Deploy = true
		}
	}
}
