package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// A model is what should be in a package: a map does all the work.
type model struct {
	releases map[string]string // archive by version
	tags     map[string]string
	reserved map[string]func() // by version
}

// newest returns the newest version that begins with a prefix.
func (m *model) newest(known map[string]bool, prefix string) (string, bool) {
	best, found := []int(nil), false
	for v := range known {
		rest, ok := strings.CutPrefix(v, prefix)
		if !ok {
			continue
		}
		var parts []int
		for _, part := range strings.Split(rest, ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				parts = nil
				break
			}
			parts = append(parts, n)
		}
		if parts != nil && (!found || slices.Compare(parts, best) > 0) {
			best, found = parts, true
		}
	}
	return prefix + strings.Trim(strings.ReplaceAll(fmt.Sprint(best), " ", "."), "[]"), found
}

func (m *model) next(prefix string, withReserved bool) string {
	known := m.known()
	if withReserved {
		for v := range m.reserved {
			known[v] = true
		}
	}
	v, ok := m.newest(known, prefix)
	if !ok {
		return prefix + "0"
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(v, prefix), ".")
	n, _ := strconv.Atoi(first)
	return prefix + strconv.Itoa(n+1)
}

func (m *model) known() map[string]bool {
	known := map[string]bool{}
	for v := range m.releases {
		known[v] = true
	}
	return known
}

// resolve returns the version that a constraint means, without looking an exact one up.
func (m *model) resolve(constraint string) (string, bool) {
	if prefix, ok := strings.CutSuffix(constraint, "@"); ok {
		return m.newest(m.known(), prefix)
	}
	if constraint[0] >= 'a' {
		v, ok := m.tags[constraint]
		return v, ok
	}
	return constraint, true
}

// TestModel does things at random to a folder, by two Inventory values, and to a model.
func TestModel(t *testing.T) {
	version := rapid.SampledFrom([]string{"0", "1", "2", "1.0", "1.1", "1.10", "1.2.3", "10"})
	prefix := rapid.SampledFrom([]string{"", "1.", "1.2.", "3."})
	tag := rapid.SampledFrom([]string{"a", "b", "c"})
	constraint := rapid.OneOf(version, tag, rapid.Map(prefix, func(s string) string { return s + "@" }))
	operations := rapid.SliceOfN(rapid.SampledFrom([]string{"publish", "publish", "next", "reserve", "release", "tag", "old client"}), 1, 12)
	ctx, n := context.Background(), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		base := filepath.Join(t.TempDir(), strconv.Itoa(n))
		// Reservations are made by the first only, so the second must not publish their versions.
		first, second := Open(base, options), Open(base, options)
		m := &model{map[string]string{}, map[string]string{}, map[string]func(){}}
		for _, operation := range operations.Draw(r, "operations") {
			inv := first
			if rapid.Bool().Draw(r, "second") {
				inv = second
			}
			switch operation {
			case "publish":
				v := version.Draw(r, "version")
				n++
				content := strconv.Itoa(n)
				err := inv.Publish(ctx, metadata("demo", "hello", v), archive(t, content))
				_, exists := m.releases[v]
				_, reserved := m.reserved[v]
				if refused := exists || reserved && inv == second; refused != errors.Is(err, inventory.ErrConflict) || !refused && err != nil {
					r.Fatalf("Publish(%s): %v; exists: %t, reserved: %t", v, err, exists, reserved)
				}
				if err == nil {
					m.releases[v] = content
					delete(m.reserved, v)
				}
			case "next":
				p := prefix.Draw(r, "prefix")
				v, end, err := inv.Reserve(ctx, "demo", "hello", release.Pattern(p))
				if want := m.next(p, true); string(v) != want || err != nil {
					r.Fatalf("Reserve(%s) = %s, %v, want %s", p, v, err, want)
				}
				if err := inv.Publish(ctx, metadata("demo", "hello", string(v)), archive(t, "next")); err != nil {
					r.Fatalf("Publish of the reserved %s: %v", v, err)
				}
				end()
				m.releases[string(v)] = "next"
			case "reserve":
				p := prefix.Draw(r, "prefix")
				v, end, err := first.Reserve(ctx, "demo", "hello", release.Pattern(p))
				if want := m.next(p, true); string(v) != want || err != nil {
					r.Fatalf("Reserve(%s) = %s, %v, want %s", p, v, err, want)
				}
				m.reserved[string(v)] = end
			case "release":
				for _, v := range slices.Sorted(maps.Keys(m.reserved))[:min(1, len(m.reserved))] {
					m.reserved[v]()
					delete(m.reserved, v)
				}
			case "tag":
				name, c := tag.Draw(r, "tag"), constraint.Draw(r, "constraint")
				err := inv.Tag(ctx, release.ID{Namespace: "demo", Name: "hello", Constraint: parse(r, c)}, name)
				v, ok := m.resolve(c)
				if _, exists := m.releases[v]; ok && exists {
					m.tags[name] = v
				} else {
					ok = false
				}
				if ok != (err == nil) || !ok && !errors.Is(err, inventory.ErrNotFound) {
					r.Fatalf("Tag(%s, %s): %v", c, name, err)
				}
			case "old client": // it saves what it knows
				index := filepath.Join(base, "demo", "hello", "index.json")
				text, err := os.ReadFile(index)
				if err != nil {
					continue
				}
				var d document
				if err := json.Unmarshal(text, &d); err != nil {
					r.Fatal(err)
				}
				d.Digests = nil
				if text, err = json.Marshal(d); err != nil {
					r.Fatal(err)
				}
				write(t, index, string(text))
			}
			compare(r, second, m, prefix.Draw(r, "next prefix"), constraint.Draw(r, "question"))
		}
		for _, end := range m.reserved {
			end()
		}
	})
}

func parse(r *rapid.T, constraint string) release.Constraint {
	c, err := release.ParseConstraint(constraint)
	if err != nil {
		r.Fatal(err)
	}
	return c
}

// compare asks the folder and the model the same.
func compare(r *rapid.T, inv *Inventory, m *model, prefix, constraint string) {
	ctx := context.Background()
	versions, err := inv.Versions(ctx, "demo", "hello")
	got := map[string]bool{}
	for _, v := range versions {
		got[string(v)] = true
	}
	if diff := cmp.Diff(m.known(), got); diff != "" || len(got) != len(versions) || (len(got) > 0) != (err == nil) {
		r.Fatalf("Versions = %v, %v (-want +got):\n%s", versions, err, diff)
	}
	if !slices.IsSortedFunc(versions, func(v, w release.Version) int { return w.Compare(v) }) {
		r.Fatalf("Versions = %v, in no order", versions)
	}
	names, err := inv.Packages(ctx, "demo")
	if want := len(m.releases) > 0; want != slices.Equal(names, []string{"hello"}) || want && err != nil {
		r.Fatalf("Packages = %v, %v", names, err)
	}
	if v, err := inv.NextVersion(ctx, "demo", "hello", release.Pattern(prefix)); string(v) != m.next(prefix, false) || err != nil {
		r.Fatalf("NextVersion(%s) = %s, %v, want %s", prefix, v, err, m.next(prefix, false))
	}
	id := release.ID{Namespace: "demo", Name: "hello", Constraint: parse(r, constraint)}
	want, ok := m.resolve(constraint)
	content, exists := m.releases[want]
	d, err := inv.Metadata(ctx, id)
	if !ok || !exists {
		if !errors.Is(err, inventory.ErrNotFound) {
			r.Fatalf("Metadata(%s) = %v, %v, want none", constraint, d, err)
		}
		return
	}
	if err != nil || d.Version != want {
		r.Fatalf("Metadata(%s) = %v, %v, want %s", constraint, d, err, want)
	}
	if got, err := download(inv, d.ID()); got != content || err != nil {
		r.Fatalf("Download(%s) = %q, %v, want %q", d.ID(), got, err, content)
	}
}

// FuzzIndex: an index that can be read is written with all that it held, and reads the same.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"name":"hello","escape_version":"0.28.1","escape_core_version":"0.15.7","core_api_version":15,"versions":{"1":{"a":"<"}},"tags":{"ci":"1"}}`))
	f.Add([]byte(`{"Name":"a","NAME":null,"versions":null,"digests":{"1":"x"},"more":[1.0,{"a":1e400}],"":""}`))
	f.Add([]byte(`{"core_api_version":16}`))
	f.Add([]byte(`null`))
	f.Add([]byte("{\"versions\":{\"\xff\":\"\u2028\xfe\"},\"\xfe\":1,\"\xfd\":2}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p := &pkg{dir: t.TempDir(), name: "hello"}
		write(t, p.index(), string(text))
		x, err := p.load()
		if err != nil {
			return
		}
		for _, v := range x.versions() {
			if !x.has(v) {
				t.Errorf("versions has %s, the index does not", v)
			}
		}
		again, err := x.encode("0.29.0")
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		write(t, p.index(), string(again))
		y, err := p.load()
		if err != nil {
			t.Fatalf("load of %s: %v", again, err)
		}
		if diff := cmp.Diff(content(t, x), content(t, y)); diff != "" {
			t.Errorf("before and after (-before +after):\n%s", diff)
		}
	})
}

// content is all that an index says, but for the versions of the client.
func content(t *testing.T, x *index) map[string]any {
	t.Helper()
	all, others := map[string]any{}, map[string]json.RawMessage{}
	if err := json.Unmarshal(x.text, &others); err != nil {
		t.Fatal(err)
	}
	for key, value := range others {
		if !isKnown(key) {
			all[key] = squeezed(t, value)
		}
	}
	versions := map[string]string{}
	for v, m := range x.Versions {
		versions[v] = squeezed(t, m)
	}
	all["name"], all["versions"], all["tags"], all["digests"] = x.Name, versions, x.Tags, x.Digests
	return all
}

// squeezed returns JSON in its one spelling.
func squeezed(t *testing.T, text json.RawMessage) string {
	t.Helper()
	out, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// FuzzNames: whatever the names, nothing is written but below the folder of the package, and only if they are names.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"demo", "..", "../..", "a/b", "", "_", "demo\x00", ".escape", "demo/../../x", "/etc", `..\x`} {
		f.Add(s, "hello", "1.0", "")
		f.Add("demo", s, "1.0", "1.")
		f.Add("demo", "hello", s, s)
	}
	f.Fuzz(func(t *testing.T, namespace, name, version, pattern string) {
		ctx, dir := context.Background(), t.TempDir()
		base := filepath.Join(dir, "a", "b")
		inv := Open(base, options)
		write(t, filepath.Join(dir, "package"), "x")
		before := tree(t, dir)
		id := release.ID{Namespace: namespace, Name: name, Constraint: release.Exact(release.Version(version))}
		inv.Metadata(ctx, id)
		inv.Download(ctx, id, &bytes.Buffer{})
		inv.Packages(ctx, namespace)
		inv.Versions(ctx, namespace, name)
		inv.NextVersion(ctx, namespace, name, release.Pattern(pattern))
		inv.Tag(ctx, id, version)
		if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
			t.Fatalf("questions wrote (-before +after):\n%s", diff)
		}
		published := inv.Publish(ctx, metadata(namespace, name, version), filepath.Join(dir, "package"))
		_, end, reserved := inv.Reserve(ctx, namespace, name, release.Pattern(pattern))
		if reserved == nil {
			end()
		}
		inv.Tag(ctx, id, "ci")
		for path := range tree(t, dir) {
			if _, ok := before[path]; ok || path == "a" {
				continue
			}
			if published != nil && (reserved != nil || path != "a/b") {
				t.Fatalf("%s was made: %v, %v", path, published, reserved)
			}
			id, err := release.ParseID(namespace + "/" + name + "-v1")
			if path != "a/b" && (err != nil || path != "a/b/"+id.Namespace && !strings.HasPrefix(path+"/", "a/b/"+id.Package()+"/")) {
				t.Fatalf("%s was made for %q, %q, %q", path, namespace, name, version)
			}
		}
	})
}
