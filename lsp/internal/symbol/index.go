package symbol

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
)

// An Index holds the words of a plan, and of the scripts and templates that it uses.
type Index struct {
	snap *cache.Snapshot
	an   *cache.Analyzed
	own  string // the package
	dir  string // of the plan; "" if it is no file
	// errands are those of the inputs that belong to one.
	errands map[*plan.Variable]*plan.Errand
	files   map[string][]Occurrence // by name, sorted; of the plan what is outside of its expressions
	// declared are the places of the plan that declare something.
	declared map[ID][]Place
}

type indexKey struct{}

// Of returns the index of a plan, which is made when it is first asked for.
func Of(snap *cache.Snapshot, an *cache.Analyzed) *Index {
	return an.Keep(indexKey{}, func() any { return newIndex(snap, an) }).(*Index)
}

// PackageOf returns "project/name" of a plan.
func PackageOf(an *cache.Analyzed) string {
	if an.Plan.Name.Value == "" {
		return an.Source.Name() // as good as any
	}
	project, name := release.SplitName(an.Plan.Name.Value)
	return project + "/" + name
}

// VariableOf returns the variable of a plan that an id means; nil if it means none of that plan.
func VariableOf(an *cache.Analyzed, id ID) *plan.Variable {
	if id.Package != PackageOf(an) {
		return nil
	}
	var list []*plan.Variable
	switch id.Kind {
	case Input:
		list = an.Plan.AllInputs()
	case Output:
		list = an.Plan.AllOutputs()
	case ErrandInput:
		for _, e := range an.Plan.Errands {
			if e.Name.Value == id.Within {
				list = append(list, e.Inputs...)
			}
		}
	}
	if i := slices.IndexFunc(list, func(v *plan.Variable) bool { return v.ID.Value == id.Name }); i >= 0 {
		return list[i]
	}
	return nil
}

func newIndex(snap *cache.Snapshot, an *cache.Analyzed) *Index {
	x := &Index{snap: snap, an: an, own: PackageOf(an), errands: map[*plan.Variable]*plan.Errand{}, files: map[string][]Occurrence{}, declared: map[ID][]Place{}}
	if an.Doc.Path != "" {
		x.dir = filepath.Dir(an.Doc.Path)
	}
	// Most words are ids, fields and variables of scripts.
	p := an.Plan
	n := len(p.AllInputs()) + len(p.AllOutputs()) + len(p.Errands)
	x.files[an.Source.Name()] = make([]Occurrence, 0, 2*n)
	x.packages()
	x.entries()
	x.steps()
	x.scripts()
	x.templates()
	for name, list := range x.files {
		slices.SortStableFunc(list, func(a, b Occurrence) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
		x.files[name] = list
	}
	return x
}

// at returns what stands at an offset of a file.
func (x *Index) at(file string, off int) (Occurrence, bool) {
	if file == x.an.Source.Name() {
		if o, ok := x.inExpression(off); ok {
			return o, true
		}
	}
	list := x.files[file]
	n := sort.Search(len(list), func(i int) bool { return int(list[i].Span.Start) > off })
	found := Occurrence{}
	for i := n - 1; i >= 0 && i >= n-maxSame; i-- {
		// Of two words that touch, the one that begins here counts.
		if o := &list[i]; o.Span.Contains(off) && (found.Kind == None || o.Span == found.Span) {
			found = *o
		}
	}
	if found.Kind != None {
		return found, true
	}
	if file == x.an.Source.Name() {
		return x.word(off)
	}
	return found, false
}

// maxSame is how many words may stand at one place, in what different plans or runs make of it.
const maxSame = 8

// Each calls fn with all words of the plan and of its files, those of one file in order; those of expressions after the others.
func (x *Index) Each(fn func(*Occurrence)) {
	for _, list := range x.files {
		for i := range list {
			fn(&list[i])
		}
	}
	for i := range x.an.Info.Exprs {
		x.expression(&x.an.Info.Exprs[i], func(o Occurrence) { fn(&o) })
	}
}

// Named calls fn with the words that have a name, and maybe others. It does not look into expressions that cannot hold it.
func (x *Index) Named(name string, fn func(*Occurrence)) {
	for _, list := range x.files {
		for i := range list {
			if list[i].Name == name {
				fn(&list[i])
			}
		}
	}
	for i := range x.an.Info.Exprs {
		if e := &x.an.Info.Exprs[i]; strings.Contains(e.Text.Value, name) {
			x.expression(e, func(o Occurrence) { fn(&o) })
		}
	}
}

// add adds a word of the plan.
func (x *Index) add(o Occurrence, t plan.Text) {
	if !t.Set() || t.Value == "" || o.Name == "" {
		return
	}
	o.File, o.Span, o.Scalar = x.an.Source, t.Span(), t.Scalar()
	x.put(o)
}

func (x *Index) put(o Occurrence) {
	name := o.File.Name()
	x.files[name] = append(x.files[name], o)
	if o.Use == Declare && (o.File == x.an.Source || o.Kind == Variable) {
		x.declared[o.ID] = append(x.declared[o.ID], o.Place)
	}
}

// mine is the id of something that the plan itself has.
func (x *Index) mine(kind Kind, name string) ID { return ID{Kind: kind, Package: x.own, Name: name} }

// packages adds the name of the package, and those that it extends and depends on.
func (x *Index) packages() {
	p := x.an.Plan
	x.add(Occurrence{ID: ID{Kind: Package, Package: x.own, Name: x.own}, Use: Declare, Def: p}, p.Name)
	for _, e := range p.Extends {
		if e != nil {
			x.release(e.Release)
			x.add(Occurrence{ID: x.mine(Extension, e.As.Value), Use: Declare, Def: e}, e.As)
		}
	}
	for _, d := range p.Depends {
		if d == nil {
			continue
		}
		pkg := x.release(d.Release)
		m := x.an.ReleaseOf(d.Release, d.Alias())
		alias := d.As
		if d.Variable.Value != "" {
			alias = d.Variable
		}
		x.add(Occurrence{ID: x.mine(Dependency, alias.Value), Use: Declare, Def: d}, alias)
		x.add(Occurrence{ID: x.mine(Deployment, d.DeploymentName.Value), Use: Declare, Def: d}, d.DeploymentName)
		if pkg == "" {
			continue
		}
		for _, list := range [][]plan.ValuePair{d.Mapping, d.BuildMapping, d.DeployMapping} {
			for i := range list {
				key := list[i].Key
				x.add(Occurrence{ID: ID{Kind: Input, Package: pkg, Name: key.Value}, Use: Write, Release: m}, key)
			}
		}
		for i := range d.Consumes {
			key := d.Consumes[i].Key
			x.add(Occurrence{ID: ID{Kind: Consumer, Package: pkg, Name: key.Value}, Use: Write, Release: m}, key)
		}
	}
	for _, list := range [][]*plan.Consumer{p.Consumes, p.BuildConsumes, p.DeployConsumes} {
		for _, c := range list {
			if c == nil {
				continue
			}
			x.add(Occurrence{ID: ID{Kind: Interface, Name: c.Interface.Value}, Use: Read, Def: c}, c.Interface)
			if c.As.Value != "" {
				x.add(Occurrence{ID: x.mine(Consumer, c.As.Value), Use: Declare, Def: c}, c.As)
			} else {
				x.add(Occurrence{ID: x.mine(Consumer, c.Interface.Value), Use: Declare, Def: c}, c.Interface)
			}
		}
	}
	for _, t := range p.Provides {
		x.add(Occurrence{ID: ID{Kind: Interface, Name: t.Value}, Use: Declare}, t)
	}
}

// release adds the name of a package in a release id and returns it; "" if it cannot be read.
func (x *Index) release(t plan.Text) string {
	id, err := release.ParseID(t.Value)
	if err != nil {
		return ""
	}
	word := id.Package()
	if !strings.HasPrefix(t.Value, word) {
		word = id.Name
	}
	at := strings.Index(t.Value, word)
	if at < 0 {
		return id.Package()
	}
	name := plan.Text{Value: word, Node: t.Node, Off: t.Off + int32(at)}
	x.add(Occurrence{ID: ID{Kind: Package, Package: id.Package(), Name: id.Package()}, Release: x.an.ReleaseOf(t, "")}, name)
	return id.Package()
}

// entries adds variables, metadata, patterns, errands, downloads and templates.
func (x *Index) entries() {
	p := x.an.Plan
	x.variables(p.AllInputs(), Input, "")
	x.variables(p.AllOutputs(), Output, "")
	for i := range p.Metadata {
		key := p.Metadata[i].Key
		x.add(Occurrence{ID: x.mine(Metadata, key.Value), Use: Declare, Def: &p.Metadata[i]}, key)
	}
	x.file(p.Logo, Read)
	for _, list := range [][]plan.Text{p.Includes, p.Generates} {
		for _, t := range list {
			if !strings.ContainsAny(t.Value, `*?[\`) {
				x.file(t, Read)
			}
		}
	}
	for _, d := range p.Downloads {
		if d != nil {
			x.file(d.Dest, Write)
		}
	}
	for _, e := range p.Errands {
		if e == nil {
			continue
		}
		x.add(Occurrence{ID: x.mine(Errand, e.Name.Value), Use: Declare, Def: e}, e.Name)
		for _, v := range e.Inputs {
			x.errands[v] = e
		}
		x.variables(e.Inputs, ErrandInput, e.Name.Value)
	}
	for _, t := range p.AllTemplates() {
		name := x.abs(t.File.Value)
		x.add(Occurrence{ID: ID{Kind: Template, Name: name}, Def: t}, t.File)
		x.file(t.Target, Write)
		for i := range t.Mapping {
			key := t.Mapping[i].Key
			x.add(Occurrence{ID: x.tag(t, key.Value), Use: Declare, Def: &t.Mapping[i]}, key)
		}
	}
}

// tag is the id of a key of the mapping of a template.
func (x *Index) tag(t *plan.Template, name string) ID {
	return ID{Kind: Tag, Package: x.own, Within: x.abs(t.File.Value), Name: name}
}

func (x *Index) variables(list []*plan.Variable, kind Kind, errand string) {
	for _, v := range list {
		if v == nil {
			continue
		}
		x.add(Occurrence{ID: ID{Kind: kind, Package: x.own, Within: errand, Name: v.ID.Value}, Use: Declare, Def: v}, v.ID)
		name, _, _ := strings.Cut(v.Type.Value, "[")
		word := v.Type
		word.Value = strings.TrimSpace(name)
		if strings.HasPrefix(v.Type.Value, word.Value) {
			x.add(Occurrence{ID: ID{Kind: Type, Name: word.Value}, Def: v}, word)
		}
	}
}

// file adds the path of a file of the package.
func (x *Index) file(t plan.Text, use Use) {
	if x.dir == "" || path.IsAbs(t.Value) || t.Value == "" {
		return
	}
	x.add(Occurrence{ID: ID{Kind: File, Name: x.abs(t.Value)}, Use: use}, t)
}

// abs is the absolute path of a file of the package.
func (x *Index) abs(file string) string {
	return filepath.Join(x.dir, filepath.FromSlash(file))
}

// steps adds steps and the files that they run.
func (x *Index) steps() {
	for _, run := range x.an.Info.Runs() {
		if run.Step.Form == plan.File && run.Step.Script.Expr == nil {
			x.file(run.Step.Path, Read)
		}
	}
	root, ok := x.an.Syntax.Root.(*syntax.Mapping)
	if !ok {
		return
	}
	for i := range root.Entries {
		key := root.Entries[i].Key
		if f, _, ok := plan.Lookup(key.Text); ok && f.Shape == plan.ShapeStep {
			x.put(Occurrence{ID: x.mine(Step, f.Name), Place: Place{x.an.Source, key.Pos}, Use: Declare, Def: *f.Bind(x.an.Plan).(**plan.Step), Scalar: key})
		}
	}
}

// narrow returns where a name stands in a span that may hold more than it.
func narrow(f *source.File, span source.Span, name string) source.Span {
	text := f.Slice(span)
	if i := strings.Index(text, name); i >= 0 && strings.Count(text, name) == 1 {
		return source.Span{Start: span.Start + int32(i), End: span.Start + int32(i+len(name))}
	}
	return span
}
