package check

import (
	"fmt"
	"sync"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// A moment is when an expression is evaluated, which decides what it may use. They are in the order of time.
type moment uint8

const (
	// compiling: only packages, and only what is fixed in their release.
	compiling moment = iota
	// eagerly: defaults of inputs that are passed to dependencies.
	eagerly
	// mapping: values for a dependency, just before it is deployed.
	mapping
	// beforeMain: all inputs are there, outputs are not: later inputs, templates, pre and main steps.
	beforeMain
	// afterMain: outputs are there: post steps, tests, errands, outputs, destroying.
	afterMain
)

// whenDestroyed marks expressions that run in whatever stage is destroyed: what exists in one stage may be used.
const whenDestroyed plan.Stages = 1 << 7

// A scopeKey names a scope: all expressions of one stage and moment share it.
type scopeKey struct {
	stages plan.Stages
	moment moment
}

// ContextKeys are the keys that "$this", dependencies and providers have besides metadata, inputs and outputs, and
// those known only where a deployment is.
var contextKeys = []types.Field{
	{Name: "name", Type: types.String, Doc: "Name of the package without its project."},
	{Name: "version", Type: types.String, Doc: "Version of the release."},
	{Name: "release", Type: types.String, Doc: "Release id without project, `name-v1.2.3`."},
	{Name: "id", Type: types.String, Doc: "Release id, `project/name-v1.2.3`."},
	{Name: "versionless_release", Type: types.String, Doc: "Package, `project/name`."},
	{Name: "description", Type: types.String, Doc: "Description of the package."},
	{Name: "license", Type: types.String, Doc: "License of the package."},
	{Name: "logo", Type: types.String, Doc: "Logo as base64 text."},
	{Name: "branch", Type: types.String, Doc: "Git branch the release was built from."},
	{Name: "repository", Type: types.String, Doc: "URL of the Git repository."},
	{Name: "revision", Type: types.String, Doc: "Git commit the release was built from."},
	{Name: "revision_message", Type: types.String, Doc: "Message of the Git commit."},
	{Name: "revision_author", Type: types.String, Doc: "Author of the Git commit."},
}

var deploymentKeys = []types.Field{
	{Name: "project", Type: types.String, Doc: "Name of the project that keeps the state."},
	{Name: "environment", Type: types.String, Doc: "Name of the environment."},
	{Name: "deployment", Type: types.String, Doc: "Path of the deployment, names joined by `:`."},
}

const notDeployed = "nothing is deployed while the plan is compiled"

// A deployed is the definition of the keys inputs and outputs of a dependency: the checker then looks whether the
// dependency is deployed early enough.
type deployed struct{ name string }

// scope returns the names that an expression of that stage and moment may use.
func (c *checker) scope(key scopeKey) types.Type {
	if t, ok := c.scopes[key]; ok {
		return t
	}
	if c.scopes == nil {
		c.scopes = map[scopeKey]types.Type{}
	}
	var names []types.Field
	open := c.inherited.moreNames
	if key.moment == compiling {
		names = c.compileNames()
		open = c.inherited.unknownExtension || c.p.Lost.Field("depends") || c.aliasLost() // an extension may bring dependencies
	} else {
		names = c.runNames(key)
	}
	t := types.Object(open, names...)
	c.scopes[key] = t
	return t
}

func (c *checker) compileNames() []types.Field {
	unknown := packageObject(&bundled{})
	object := func(b *bundled) types.Type {
		if b.m != nil {
			return packageObject(b)
		}
		return unknown
	}
	names := []types.Field{{Name: "this", Absent: "the release does not exist yet while the plan is compiled", Def: c.p}}
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			names = append(names, types.Field{Name: consumer.Alias(), Absent: "providers are not known while the plan is compiled", Def: consumer})
		}
	}
	for _, list := range [][]*bundled{c.extensions, c.dependencies} {
		for _, b := range list {
			if expr.IsName(b.alias) {
				names = append(names, types.Field{Name: b.alias, Type: object(b), Def: b.def(), Doc: b.doc()})
			}
		}
	}
	return names
}

// def is what the alias of a package refers to in the plan; nil for what an extension brings along.
func (b *bundled) def() any {
	switch {
	case b.ext != nil:
		return b.ext
	case b.own != nil:
		return b.own
	}
	return nil
}

func (b *bundled) doc() string {
	switch {
	case b.ext != nil:
		return "Extension " + b.at.Value + "."
	case b.own != nil:
		return "Dependency " + b.at.Value + "."
	}
	return "Dependency " + b.as.ReleaseID + " of the extension " + b.from.id.Package() + "."
}

func (c *checker) runNames(key scopeKey) []types.Field {
	names := []types.Field{{Name: "this", Type: c.this(key), Def: c.p, Doc: "This release and its deployment."}}
	for _, b := range c.extensions {
		if expr.IsName(b.alias) {
			names = append(names, types.Field{Name: b.alias, Def: b.def(), Absent: "an extension is merged into this package; its name is known in \"version\" and \"metadata\" only"})
		}
	}
	for _, b := range c.dependencies {
		if expr.IsName(b.alias) {
			names = append(names, types.Field{Name: b.alias, Type: c.dependencyObject(b, key), Def: b.def(), Doc: b.doc()})
		}
	}
	at := map[string]int{}
	stages := map[string]plan.Stages{}
	provider := func(alias string, exists plan.Stages, f types.Field) {
		if _, ok := at[alias]; !ok {
			at[alias] = len(names)
			f.Name, f.Type = alias, providerObject()
			names = append(names, f)
		}
		stages[alias] |= exists
	}
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			provider(consumer.Alias(), consumer.Scopes.Stages(), types.Field{Def: consumer, Doc: "Provider of " + consumer.Interface.Value + "."})
		}
	}
	for _, consumer := range c.inherited.consumers {
		if expr.IsName(consumer.Variable) {
			provider(consumer.Variable, consumer.stages, types.Field{Doc: "Provider of " + consumer.Name + "."})
		}
	}
	for alias, i := range at {
		names[i].Absent = absent(stages[alias], key.stages, "this provider")
	}
	return names
}

// absent says why something that exists in some stages cannot be used where the others are wanted too; "" if it can.
func absent(exists, wanted plan.Stages, what string) string {
	if wanted&whenDestroyed != 0 || exists&wanted == wanted {
		return ""
	}
	if exists == 0 {
		return what + " exists in no stage"
	}
	if wanted == plan.StageBoth {
		return fmt.Sprintf("%s exists only in the %s stage, but this is evaluated in the %s stage too", what, exists, plan.StageBoth&^exists)
	}
	return fmt.Sprintf("%s exists only in the %s stage", what, exists)
}

func (c *checker) this(key scopeKey) types.Type {
	fields := make([]types.Field, 0, len(contextKeys)+len(deploymentKeys)+3)
	fields = append(append(fields, contextKeys...), deploymentKeys...)
	metadata := make([]types.Field, 0, len(c.p.Metadata)+len(c.inherited.metadata))
	for _, name := range c.inherited.metadata {
		metadata = append(metadata, types.Field{Name: name, Type: types.String})
	}
	for i := range c.p.Metadata {
		metadata = append(metadata, types.Field{Name: c.p.Metadata[i].Key.Value, Type: types.String, Def: &c.p.Metadata[i]})
	}
	fields = append(fields,
		types.Field{Name: "metadata", Type: types.Object(c.inherited.moreMetadata, metadata...), Doc: "Metadata of the release."},
		types.Field{Name: "inputs", Type: c.inputsObject(key), Doc: "Inputs of the deployment."})
	outputs := types.Field{Name: "outputs", Doc: "Outputs of the deployment."}
	if key.moment < afterMain {
		outputs.Absent = "outputs exist only after the main step of a stage"
	} else {
		outputs.Type = c.outputsObject(key)
	}
	return types.Object(false, append(fields, outputs)...)
}

// An objectKey names the inputs or outputs that expressions of some stage and moment see.
type objectKey struct {
	outputs bool
	stages  plan.Stages
	eager   bool
}

// inputsObject returns the inputs that expressions of key may use.
func (c *checker) inputsObject(key scopeKey) types.Type {
	eager := key.moment == eagerly || key.moment == mapping
	return c.variablesObject(objectKey{stages: key.stages, eager: eager}, c.inputs.list, &c.inherited.inputs, c.inherited.moreInputs)
}

// outputsObject returns the outputs that expressions of key may use.
func (c *checker) outputsObject(key scopeKey) types.Type {
	return c.variablesObject(objectKey{outputs: true, stages: key.stages}, c.outputs.list, &c.inherited.outputs, c.inherited.moreOutputs)
}

// variablesObject makes an object of variables. Most plans need few different ones: stages and moment only count if a
// variable is not always there.
func (c *checker) variablesObject(key objectKey, own []*variable, inherited *inheritedVars, open bool) types.Type {
	always, lazy := true, false
	for _, in := range inherited.list {
		always = always && in.stages == plan.StageBoth
		lazy = lazy || !in.eager
	}
	for _, v := range own {
		always = always && v.stages == plan.StageBoth
		lazy = lazy || !v.eager
	}
	if always {
		key.stages = plan.StageBoth
	}
	key.eager = key.eager && lazy
	if t, ok := c.objects[key]; ok {
		return t
	}
	why := func(stages plan.Stages, eager bool) string {
		text := absent(stages, key.stages, "this variable")
		if text == "" && key.eager && !eager {
			text = "it is computed after the dependencies are deployed (" + c.p.Spelled("\"eval_before_dependencies: false\"", "\"eval_before_dependencies = false\"") + ")"
		}
		return text
	}
	fields := make([]types.Field, 0, len(own)+len(inherited.list))
	for _, in := range inherited.list {
		fields = append(fields, types.Field{Name: in.v.ID, Type: storedType(in.v), Doc: in.v.Description, Absent: why(in.stages, in.eager)})
	}
	for _, v := range own {
		fields = append(fields, types.Field{Name: v.ID.Value, Type: v.scriptType(), Doc: v.Description.Value, Def: v.Variable, Absent: why(v.stages, v.eager)})
	}
	var t types.Type
	if c.env.Kept != nil {
		t = types.ObjectLike(c.env.Kept.formerObjects[key], open, fields...)
	} else {
		t = types.Object(open, fields...)
	}
	if c.objects == nil {
		c.objects = map[objectKey]types.Type{}
	}
	c.objects[key] = t
	return t
}

// packageObject is what is known of a package while a plan is compiled.
func packageObject(b *bundled) types.Type {
	fields := append(make([]types.Field, 0, len(contextKeys)+6), contextKeys...)
	if m := b.m; b.exact {
		constants := map[string]string{"name": m.Name, "version": m.Version, "release": m.ReleaseID(), "id": m.QualifiedID(),
			"versionless_release": m.VersionlessID(), "description": m.Description, "license": m.License}
		for i := range fields {
			if text, ok := constants[fields[i].Name]; ok {
				fields[i].Const = &text
			}
		}
	}
	fields = append(fields, metadataField(b.m, b.exact, b.open&Values != 0))
	for _, f := range deploymentKeys {
		fields = append(fields, types.Field{Name: f.Name, Absent: notDeployed})
	}
	fields = append(fields, types.Field{Name: "inputs", Absent: notDeployed}, types.Field{Name: "outputs", Absent: notDeployed})
	return types.Object(false, fields...)
}

func metadataField(m *release.Metadata, exact, open bool) types.Field {
	f := types.Field{Name: "metadata", Type: types.Map(types.String), Doc: "Metadata of the release."}
	if m != nil {
		keys := make([]types.Field, 0, len(m.Metadata))
		for key, text := range m.Metadata {
			k := types.Field{Name: key, Type: types.String}
			if exact {
				k.Const = &text
			}
			keys = append(keys, k)
		}
		f.Type = types.Object(open, keys...)
	}
	return f
}

// dependencyObject is what is known of a dependency while this package is built or deployed.
func (c *checker) dependencyObject(b *bundled, key scopeKey) types.Type {
	at := key.moment
	away := absent(b.stages, key.stages, "this dependency")
	if b.m == nil && away == "" && c.unknown[at].Kind() != types.KindAny {
		return c.unknown[at] // one for all of which nothing is known
	}
	fields := append(make([]types.Field, 0, len(contextKeys)+6), contextKeys...)
	fields = append(append(fields, deploymentKeys...), metadataField(b.m, false, b.open&Values != 0))
	for _, name := range [...]string{"inputs", "outputs"} {
		f := types.Field{Name: name, Type: types.Map(types.Any), Def: deployed{name}, Absent: away}
		if at == eagerly {
			f.Absent = "this default is evaluated before dependencies are deployed; " +
				c.p.Spelled("\"eval_before_dependencies: false\"", "\"eval_before_dependencies = false\"") + " evaluates it after them"
		}
		if b.m != nil {
			list, part := b.m.Inputs, Inputs
			if name == "outputs" {
				list, part = b.m.Outputs, Outputs
			}
			keys := make([]types.Field, 0, len(list))
			for _, v := range list {
				keys = append(keys, types.Field{Name: v.ID, Type: storedType(v), Doc: v.Description, Absent: absent(stagesOf(v.Scopes), plan.StageDeploy, "this variable")})
			}
			f.Type = types.Object(b.open&part != 0, keys...)
		}
		fields = append(fields, f)
	}
	t := types.Object(false, fields...)
	if b.m == nil && away == "" {
		c.unknown[at] = t
	}
	return t
}

// providerObject is what is known of a provider: its release is chosen when the package is deployed.
var providerObject = sync.OnceValue(func() types.Type {
	fields := append(append(make([]types.Field, 0, 20), contextKeys...), deploymentKeys...)
	return types.Object(false, append(fields, metadataField(nil, false, false),
		types.Field{Name: "inputs", Type: types.Map(types.Any)}, types.Field{Name: "outputs", Type: types.Map(types.Any)})...)
})
