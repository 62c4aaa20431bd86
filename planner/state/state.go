package state

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultProject is the name of the project in new local documents.
const DefaultProject = "local-state-project"

// A State is what is recorded about one project. It may be used by several goroutines at once: readers see a change
// as a whole or not at all. What it returns is shared and must not be changed; Apply changes it.
type State struct {
	mu      sync.RWMutex
	name    string
	format  int64
	serial  int64
	lineage string
	extra   map[string]any
	envs    map[string]*environment
	now     time.Time

	data []byte // the document; raw deployments point into it
	sum  uint32 // checksum of data
	err  error  // the first deployment that could not be decoded although the document was accepted
}

type environment struct {
	inputs map[string]any
	extra  map[string]any
	raw    []rawDeployment // of the document, sorted by name
	// put holds what replaces and joins raw; nil means deleted.
	put map[string]*Deployment
	// decoded keeps what was decoded of raw.
	decoded map[string]*Deployment
}

// A rawDeployment is a root deployment in the document: data[start:end] is the value.
type rawDeployment struct {
	name       string
	start, end int
	// canonical says that the bytes are laid out as the encoder would, so that they can be copied; joined that the same
	// is true for what stands between this and the one before.
	canonical, joined bool
	active            bool // some stage in it may be in a running status
}

// New returns the empty state of a project.
func New(project string) *State {
	return &State{name: project, envs: map[string]*environment{}}
}

// Decode reads a state document and checks all of it. Errors are a *DocumentError; its cause is a *NameError for names
// that are not allowed, and ErrNewer for a document of a newer version. now is the time given to stages of very old
// documents which lack one.
func Decode(data []byte, now time.Time) (*State, error) {
	s := New("")
	s.data, s.now = data, now
	d := decoder{scanner: scanner{data: data, build: true}, now: now}
	s.sum, d.sealed = unseal(data)
	if err := d.document(s); err != nil {
		return nil, locate(err, data)
	}
	return s, nil
}

func projectKey(key []byte) int {
	switch string(key) {
	case "name":
		return 1
	case "environments":
		return 2
	case "format":
		return 3
	case "serial":
		return 4
	case "lineage":
		return 5
	case "checksum":
		return 6
	}
	return 0
}

func (d *decoder) document(s *State) error {
	if d.peek(); d.pos == len(d.data) {
		return d.fail(errEnd)
	}
	start := d.pos
	d.odd = false
	err := d.fields(&s.extra, projectKey, func(field int) error {
		switch field {
		case 1:
			return d.text(&s.name)
		case 2:
			return d.each(func(key []byte, start int) error { return d.environment(s, key, start) })
		case 3:
			return d.integer(&s.format)
		case 4:
			return d.integer(&s.serial)
		case 5:
			return d.text(&s.lineage)
		default:
			var ignored string
			return d.text(&ignored)
		}
	})
	format := s.format
	if err != nil {
		// A newer document may have another shape: its mark explains more than what we stumbled over.
		format, _ = formatOf(d.data[start:])
	}
	if format > Format {
		return &syntaxError{start, fmt.Errorf("%w (format %d, this one knows %d)", ErrNewer, format, Format)}
	}
	if err != nil {
		return err
	}
	if d.peek() != 0 || d.pos < len(d.data) {
		return d.unexpected("after top-level value")
	}
	if err := CheckProjectName(s.name); err != nil {
		return &syntaxError{start, err}
	}
	return nil
}

// formatOf finds the key "format" of the document without judging anything else.
func formatOf(data []byte) (int64, bool) {
	d := decoder{scanner: scanner{data: data}}
	if d.expect('{', "") != nil {
		return 0, false
	}
	more, err := d.open('}')
	for more && err == nil {
		key, err := d.key()
		if err != nil {
			return 0, false
		}
		if string(key) == "format" {
			var n int64
			return n, d.integer(&n) == nil
		}
		if _, err := d.value(); err != nil {
			return 0, false
		}
		if more, err = d.next('}', ""); err != nil {
			return 0, false
		}
	}
	return 0, false
}

func environmentKey(key []byte) int {
	switch string(key) {
	case "name":
		return 1
	case "inputs":
		return 2
	case "deployments":
		return 3
	}
	return 0
}

func (d *decoder) environment(s *State, key []byte, start int) error {
	name := string(key)
	if err := CheckEnvironmentName(name); err != nil {
		d.pos = start
		return in("environment", name, d.fail(err))
	}
	e := &environment{}
	err := d.fields(&e.extra, environmentKey, func(field int) error {
		switch field {
		case 1:
			var ignored string
			return d.text(&ignored)
		case 2:
			return d.values(&e.inputs)
		default:
			return d.rootDeployments(e)
		}
	})
	if err != nil {
		return in("environment", name, err)
	}
	s.envs[name] = e
	return nil
}

// rootDeployments checks the deployments of an environment and notes where they are.
func (d *decoder) rootDeployments(e *environment) error {
	d.build = false
	odd := d.odd
	err := d.each(func(key []byte, start int) error {
		joined := !d.odd
		odd = odd || d.odd
		d.odd, d.active = false, false
		begin := d.pos
		if !d.skipSealed() {
			if _, err := d.deployment(key, start); err != nil {
				return err
			}
		}
		e.raw = append(e.raw, rawDeployment{string(key), begin, d.pos, !d.odd, joined, d.active})
		odd = odd || d.odd
		d.odd = false
		return nil
	})
	d.build, d.odd = true, odd || d.odd
	byName := func(a, b rawDeployment) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(e.raw, byName) {
		slices.SortFunc(e.raw, byName)
		for i := range e.raw {
			e.raw[i].joined = false
		}
	}
	if len(e.raw) > 0 {
		e.raw[0].joined = false
	}
	return err
}

// skipSealed passes a root deployment without looking into it, if the document is sealed: then it was checked before it
// was written, and it ends where a brace closes at its own depth. No string can look like that, because strings hold
// no line breaks.
func (d *decoder) skipSealed() bool {
	if !d.sealed || d.pos >= len(d.data) || d.data[d.pos] != '{' || d.depth != rawDepth {
		return false
	}
	data := d.data[d.pos:]
	// Every line inside is indented deeper than the one that ends it, so no line is shorter than that.
	const indent = rawDepth * len(indentUnit)
	for i := 1; ; i += indent + 2 {
		if i >= len(data) {
			return false
		}
		n := bytes.IndexByte(data[i:], '\n')
		if i += n; n < 0 || i+1+indent >= len(data) {
			return false
		}
		if data[i+1+indent] == '}' {
			d.pos += i + 1 + indent + 1
			return true
		}
	}
}

// A document which was written here ends with a seal: a checksum of everything before. With it, what we wrote need not
// be checked again; any other program that changes the document breaks or removes the seal. A document in which a stage
// is running bears none, so that a seal also says that there is no such stage to look for.
const (
	sealHead = ",\n" + indentUnit + `"checksum": "crc32c-`
	sealTail = "\"\n}"
	sealLen  = len(sealHead) + 8 + len(sealTail)
)

// seal returns the end of a document whose bytes so far have this sum.
func seal(sum uint32) string { return fmt.Sprintf("%s%08x%s", sealHead, sum, sealTail) }

// unseal returns the checksum of the document, and whether it bears a seal that fits.
func unseal(data []byte) (sum uint32, sealed bool) {
	n := len(data) - sealLen
	if n <= 0 || !bytes.HasPrefix(data[n:], []byte(sealHead)) {
		return crc32.Checksum(data, castagnoli()), false
	}
	sum = crc32.Checksum(data[:n], castagnoli())
	sealed = string(data[n:]) == seal(sum)
	return crc32.Update(sum, castagnoli(), data[n:]), sealed
}

// find returns the deployment name, or nil if there is none; known is false if it has to be decoded first.
func (e *environment) find(name string) (d *Deployment, known bool) {
	if e == nil {
		return nil, true
	}
	if d, ok := e.put[name]; ok {
		return d, true
	}
	if d, ok := e.decoded[name]; ok {
		return d, true
	}
	_, ok := e.indexOf(name)
	return nil, !ok
}

// decode reads a deployment of the document, which was checked before. The caller holds s.mu for writing.
func (s *State) decode(e *environment, name string) *Deployment {
	if d, known := e.find(name); known {
		return d
	}
	i, _ := e.indexOf(name)
	dec := decoder{scanner: scanner{data: s.data, pos: e.raw[i].start, build: true, depth: rawDepth}, now: s.now}
	d, err := dec.deployment([]byte(name), e.raw[i].start)
	if err != nil { // only a bug of ours leads here; nothing is written any more
		s.err = locate(err, s.data)
		return nil
	}
	if e.decoded == nil {
		e.decoded = map[string]*Deployment{}
	}
	e.decoded[name] = d
	return d
}

func (e *environment) indexOf(name string) (int, bool) {
	return slices.BinarySearchFunc(e.raw, name, func(r rawDeployment, name string) int { return strings.Compare(r.name, name) })
}

// rawDepth is the depth at which a root deployment begins.
const rawDepth = 4

// Project returns the name of the project.
func (s *State) Project() string { return s.name }

// Serial counts the commits of the document. It is 0 for a document which only the original has written.
func (s *State) Serial() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.serial
}

// Lineage tells apart documents which have nothing to do with each other: it is made up with the first commit and
// stays. It is "" for a document which only the original has written.
func (s *State) Lineage() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lineage
}

// Environments returns the names of the environments, sorted.
func (s *State) Environments() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.envs))
}

// Environment returns the environment name, which is empty if nothing is recorded about it. Asking creates nothing.
func (s *State) Environment(name string) Environment { return Environment{s, name} }

// Err returns an error if a deployment could not be decoded although the document was accepted. It means a bug of
// ours; a state with an error is never written.
func (s *State) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.err
}

// An Environment is a named place of a State that holds deployments. It sees later changes of the state.
type Environment struct {
	state *State
	name  string
}

// Name returns the name of the environment.
func (e Environment) Name() string { return e.name }

// Exists reports whether anything is recorded about the environment.
func (e Environment) Exists() bool {
	e.state.mu.RLock()
	defer e.state.mu.RUnlock()
	return e.state.envs[e.name] != nil
}

// Inputs returns the inputs that operators gave to the whole environment.
func (e Environment) Inputs() map[string]any {
	e.state.mu.RLock()
	defer e.state.mu.RUnlock()
	if env := e.state.envs[e.name]; env != nil {
		return env.inputs
	}
	return nil
}

// Extra returns the keys which a newer writer added to the environment.
func (e Environment) Extra() map[string]any {
	e.state.mu.RLock()
	defer e.state.mu.RUnlock()
	if env := e.state.envs[e.name]; env != nil {
		return env.extra
	}
	return nil
}

// Names returns the names of the root deployments, sorted.
func (e Environment) Names() []string {
	e.state.mu.RLock()
	defer e.state.mu.RUnlock()
	env := e.state.envs[e.name]
	if env == nil {
		return nil
	}
	return env.names()
}

func (e *environment) names() []string {
	names := make([]string, 0, len(e.raw)+len(e.put))
	for name := range e.all() {
		names = append(names, name)
	}
	return names
}

// all yields the names of the deployments in order, with their index in raw, or -1 for those in put.
func (e *environment) all() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		added := slices.Sorted(maps.Keys(e.put))
		i := 0
		for _, name := range added {
			for i < len(e.raw) && e.raw[i].name < name {
				if !yield(e.raw[i].name, i) {
					return
				}
				i++
			}
			if i < len(e.raw) && e.raw[i].name == name {
				i++
			}
			if e.put[name] != nil && !yield(name, -1) {
				return
			}
		}
		for ; i < len(e.raw); i++ {
			if !yield(e.raw[i].name, i) {
				return
			}
		}
	}
}

// mayRun reports whether the deployment name can be in a running status, without decoding it if it is as it was in the
// document.
func (e Environment) mayRun(name string) bool {
	s := e.state
	s.mu.RLock()
	defer s.mu.RUnlock()
	env := s.envs[e.name]
	if env == nil || env.put[name] != nil {
		return true
	}
	i, ok := env.indexOf(name)
	return ok && env.raw[i].active
}

// Deployment returns the root deployment name.
func (e Environment) Deployment(name string) (*Deployment, bool) {
	s := e.state
	s.mu.RLock()
	d, known := s.envs[e.name].find(name)
	s.mu.RUnlock()
	if !known {
		s.mu.Lock()
		d = s.decode(s.envs[e.name], name)
		s.mu.Unlock()
	}
	return d, d != nil
}

// Deployments yields the root deployments in order of their names.
func (e Environment) Deployments() iter.Seq2[string, *Deployment] {
	return func(yield func(string, *Deployment) bool) {
		for _, name := range e.Names() {
			if d, ok := e.Deployment(name); ok && !yield(name, d) {
				return
			}
		}
	}
}

// Lookup returns the deployment at a. It never creates anything.
func (s *State) Lookup(a Address) (*Deployment, bool) {
	if len(a.Path) == 0 {
		return nil, false
	}
	d, ok := s.Environment(a.Environment).Deployment(a.Path[0])
	stage := a.rootStage()
	for _, name := range a.Path[1:] {
		if !ok {
			return nil, false
		}
		st, _ := d.Stage(stage)
		d, ok = st.Deployments[name]
		stage = DeployStage
	}
	return d, ok
}

// Stage returns a stage of the deployment at a; without one an empty stage and false.
func (s *State) Stage(a Address, stage StageName) (*Stage, bool) {
	d, _ := s.Lookup(a)
	return d.Stage(stage)
}

// Providers returns, for each interface, the root deployments that offer it now, sorted by name.
func (e Environment) Providers() map[string][]string {
	all := map[string][]string{}
	for name, d := range e.Deployments() {
		for _, iface := range d.Offers() {
			if !slices.Contains(all[iface], name) {
				all[iface] = append(all[iface], name)
			}
		}
	}
	return all
}

// checksumText is what tells whether a document changed. It detects accidents, not forgery.
func checksumText(crc uint32, size int64) string { return fmt.Sprintf("crc32c-%08x-%d", crc, size) }

// castagnoli makes its table on first use: most commands never touch a state.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// MergedInputs returns the value map of the unit at a in a stage, weakest first: the inputs of the environment, then
// for each unit from the root to this one its inputs and the user inputs of the stage on the path.
func (s *State) MergedInputs(a Address, stage StageName) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, s.Environment(a.Environment).Inputs())
	for d, st := range s.along(a, stage) {
		maps.Copy(merged, d.Inputs)
		maps.Copy(merged, st.Inputs)
	}
	return merged
}

// MergedProviders returns which provider deployment serves each consumer variable of the unit at a in a stage; what
// is recorded deeper wins.
func (s *State) MergedProviders(a Address, stage StageName) map[string]string {
	merged := map[string]string{}
	for _, st := range s.along(a, stage) {
		maps.Copy(merged, st.Providers)
	}
	return merged
}

// along yields the units from the root to a, each with its stage on the path; for the last one that is the given
// stage. It ends where nothing is recorded.
func (s *State) along(a Address, last StageName) iter.Seq2[*Deployment, *Stage] {
	return func(yield func(*Deployment, *Stage) bool) {
		for i := range a.Path {
			d, ok := s.Lookup(Address{a.Environment, a.Path[:i+1], a.RootStage})
			if !ok {
				return
			}
			name := DeployStage
			if i == len(a.Path)-1 {
				name = last
			} else if i == 0 {
				name = a.rootStage()
			}
			st, _ := d.Stage(name)
			if !yield(d, st) {
				return
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
