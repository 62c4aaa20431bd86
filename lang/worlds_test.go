package lang_test

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// releases are several states of one package that plans depend on.
var releases = func() (all []*release.Metadata) {
	for _, text := range []string{
		`{"name": "base", "version": "1", "outputs": [{"id": "url", "type": "string"}, {"id": "address"}], "inputs": [{"id": "a", "type": "integer"}], "provides": [{"name": "kubernetes"}]}`,
		`{"name": "base", "version": "1", "outputs": [{"id": "url", "type": "list"}, {"id": "port", "type": "integer"}], "inputs": [{"id": "a", "default": "x"}], "metadata": {"team": "x"}}`,
		`{"name": "base", "version": "2", "outputs": [{"id": "url", "sensitive": true}], "consumes": [{"name": "kubernetes", "variable": "k8s"}], "provides": [{"name": "web"}]}`,
	} {
		m, err := release.Decode([]byte(text))
		if err != nil {
			panic(err)
		}
		all = append(all, m)
	}
	return append(all, nil)
}()

// A world is what a plan is analyzed in. Each number makes another one of the parts.
type world struct{ releases, files, rules uint64 }

// chance is a number that only these decide.
func chance(part string, n uint64) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, part, n)
	return h.Sum64() >> 7
}

func (w world) options() lang.Options {
	pick := func(name string) *release.Metadata { return releases[chance(name, w.releases)%uint64(len(releases))] }
	file := fstest.MapFS{"f": {Data: []byte("{{ a }} {{ region_1 }}\necho $INPUT_a\n")}}
	return lang.Options{
		Env: check.Env{
			Stat: func(path string) (fs.FileInfo, error) {
				if chance(path, w.files)%3 == 0 {
					return nil, fs.ErrNotExist
				}
				return file.Stat("f")
			},
			ReadFile: func(path string) ([]byte, error) {
				if chance(path, w.files)%3 == 0 {
					return nil, fs.ErrNotExist
				}
				return file["f"].Data, nil
			},
			LookPath: func(name string) (string, error) {
				if chance(name, w.files)%2 == 0 {
					return "", fs.ErrNotExist
				}
				return "/bin/" + name, nil
			},
			Providers: func(iface string) []*release.Metadata {
				if m := pick(iface); m != nil {
					return []*release.Metadata{m}
				}
				return nil
			},
		},
		Find: func(p *plan.Plan) check.Deps {
			deps := check.Deps{}
			for _, n := range p.Needs() {
				if m := pick(n.Alias); m != nil {
					deps[n.Alias] = m
				}
			}
			return deps
		},
		Lint: func(r *lint.Rule) bool { return chance(r.Code.Name, w.rules)%4 != 0 },
	}
}

// TestOtherWorldAsFresh: what is kept of an analysis does not outlive that on which it depends: dependencies, files, commands, and the
// rules that are on.
func TestOtherWorldAsFresh(t *testing.T) {
	plans := plansToEdit()
	rapid.Check(t, func(t *rapid.T) {
		f := plans[rapid.IntRange(0, len(plans)-1).Draw(t, "plan")]
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		text := f.Text()
		var w world
		var an *lang.Analysis
		for range 8 {
			before := text
			switch r.IntN(6) {
			case 0, 1:
				w.releases = r.Uint64N(8)
			case 2:
				w.files = r.Uint64N(4)
			case 3:
				w.rules = r.Uint64N(4)
			case 4:
				text = edited(r, text)
			default:
				text = f.Text()
			}
			want := lang.Analyze(source.NewFile(f.Name(), text), w.options())
			opts := w.options()
			opts.Before, opts.Keep = an, true
			an = lang.Analyze(source.NewFile(f.Name(), text), opts)
			asFresh(t, an, want, before)
		}
	})
}
