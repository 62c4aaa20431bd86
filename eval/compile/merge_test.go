package compile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/release"
)

// fields are the keys of a variable that are written.
type fields map[string]any

var scopeLists = [][]string{{"build"}, {"deploy"}, {"build", "deploy"}}

// keys are all keys of a variable with values they may have.
var keys = []struct {
	name   string
	values []any
}{
	{"type", []any{"string", "integer", "bool"}},
	{"default", []any{"x", int64(12), true}},
	{"description", []any{"one", "two"}},
	{"friendly", []any{"Friend", "Foe"}},
	{"visible", []any{true, false}},
	{"sensitive", []any{true, false}},
	{"items", []any{[]any{"x"}, []any{int64(12), int64(13)}}},
	{"eval_before_dependencies", []any{true, false}},
	{"scopes", []any{scopeLists[0], scopeLists[1], scopeLists[2]}},
}

// drawFields draws the keys of a variable, each of which may be left out.
func drawFields(t *rapid.T, label string) fields {
	out := fields{}
	for _, key := range keys {
		if rapid.Bool().Draw(t, label+" has "+key.name) {
			out[key.name] = rapid.SampledFrom(key.values).Draw(t, label+" "+key.name)
		}
	}
	return out
}

// over puts fields over a variable, as a plan does: what is written replaces, the rest stays, stages add up.
func (f fields) over(v release.Variable) release.Variable {
	for key, value := range f {
		switch key {
		case "type":
			v.Type = value.(string)
		case "default":
			v.Default = value
		case "description":
			v.Description = value.(string)
		case "friendly":
			v.Friendly = value.(string)
		case "visible":
			v.Visible = value.(bool)
		case "sensitive":
			v.Sensitive = value.(bool)
		case "items":
			v.Items = value
		case "eval_before_dependencies":
			v.EvalBeforeDependencies = value.(bool)
		}
	}
	v.Scopes = unite(v.Scopes, f.scopes())
	return v
}

func (f fields) scopes() []string {
	if s, ok := f["scopes"]; ok {
		return s.([]string)
	}
	return release.Both()
}

func unite(a, b []string) []string {
	set := map[string]bool{}
	for _, s := range slices.Concat(a, b) {
		set[s] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// alone is the variable that an entry makes by itself.
func (f fields) alone(id string) release.Variable {
	return f.over(release.Variable{ID: id, Type: "string", Visible: true, EvalBeforeDependencies: true})
}

// An entry is a variable in a plan or a package.
type entry struct {
	id string
	fields
}

func drawEntries(t *rapid.T, label string) (list []entry) {
	for _, id := range rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(t, label)[:rapid.IntRange(0, 4).Draw(t, label+" number")] {
		list = append(list, entry{id, drawFields(t, label+" "+id)})
	}
	return list
}

// yaml writes entries as a list of a plan, the keys of each in some order.
func yaml(t *rapid.T, field string, list []entry) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n", field)
	for _, e := range list {
		all := maps.Clone(e.fields)
		all["id"] = e.id
		order := rapid.Permutation(slices.Sorted(maps.Keys(all))).Draw(t, "order of keys")
		var pairs []string
		for _, key := range order {
			value, err := json.Marshal(all[key])
			if err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, fmt.Sprintf("%s: %s", key, value))
		}
		fmt.Fprintf(&b, "- {%s}\n", strings.Join(pairs, ", "))
	}
	return b.String()
}

// pkg is a package with variables, as a plan that holds them would make it.
func pkg(name string, inputs, outputs []entry) *release.Metadata {
	m := release.New()
	m.Project, m.Name, m.Version = "acme", name, "1"
	for _, e := range inputs {
		v := e.alone(e.id)
		m.Inputs = append(m.Inputs, &v)
	}
	for _, e := range outputs {
		v := e.alone(e.id)
		m.Outputs = append(m.Outputs, &v)
	}
	return m
}

// model is what variables should become: a naive reading of the rules.
type model []release.Variable

func (l model) index(id string) int {
	return slices.IndexFunc(l, func(v release.Variable) bool { return v.ID == id })
}

// extension: of inputs the last default wins, of outputs the first entry; everything else stays as the first has it.
func (l model) extension(list []entry, lastDefaultWins bool) model {
	for _, e := range list {
		i := l.index(e.id)
		if i < 0 {
			l = append(l, e.alone(e.id))
			continue
		}
		if d, ok := e.fields["default"]; ok && lastDefaultWins {
			l[i].Default = d
		}
		l[i].Scopes = unite(l[i].Scopes, e.scopes())
	}
	return l
}

// dependency: what it needs when it is deployed.
func (l model) dependency(list []entry, scopes []string) model {
	for _, e := range list {
		v := e.alone(e.id)
		if v.Default != nil || !v.InScope(release.Deploy) {
			continue
		}
		i := l.index(e.id)
		if i < 0 {
			v.Scopes, v.EvalBeforeDependencies = scopes, true
			l = append(l, v)
			continue
		}
		l[i].Scopes = unite(l[i].Scopes, scopes)
	}
	return l
}

func (l model) plan(list []entry) model {
	for _, e := range list {
		if i := l.index(e.id); i >= 0 {
			l[i] = e.over(l[i])
		} else {
			l = append(l, e.alone(e.id))
		}
	}
	return l
}

func values(list []*release.Variable) model {
	out := model{}
	for _, v := range list {
		out = append(out, *v)
	}
	return out
}

// Variables of extensions, dependencies and the plan are merged field by field, their stages are united, and the order in
// which a plan is written does not matter beyond the order of entries.
func TestVariablesMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := map[string][]entry{}
		for _, name := range []string{"one", "two", "dep", "inputs"} {
			in[name] = drawEntries(t, name)
		}
		out := map[string][]entry{}
		for _, name := range []string{"one", "two", "outputs"} {
			out[name] = drawEntries(t, "out of "+name)
		}
		known := releases{}
		known.add(pkg("one", in["one"], out["one"]))
		known.add(pkg("two", in["two"], out["two"]))
		known.add(pkg("dep", in["dep"], nil))
		scopes := rapid.SampledFrom(scopeLists).Draw(t, "scopes of the dependency")

		parts := []string{
			"name: acme/top\n", "version: 1\n", "extends: [acme/one-v1, acme/two-v1]\n",
			fmt.Sprintf("depends: [{scopes: [%s], release_id: acme/dep-v1}]\n", strings.Join(scopes, ", ")),
			yaml(t, "inputs", in["inputs"]), yaml(t, "outputs", out["outputs"]),
		}
		text := strings.Join(rapid.Permutation(parts).Draw(t, "order of fields"), "")
		m := compileWith(t, text, known)

		wantIn := model{}.extension(in["one"], true).extension(in["two"], true).dependency(in["dep"], scopes).plan(in["inputs"])
		if diff := cmp.Diff(wantIn, values(m.Inputs)); diff != "" {
			t.Fatalf("inputs of\n%s(-want +got):\n%s", text, diff)
		}
		wantOut := model{}.extension(out["one"], false).extension(out["two"], false).plan(out["outputs"])
		if diff := cmp.Diff(wantOut, values(m.Outputs)); diff != "" {
			t.Fatalf("outputs of\n%s(-want +got):\n%s", text, diff)
		}
	})
}

// fataler is a test or one run of a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func compileWith(t fataler, text string, r compile.Resolver) *release.Metadata {
	t.Helper()
	p, findings := decodeAll("", text)
	if findings.HasErrors() {
		t.Fatalf("the plan does not decode: %v\n%s", findings, text)
	}
	m, findings, err := compile.Compile(context.Background(), p, compile.Options{Resolver: r})
	if err != nil || m == nil {
		t.Fatalf("Compile: %v %v\n%s", err, findings, text)
	}
	return m
}

// Consumers of one interface and alias are one, with the flags of the first and the stages of all; those of a dependency
// are not activated by this package.
func TestConsumersMerge(t *testing.T) {
	type consumer struct {
		name, alias string
		scopes      []string
		skip        bool
	}
	draw := func(t *rapid.T, label string) (list []consumer) {
		for i := range rapid.IntRange(0, 4).Draw(t, label) {
			list = append(list, consumer{
				rapid.SampledFrom([]string{"x", "y"}).Draw(t, fmt.Sprintf("%s %d", label, i)), rapid.SampledFrom([]string{"p", "q"}).Draw(t, "alias"),
				rapid.SampledFrom(scopeLists).Draw(t, "scopes"), rapid.Bool().Draw(t, "skip"),
			})
		}
		return list
	}
	rapid.Check(t, func(t *rapid.T) {
		own, ext, dep := draw(t, "own"), draw(t, "ext"), draw(t, "dep")
		bound := rapid.SampledFrom([]string{"p", "none"}).Draw(t, "bound")
		known := releases{}
		for name, list := range map[string][]consumer{"ext": ext, "dep": dep} {
			m := pkg(name, nil, nil)
			for _, c := range list {
				m.Consumes = append(m.Consumes, &release.Consumer{Name: c.name, Variable: c.alias, Scopes: c.scopes, SkipActivate: c.skip, SkipDeactivate: c.skip})
			}
			known.add(m)
		}
		text := "name: acme/top\nversion: 1\nextends: [acme/ext-v1]\ndepends: [{release_id: acme/dep-v1, consumes: {" + bound + ": d}}]\nconsumes:\n"
		for _, c := range own {
			text += fmt.Sprintf("- {name: %s as %s, scopes: [%s], skip_activate: %t, skip_deactivate: %t}\n", c.name, c.alias, strings.Join(c.scopes, ", "), c.skip, c.skip)
		}
		var want []*release.Consumer
		add := func(c consumer) {
			for _, old := range want {
				if old.Name == c.name && old.Variable == c.alias {
					old.Scopes = unite(old.Scopes, c.scopes)
					return
				}
			}
			want = append(want, &release.Consumer{Name: c.name, Variable: c.alias, Scopes: unite(c.scopes, nil), SkipActivate: c.skip, SkipDeactivate: c.skip})
		}
		for _, c := range slices.Concat(own, ext) {
			add(c)
		}
		for _, c := range dep {
			if c.alias != bound && slices.Contains(c.scopes, release.Deploy) {
				c.skip = true
				add(c)
			}
		}
		if diff := cmp.Diff(want, compileWith(t, text, known).Consumes); diff != "" {
			t.Fatalf("consumers of\n%s(-want +got):\n%s", text, diff)
		}
	})
}

// What an input of a dependency gets in a stage: the value in the mapping of the stage, else that in "mapping", else the
// input of the same name, if this package has one there that is known in time.
func TestMappingPrecedence(t *testing.T) {
	ids := []string{"a", "b", "c", "d"}
	some := func(t *rapid.T, label string) map[string]int64 {
		out := map[string]int64{}
		for _, id := range ids {
			if rapid.Bool().Draw(t, label+" has "+id) {
				out[id] = rapid.Int64Range(0, 99).Draw(t, label+" "+id)
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		maps3 := map[string]map[string]int64{"mapping": some(t, "both"), "build_mapping": some(t, "build"), "deploy_mapping": some(t, "deploy")}
		own := drawEntries(t, "own")
		known := releases{}
		known.add(pkg("dep", nil, nil))
		entry := "depends:\n- release_id: acme/dep-v1\n"
		for _, key := range rapid.Permutation([]string{"mapping", "build_mapping", "deploy_mapping"}).Draw(t, "order") {
			value, err := json.Marshal(maps3[key])
			if err != nil {
				t.Fatal(err)
			}
			entry += fmt.Sprintf("  %s: %s\n", key, value)
		}
		text := "name: acme/top\nversion: 1\n" + entry + yaml(t, "inputs", own)
		d := compileWith(t, text, known).Depends[0]
		for _, stage := range release.Both() {
			want := map[string]any{}
			for _, e := range own {
				if v := e.alone(e.id); v.InScope(stage) && v.EvalBeforeDependencies {
					want[e.id] = "$this.inputs." + e.id
				}
			}
			for _, layer := range []string{"mapping", stage + "_mapping"} {
				for id, n := range maps3[layer] {
					want[id] = n
				}
			}
			if diff := cmp.Diff(want, d.MappingFor(stage)); diff != "" {
				t.Fatalf("the %s mapping of\n%s(-want +got):\n%s", stage, text, diff)
			}
		}
	})
}

// One more release never makes an entry of a plan resolve to an older one; an exact version ignores all others, and the
// next version of a pattern is newer than all that it matches.
func TestMoreReleasesResolveNoLower(t *testing.T) {
	version := rapid.Map(rapid.SliceOfN(rapid.IntRange(0, 11), 1, 3), func(parts []int) string {
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(parts), " ", "."), "[]")
	})
	rapid.Check(t, func(t *rapid.T) {
		known := releases{}
		add := func(v string) {
			for _, name := range []string{"dep", "top"} {
				m := pkg(name, nil, nil)
				m.Version = v
				known.add(m)
			}
		}
		versions := rapid.SliceOfN(version, 1, 8).Draw(t, "versions")
		for _, v := range versions {
			add(v)
		}
		like := rapid.SampledFrom(versions).Draw(t, "like")
		prefix := strings.Join(strings.Split(like, ".")[:rapid.IntRange(1, 1+strings.Count(like, ".")).Draw(t, "cut")], ".")
		text := fmt.Sprintf("name: acme/top\nversion: %s.@\ndepends:\n- acme/dep-latest as latest\n- acme/dep-v%s as exact\n", prefix, like)
		constraint, err := release.ParseConstraint(prefix + ".@")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := constraint.Select(known.versions("acme/dep")); ok {
			text += fmt.Sprintf("- acme/dep-v%s.@ as prefix\n", prefix)
		}
		before := compileWith(t, text, known)
		add(version.Draw(t, "one more"))
		after := compileWith(t, text, known)
		at := func(m *release.Metadata, i int) release.Version {
			id, err := release.ParseID(m.Depends[i].ReleaseID)
			if err != nil {
				t.Fatal(err)
			}
			v, _ := id.Version()
			return v
		}
		for i := range before.Depends {
			if at(after, i).Compare(at(before, i)) < 0 {
				t.Fatalf("%q gives %s, and %s with one more", before.Depends[i].Variable, at(before, i), at(after, i))
			}
		}
		if at(after, 1) != release.Version(like) {
			t.Fatalf("the exact version %s gives %s", like, at(after, 1))
		}
		for _, v := range known.versions("acme/top") {
			if constraint.Matches(v) && v.Compare(release.Version(after.Version)) >= 0 {
				t.Fatalf("the next version of %s.@ is %s, not newer than %s", prefix, after.Version, v)
			}
		}
	})
}
