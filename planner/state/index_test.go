package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSumsOfParts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 40*sumBlock+17)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	s := newSums(nil)
	for rest := data; len(rest) > 0; {
		n := min(len(rest), 1+r.IntN(3*sumBlock))
		s.add(rest[:n])
		rest = rest[n:]
	}
	if s.total != crc32.Checksum(data, castagnoli()) {
		t.Fatal("the whole has another checksum")
	}
	for range 200 {
		from := r.IntN(len(data))
		to := from + r.IntN(len(data)-from+1)
		before := []byte("what comes before")
		sum := crc32.Checksum(before, castagnoli())
		if got, want := s.extend(sum, data, from, to), crc32.Update(sum, castagnoli(), data[from:to]); got != want {
			t.Errorf("[%d:%d]: %08x, want %08x", from, to, got, want)
		}
	}
}

// large returns a state of three environments whose document is large, as the commit with this serial leaves it.
func large(t testing.TB, serial int64) *State {
	t.Helper()
	s := project(t, 300)
	changes := []Change{PutEnvironment{"staging", map[string]any{"deployments": map[string]any{"x": "y"}}}, PutEnvironment{Environment: "empty"}}
	for i := range 200 {
		name := fmt.Sprintf("team/app-%05d", 3*i)
		changes = append(changes, PutDeployment{Address{"staging", Path{name}, ""}, typical(name, i)})
	}
	at := Address{"staging", Path{"team/app-00006", "db"}, BuildStage}
	changes = append(changes, PutStatus{at, DeployStage, Status{Code: OK, UpdatedAt: epoch}})
	if err := s.apply(changes, epoch, "abc", serial); err != nil {
		t.Fatal(err)
	}
	s.extra = map[string]any{"later": "key"}
	return s
}

// saved returns what is read after s was written.
func saved(t testing.TB, s *State) *State {
	t.Helper()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(data) {
		t.Fatalf("no JSON: %s", data)
	}
	if !unseal(data, newSums(data)) {
		t.Fatal("the seal does not fit")
	}
	return mustDecode(t, string(data))
}

// indentedText is the document without seal in the layout of small ones, made from scratch.
func indentedText(t testing.TB, s *State) string {
	t.Helper()
	fresh := New(s.name)
	fresh.extra = s.extra
	for _, env := range s.Environments() {
		e := s.Environment(env)
		changes := []Change{PutEnvironment{env, e.Inputs()}}
		for name, d := range e.Deployments() {
			changes = append(changes, PutDeployment{Address{env, Path{name}, ""}, d})
		}
		if err := fresh.Apply(changes...); err != nil {
			t.Fatal(err)
		}
	}
	data, err := fresh.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestLargeDocuments makes random changes to a large document, of which most is never looked at, and compares with a
// state that was never written.
func TestLargeDocuments(t *testing.T) {
	model := large(t, 1)
	s := saved(t, saved(t, model)) // once as it came, and once compact
	r := rand.New(rand.NewPCG(3, 4))
	name := func() string {
		switch r.IntN(8) {
		case 0:
			return []string{"A", "a", "team/app-00000", "team/app-00299", "team/app-0", "zzz"}[r.IntN(6)]
		case 1:
			return fmt.Sprintf("team/app-%05dx", r.IntN(320))
		}
		return fmt.Sprintf("team/app-%05d", r.IntN(320))
	}
	for round := range 60 {
		var changes []Change
		for range r.IntN(6) {
			a := Address{[]string{"prod", "staging", "new"}[min(r.IntN(20), 2)%3], Path{name()}, ""}
			if a.Environment == "new" && round < 40 {
				a.Environment = "prod"
			}
			switch r.IntN(4) {
			case 0:
				changes = append(changes, DeleteDeployment{a})
			case 1:
				a.Path = append(a.Path, "db")
				fallthrough
			default:
				changes = append(changes, PutStatus{a, DeployStage, Status{Code: OK, Data: strings.Repeat("<\"", r.IntN(3)), UpdatedAt: epoch}})
			}
		}
		if round == 30 {
			changes = append(changes, DeleteEnvironment{"prod"}, PutEnvironment{"staging", map[string]any{"n": int64(round)}})
		}
		for _, s := range []*State{model, s} {
			if err := s.apply(changes, epoch, "abc", int64(round)+2); err != nil {
				t.Fatal(err)
			}
		}
		before := s
		s = saved(t, s)
		for range 5 {
			a := Address{"staging", Path{name()}, ""}
			want, _ := model.Lookup(a)
			got, _ := s.Lookup(a)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("round %d: %s: %s", round, a, diff)
			}
		}
		if round%10 == 9 {
			for what, s := range map[string]*State{"written": before, "read": saved(t, s)} {
				if diff := cmp.Diff(indentedText(t, model), indentedText(t, s)); diff != "" {
					t.Fatalf("round %d, %s: %s", round, what, diff)
				}
			}
		}
	}
}

// TestSpans compares what a document says about its spans with what is in it.
func TestSpans(t *testing.T) {
	for _, layout := range []layout{indented, compact} {
		s := saved(t, large(t, 1))
		if layout == compact {
			s = saved(t, s)
		}
		whole := 0
		for env, e := range s.envs {
			if e.whole.end == 0 {
				if env != "empty" {
					t.Errorf("environment %s is split", env)
				}
				continue
			}
			whole++
			w := e.whole
			s.split(e)
			if s.err != nil {
				t.Fatal(s.err)
			}
			names := []string{"", "a", "team/app-", "zzz"}
			for _, raw := range e.raw {
				if raw.layout != layout || raw.active {
					t.Fatalf("%s: %+v", env, raw)
				}
				names = append(names, raw.name, raw.name+"!", raw.name[:len(raw.name)-1])
			}
			for _, name := range names {
				i, want := slices.BinarySearchFunc(e.raw, name, func(r rawDeployment, name string) int { return strings.Compare(r.name, name) })
				at, start, end, found := w.find(s.data, name)
				if found != want || found && (start != e.raw[i].start || end != e.raw[i].end) {
					t.Errorf("%s %q: %d-%d %t", env, name, start, end, found)
				}
				wantAt := w.last()
				if i < len(e.raw) {
					wantAt = e.raw[i].start - len(rawKey+e.raw[i].name+`": `)
				}
				if at != wantAt {
					t.Errorf("%s %q: at %d, want %d", env, name, at, wantAt)
				}
			}
		}
		if whole != 2 {
			t.Errorf("%d spans", whole)
		}
	}
}

// TestLayoutFollowsTheSize: a document becomes compact when it has grown, and is indented again when hardly anything is left.
func TestLayoutFollowsTheSize(t *testing.T) {
	s := large(t, 1)
	check := func(when string, want layout) {
		t.Helper()
		data, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if (bytes.Contains(data, []byte(`"team/app-00299": {"name":"team/app-00299",`))) != (want == compact) {
			t.Errorf("%s: want layout %d, got %s", when, want, data[:min(len(data), 1000)])
		}
		s = mustDecode(t, string(data))
	}
	check("at first", indented)
	check("once it was large", compact)
	check("again", compact)
	drop := func(from, to int) {
		for i := from; i < to; i++ {
			name := Path{fmt.Sprintf("team/app-%05d", i)}
			if err := s.Apply(DeleteDeployment{Address{"prod", name, ""}}, DeleteDeployment{Address{"staging", Path{fmt.Sprintf("team/app-%05d", 3*i)}, ""}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	drop(0, 200)
	check("smaller", compact)
	drop(200, 290)
	check("when it shrank", compact)
	check("once it was small", indented)
	if n := len(s.Environment("prod").Names()); n != 10 {
		t.Errorf("%d deployments are left", n)
	}
	// Somebody who writes another layout changes nothing but bytes.
	s = saved(t, saved(t, large(t, 1)))
	var other bytes.Buffer
	if err := json.Indent(&other, s.data, "", " "); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(indentedText(t, s), indentedText(t, saved(t, mustDecode(t, other.String())))); diff != "" {
		t.Error(diff)
	}
}

// TestEmptyObjects: the original accepts deployments of which nothing is said, so they may stand among ours.
func TestEmptyObjects(t *testing.T) {
	const text = `{
   "name": "pp",
   "environments": {
      "dev": {
         "name": "dev",
         "deployments": {
            "a": {},
            "b": {
               "name": "b",
               "inputs": {}
            },
            "c": {}
         }
      }
   }
}`
	for _, more := range []int{0, 600} {
		s := mustDecode(t, text)
		changes := []Change{PutStatus{Address{"dev", Path{"d"}, ""}, DeployStage, Status{Code: OK, UpdatedAt: epoch}}}
		for i := range more {
			changes = append(changes, PutDeployment{Address{"prod", Path{fmt.Sprint("x", i)}, ""}, typical("x", i)})
		}
		for i := range 4 {
			if err := s.apply(changes, epoch, "l", int64(i+1)); err != nil {
				t.Fatal(err)
			}
			changes = []Change{PutStatus{Address{"dev", Path{"a"}, ""}, DeployStage, Status{Code: OK, UpdatedAt: epoch}}}
			s = saved(t, s)
			if names := mustDecode(t, string(s.data)).Environment("dev").Names(); !slices.Equal(names, []string{"a", "b", "c", "d"}) {
				t.Errorf("after %d commits with %d more: %v", i+1, more, names)
			}
			for _, name := range []string{"a", "b", "c", "d"} {
				if d, ok := s.Environment("dev").Deployment(name); !ok || d.Name != name {
					t.Errorf("after %d commits with %d more: %s is %v", i+1, more, name, d)
				}
			}
		}
	}
}

// TestEditIsNoticed: a document that was left alone is known by its file; one that was edited, however small the edit and
// whatever its times say, is another one.
func TestEditIsNoticed(t *testing.T) {
	for _, edit := range []struct {
		name string
		do   func(path string, data []byte) error
	}{
		{"none", nil},
		{"in place", func(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }},
		{"by another file", func(path string, data []byte) error {
			return errors.Join(os.WriteFile(path+".new", data, 0o600), os.Rename(path+".new", path))
		}},
	} {
		t.Run(edit.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "escape_state.json")
			data, err := large(t, 1).Encode()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			store, err := OpenFile(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			s, err := store.Lock(t.Context(), Request{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context(), Batch{Changes: []Change{PutStatus{Address{"dev", Path{"a"}, ""}, DeployStage, Status{Code: OK, UpdatedAt: epoch}}}}); err != nil {
				t.Fatal(err)
			}
			if edit.do == nil {
				doc := s.(*fileSession).doc
				known := doc.id != fileID{}
				doc.base = "remembered"
				if base, err := store.currentBase(&doc); err != nil || known && base != "remembered" {
					t.Errorf("%s, %v", base, err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			data[bytes.Index(data, []byte("eu-west"))] = 'E'
			if err := errors.Join(edit.do(path, data), os.Chtimes(path, time.Time{}, info.ModTime())); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); !errors.Is(err, ErrConflict) {
				t.Errorf("error %v, want ErrConflict", err)
			}
			if found, err := os.ReadFile(path); err != nil || !bytes.Equal(found, data) {
				t.Errorf("the edit is lost, %v", err)
			}
		})
	}
}

// FuzzSealed: whatever a document holds that bears a seal which fits, nothing panics.
func FuzzSealed(f *testing.F) {
	s := New("pp")
	for i := range 3 {
		name := fmt.Sprint("a", i)
		if err := s.Apply(PutDeployment{Address{"dev", Path{name}, ""}, &Deployment{Name: name, Release: "r"}}, PutStatus{Address{"prod", Path{name}, ""}, DeployStage, Status{}}); err != nil {
			f.Fatal(err)
		}
	}
	s.serial = 1
	for _, layout := range []layout{indented, compact} {
		e := &encoder{layout: layout}
		data, _, err := s.write(e, 0)
		if err != nil {
			f.Fatal(err)
		}
		text := bytes.Join(data, nil)
		if !bytes.Contains(text, []byte(offsetsKey)) {
			f.Fatalf("no offsets: %s", text)
		}
		f.Add(text[:len(text)-sealLen], "a1")
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		data = append(data, seal(crc32.Checksum(data, castagnoli()))...)
		s, err := Decode(data, epoch)
		if err != nil {
			return
		}
		for _, env := range s.Environments() {
			s.Environment(env).Deployment(name)
			a := Address{env, Path{name}, ""}
			if s.Apply(PutStatus{a, DeployStage, Status{Code: OK}}) == nil {
				s.Encode()
				s.Apply(DeleteDeployment{a})
			}
		}
		s.Encode()
		for _, env := range s.Environments() {
			for range s.Environment(env).Deployments() {
			}
		}
		s.Encode()
	})
}
