package state

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"slices"
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
	sums *sums  // of data; nil if it is no document of a project
	err  error  // the first deployment that could not be decoded although the document was accepted
}

type environment struct {
	inputs map[string]any
	extra  map[string]any
	raw    []rawDeployment // of the document, sorted by name
	whole  span            // instead of raw, as long as nobody asked for all of them
	// put holds what replaces and joins raw; nil means deleted.
	put map[string]*Deployment
	// decoded keeps what was decoded of raw.
	decoded map[string]*Deployment
}

// New returns the empty state of a project.
func New(project string) *State {
	return &State{name: project, envs: map[string]*environment{}}
}

// Decode reads a state document and checks all of it. Errors are a *DocumentError; its cause is a *NameError for names
// that are not allowed, and ErrNewer for a document of a newer version. now is the time given to stages of very old
// documents which lack one.
func Decode(data []byte, now time.Time) (*State, error) {
	return decode(data, newSums(data), now)
}

func decode(data []byte, sums *sums, now time.Time) (*State, error) {
	s := New("")
	s.data, s.sums, s.now = data, sums, now
	d := decoder{scanner: scanner{data: data, build: true}, now: now}
	if d.sealed = unseal(data, sums); d.sealed {
		d.spans = spans(data)
	}
	if err := d.document(s); err != nil {
		return nil, locate(err, data)
	}
	return s, nil
}

// DecodeEnvironment reads the document of one environment, as a server hands it out, checks all of it and returns the
// state of a project of which nothing else is known. The name in the document does not count; null and {} say that nothing
// is recorded. Errors are as those of Decode.
func DecodeEnvironment(project, environment string, data []byte, now time.Time) (*State, error) {
	s := New(project)
	s.data, s.now = data, now
	// What is read has the depth that it has in the document of a project.
	d := decoder{scanner: scanner{data: data, build: true, depth: environmentDepth}, now: now}
	if err := d.onlyEnvironment(s, environment); err != nil {
		return nil, locate(err, data)
	}
	return s, nil
}

// environmentDepth is the depth at which an environment begins.
const environmentDepth = 2

func (d *decoder) onlyEnvironment(s *State, name string) error {
	d.peek()
	if null, err := d.absent(); err != nil {
		return err
	} else if !null {
		if err := d.environment(s, []byte(name), d.pos); err != nil {
			return err
		}
	}
	if d.peek() != 0 || d.pos < len(d.data) {
		return d.unexpected("after top-level value")
	}
	if e := s.envs[name]; e != nil && len(e.inputs)+len(e.extra)+len(e.raw) == 0 {
		delete(s.envs, name)
	}
	return nil
}

// Clone returns a copy of s which changes of s do not reach.
func (s *State) Clone() *State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := &State{name: s.name, format: s.format, serial: s.serial, lineage: s.lineage, extra: s.extra, now: s.now,
		data: s.data, sums: s.sums, err: s.err, envs: make(map[string]*environment, len(s.envs))}
	for name, e := range s.envs {
		copied := *e
		copied.put, copied.decoded = maps.Clone(e.put), maps.Clone(e.decoded)
		c.envs[name] = &copied
	}
	return c
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
	case offsetsKey:
		return 7
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

// find returns the deployment name, or nil if there is none; known is false if it has to be decoded first.
func (s *State) find(e *environment, name string) (d *Deployment, known bool) {
	if e == nil {
		return nil, true
	}
	if d, ok := e.put[name]; ok {
		return d, true
	}
	if d, ok := e.decoded[name]; ok {
		return d, true
	}
	_, ok := e.locate(s.data, name)
	return nil, !ok
}

// decode reads a deployment of the document, which was checked before. The caller holds s.mu for writing.
func (s *State) decode(e *environment, name string) *Deployment {
	if d, known := s.find(e, name); known {
		return d
	}
	raw, _ := e.locate(s.data, name)
	d, err := s.decodeRaw(raw)
	if err != nil { // only a bug of ours leads here; nothing is written any more
		s.err = err
		return nil
	}
	if e.decoded == nil {
		e.decoded = map[string]*Deployment{}
	}
	e.decoded[name] = d
	return d
}

// decodeRaw reads a deployment of the document.
func (s *State) decodeRaw(raw rawDeployment) (*Deployment, error) {
	dec := decoder{scanner: scanner{data: s.data, pos: raw.start, build: true, depth: rawDepth}, now: s.now}
	d, err := dec.deployment([]byte(raw.name), raw.start)
	return d, locate(err, s.data)
}

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
	s := e.state
	s.mu.Lock()
	s.split(s.envs[e.name])
	s.mu.Unlock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	env := s.envs[e.name]
	if env == nil {
		return nil
	}
	names := make([]string, 0, len(env.raw)+len(env.put))
	for name := range env.all() {
		names = append(names, name)
	}
	return names
}

// all yields the names of the deployments in order, with their index in raw, or -1 for those in put. They were split before.
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

// suspects returns the names of the deployments that can be in a running status, sorted, without decoding those that are
// as they were in the document.
func (e Environment) suspects() []string {
	s := e.state
	s.mu.RLock()
	defer s.mu.RUnlock()
	env := s.envs[e.name]
	if env == nil {
		return nil
	}
	var names []string
	for name, d := range env.put {
		if d != nil {
			names = append(names, name)
		}
	}
	for _, r := range env.raw {
		if _, ok := env.put[r.name]; r.active && !ok {
			names = append(names, r.name)
		}
	}
	slices.Sort(names)
	return names
}

// Deployment returns the root deployment name.
func (e Environment) Deployment(name string) (*Deployment, bool) {
	s := e.state
	s.mu.RLock()
	d, known := s.find(s.envs[e.name], name)
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

// mayOffer reports whether a deployment can have something to offer. Most have not, and those which are as they were in the
// document need not be decoded to see that: they do not hold the key. It may be written with escapes.
func (e Environment) mayOffer(name string) bool {
	s := e.state
	s.mu.RLock()
	defer s.mu.RUnlock()
	env := s.envs[e.name]
	if _, known := s.find(env, name); known {
		return true
	}
	raw, _ := env.locate(s.data, name)
	text := s.data[raw.start:raw.end]
	return bytes.Contains(text, []byte(`"provides"`)) || bytes.Contains(text, []byte(`\u`))
}

// Providers returns, for each interface, the root deployments that offer it now, sorted by name.
func (e Environment) Providers() map[string][]string {
	all := map[string][]string{}
	for _, name := range e.Names() {
		if !e.mayOffer(name) {
			continue
		}
		d, _ := e.Deployment(name)
		for _, iface := range d.Offers() {
			if !slices.Contains(all[iface], name) {
				all[iface] = append(all[iface], name)
			}
		}
	}
	return all
}

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
