package grammars

import (
	"slices"
	"strings"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A language is a notation of plans as editors know it.
type language struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	FileNames []string `json:"fileNames"`
	Scope     string   `json:"scope"`
	Grammar   string   `json:"grammar"`
	Snippets  string   `json:"snippets"`
}

// planLanguages are the languages that the server tells apart, with the names under which it looks for plans.
func planLanguages() []language {
	list := []language{
		syntax.YAML: {ID: "escape-plan", Name: "Escape Plan", Scope: "source.escape-plan"},
		syntax.HCL:  {ID: "escape-plan-hcl", Name: "Escape Plan (HCL)", Scope: "source.escape-plan-hcl"},
	}
	for i := range list {
		list[i].Grammar = list[i].ID + ".tmLanguage.json"
		list[i].Snippets = "snippets-" + list[i].ID + ".json"
	}
	for _, name := range workspace.Names {
		l := &list[syntax.NotationOf(name)]
		l.FileNames = append(l.FileNames, name)
	}
	return list
}

// languages is what configurations of editors are checked against.
func languages() string {
	return encode(struct {
		Comment   string     `json:"$comment"`
		Languages []language `json:"languages"`
		Fields    []string   `json:"fields"`
		Blocks    []string   `json:"blocks"`
		Keys      []string   `json:"keys"`
		Functions []string   `json:"functions"`
		Types     []string   `json:"types"`
		Stages    []string   `json:"stages"`
	}{generated, planLanguages(), plan.FieldNames(), blocks(), keys(), builtin.Names(), types.KnownVars(), stages()})
}

// blocks are the names of blocks in HCL, at the top and inside others.
func blocks() []string {
	var names []string
	for i := range plan.Fields {
		f := &plan.Fields[i]
		switch {
		case f.Block != "":
			names = append(names, f.Block)
		case f.Shape == plan.ShapePairs:
			names = append(names, f.Name)
		}
	}
	walkKeys(func(k *plan.Key) {
		if name := k.Block(); name != "" {
			names = append(names, name)
		}
	})
	return sorted(names)
}

// keys are the names of keys of entries.
func keys() []string {
	var names []string
	walkKeys(func(k *plan.Key) { names = append(names, k.Name) })
	return sorted(names)
}

// alias is the key of blocks that YAML has no key for: it stands behind the release.
const alias = "as"

// stages are the stages that a key for them takes.
func stages() []string {
	var names []string
	walkKeys(func(k *plan.Key) {
		if k.Shape == plan.ShapeScopes {
			names = k.Enum
		}
	})
	return names
}

// shellKeys are the names of keys whose text is a shell script, which the table says in words only.
func shellKeys() []string { return []string{"inline"} }

// walkKeys visits the keys of all fields, those inside of others too.
func walkKeys(visit func(*plan.Key)) {
	var walk func([]plan.Key)
	walk = func(keys []plan.Key) {
		for i := range keys {
			visit(&keys[i])
			walk(keys[i].Keys)
		}
	}
	for i := range plan.Fields {
		walk(plan.Fields[i].Keys)
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// alternatives returns a group that matches one of words; long ones first, so that none hides behind its beginning.
func alternatives(words ...[]string) string {
	list := sorted(slices.Concat(words...))
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return "(?:" + strings.Join(list, "|") + ")"
}
