package plan

// A Field is a row of the table of plan fields. Everything that knows fields reads it: Decode, the checker, the
// formatter, completion, the references and the JSON schema.
type Field struct {
	Name string
	// Also is what other tools call it, for suggestions.
	Also []string
	// Block is the name of the block that stands for one element in HCL; empty if the field is an attribute only.
	Block string
	// Label is the key that the label of the block gives; empty if it has none.
	Label string
	// Shorthand is the key that a plain text element gives; empty if elements must be written out.
	Shorthand string
	Shape     Shape
	// Keys are the keys of one element, or of the mapping form of a step.
	Keys     []Key
	Required bool
	// Phase says when the expressions of the field are evaluated.
	Phase Phase
	// Stages are the stages the field belongs to; 0 if it belongs to the release as a whole.
	Stages  Stages
	Doc     string // one or two sentences, Markdown
	Example string // a plan fragment with just this field
	// Bind returns a pointer to the field in p.
	Bind func(p *Plan) any
}

// A Key is a row of the table of keys of an entry.
type Key struct {
	Name     string
	Also     []string // what other tools call it, for suggestions
	Shape    Shape
	Required bool
	Default  string // as in YAML; empty if the key has none
	Enum     []string
	// Ignored marks a key that is accepted without effect, as in the original.
	Ignored bool
	// Phase says when the expressions of the key are evaluated.
	Phase Phase
	Doc   string
	// Keys are the keys of nested entries (errands: inputs and run).
	Keys []Key
	// Bind returns a pointer to the key in an entry, which must be of the right type; nil for keys that are read
	// by hand.
	Bind func(entry any) any
}

// Phase says when an expression is evaluated.
type Phase uint8

// The phases.
const (
	// Never: the text is a literal, whatever it looks like.
	Never Phase = iota
	// CompileTime: when the plan is compiled, after extensions and dependencies are known.
	CompileTime
	// RunTime: in a stage.
	RunTime
)

// String returns "never", "compile time" or "run time".
func (p Phase) String() string { return [...]string{"never", "compile time", "run time"}[p] }

// Shape is the form of a value in the document.
type Shape uint8

// The shapes.
const (
	ShapeText         Shape = iota // any scalar, read as its source text
	ShapeScript                    // the same, may be an expression
	ShapeBool                      // true or false
	ShapeAny                       // any value
	ShapeTexts                     // list of texts
	ShapeScripts                   // list of texts that may be expressions
	ShapePairs                     // mapping from text to text that may be an expression
	ShapeValues                    // mapping from text to any value
	ShapeScopes                    // list of stages, or one stage
	ShapeStep                      // text, or mapping with Keys
	ShapeExtensions                // list of texts "RELEASE as ALIAS"
	ShapeDependencies              // list of entries
	ShapeConsumers                 // list of entries
	ShapeVariables                 // list of entries
	ShapeTemplates                 // list of entries
	ShapeDownloads                 // list of entries, no shorthand
	ShapeErrands                   // mapping from name to entry
)

// String says the shape in words, such as "list of text".
func (s Shape) String() string {
	return [...]string{"text", "text or expression", "true or false", "any value", "list of text",
		"list of text or expressions", "mapping from text to text or expressions", "mapping from text to values",
		"list of stages", "step", "list of releases", "list of dependencies", "list of consumers", "list of variables",
		"list of templates", "list of downloads", "mapping from name to errand"}[s]
}

// IsList reports whether a field of the shape is written as a list of items.
func (s Shape) IsList() bool {
	switch s {
	case ShapeText, ShapeScript, ShapeBool, ShapeAny, ShapeStep, ShapePairs, ShapeValues, ShapeErrands:
		return false
	}
	return true
}

// Fields is the table of all plan fields in canonical order, which is the order `escape plan fmt` writes.
var Fields = []Field{
	{
		Name: "name", Also: []string{"title", "package"}, Shape: ShapeText, Required: true,
		Doc: "Name of the package, `project/name` or just `name`. Lower case letters, digits, `-` and `_`, " +
			"at least two characters, a letter first.",
		Example: "name: shop/storefront\n",
		Bind:    func(p *Plan) any { return &p.Name },
	},
	{
		Name: "version", Also: []string{"release"}, Shape: ShapeScript, Required: true, Phase: CompileTime,
		Doc: "Version of the release: dotted numbers. One that ends in `@` takes the next free number from the " +
			"Inventory. May be an expression over dependencies and extensions.",
		Example: "version: 1.4.@\n",
		Bind:    func(p *Plan) any { return &p.Version },
	},
	{
		Name: "description", Also: []string{"summary", "about"}, Shape: ShapeText,
		Doc:     "What the package is for, in a sentence or two.",
		Example: "description: The web shop.\n",
		Bind:    func(p *Plan) any { return &p.Description },
	},
	{
		Name: "license", Shape: ShapeText,
		Doc:     "License of the package, free text such as an SPDX name.",
		Example: "license: Apache-2.0\n",
		Bind:    func(p *Plan) any { return &p.License },
	},
	{
		Name: "logo", Also: []string{"icon"}, Shape: ShapeText,
		Doc:     "Path of an image file that is stored in the release metadata.",
		Example: "logo: logo.png\n",
		Bind:    func(p *Plan) any { return &p.Logo },
	},
	{
		Name: "extends", Block: "extends", Label: "release", Shorthand: "release", Shape: ShapeExtensions,
		Doc: "Releases whose inputs, outputs, steps, templates, errands, consumers, dependencies and metadata are " +
			"merged into this one when it is compiled.",
		Example: "extends:\n- shop/base-v1.2.@ as base\n",
		Bind:    func(p *Plan) any { return &p.Extends },
	},
	{
		Name: "depends", Also: []string{"dependencies", "requires", "depends_on"}, Block: "depends", Label: "release_id", Shorthand: "release_id", Shape: ShapeDependencies,
		Keys: dependencyKeys, Phase: RunTime, Stages: StageBoth,
		Doc: "Releases that are deployed inside this one before it. `as` gives a dependency a name for " +
			"expressions.",
		Example: "depends:\n- release_id: shop/database-v2.@ as db\n  mapping:\n    size: 10\n",
		Bind:    func(p *Plan) any { return &p.Depends },
	},
	{
		Name: "consumes", Also: []string{"uses", "needs"}, Block: "consumes", Label: "name", Shorthand: "name", Shape: ShapeConsumers,
		Keys: consumerKeys, Stages: StageBoth,
		Doc: "Interfaces this release needs from other deployments in its environment. `as` gives the provider a " +
			"name for expressions.",
		Example: "consumes:\n- kubernetes as k8s\n",
		Bind:    func(p *Plan) any { return &p.Consumes },
	},
	{
		Name: "build_consumes", Block: "build_consumes", Label: "name", Shorthand: "name", Shape: ShapeConsumers,
		Keys: consumerKeys, Stages: StageBuild,
		Doc:     "As `consumes`, for the build stage only.",
		Example: "build_consumes:\n- docker-registry as registry\n",
		Bind:    func(p *Plan) any { return &p.BuildConsumes },
	},
	{
		Name: "deploy_consumes", Block: "deploy_consumes", Label: "name", Shorthand: "name", Shape: ShapeConsumers,
		Keys: consumerKeys, Stages: StageDeploy,
		Doc:     "As `consumes`, for the deploy stage only.",
		Example: "deploy_consumes:\n- kubernetes as k8s\n",
		Bind:    func(p *Plan) any { return &p.DeployConsumes },
	},
	{
		Name: "provides", Shape: ShapeTexts,
		Doc:     "Interfaces a deployment of this release offers to consumers.",
		Example: "provides:\n- kubernetes\n",
		Bind:    func(p *Plan) any { return &p.Provides },
	},
	{
		Name: "inputs", Also: []string{"variables", "vars", "parameters", "params", "arguments", "env"}, Block: "input", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageBoth,
		Doc:     "Values the release needs. Scripts see each as the environment variable `INPUT_<id>`.",
		Example: "inputs:\n- id: region\n  default: eu-west\n",
		Bind:    func(p *Plan) any { return &p.Inputs },
	},
	{
		Name: "build_inputs", Block: "build_input", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageBuild,
		Doc:     "As `inputs`, for the build stage only.",
		Example: "build_inputs:\n- id: compiler\n  default: gcc\n",
		Bind:    func(p *Plan) any { return &p.BuildInputs },
	},
	{
		Name: "deploy_inputs", Block: "deploy_input", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageDeploy,
		Doc:     "As `inputs`, for the deploy stage only.",
		Example: "deploy_inputs:\n- id: replicas\n  type: integer\n  default: 2\n",
		Bind:    func(p *Plan) any { return &p.DeployInputs },
	},
	{
		Name: "outputs", Also: []string{"exports", "returns"}, Block: "output", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageBoth,
		Doc: "Values the release gives. Scripts write them to the file named by their last argument, as a JSON " +
			"object; the default fills in what is missing.",
		Example: "outputs:\n- id: url\n  default: https://shop.example\n",
		Bind:    func(p *Plan) any { return &p.Outputs },
	},
	{
		Name: "build_outputs", Block: "build_output", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageBuild,
		Doc:     "As `outputs`, for the build stage only.",
		Example: "build_outputs:\n- id: image\n  default: $this.id\n",
		Bind:    func(p *Plan) any { return &p.BuildOutputs },
	},
	{
		Name: "deploy_outputs", Block: "deploy_output", Label: "id", Shorthand: "id", Shape: ShapeVariables,
		Keys: variableKeys, Phase: RunTime, Stages: StageDeploy,
		Doc:     "As `outputs`, for the deploy stage only.",
		Example: "deploy_outputs:\n- id: url\n  default: https://shop.example\n",
		Bind:    func(p *Plan) any { return &p.DeployOutputs },
	},
	{
		Name: "metadata", Also: []string{"labels", "annotations", "tags"}, Shape: ShapePairs, Phase: CompileTime,
		Doc: "Free facts about the release, text to text. Other packages read them as `$alias.metadata.<key>`; " +
			"scripts see `METADATA_<key>`.",
		Example: "metadata:\n  team: storefront\n",
		Bind:    func(p *Plan) any { return &p.Metadata },
	},
	{
		Name: "includes", Also: []string{"files", "sources"}, Shape: ShapeTexts,
		Doc:     "Files and folders that go into the package, as glob patterns relative to the plan.",
		Example: "includes:\n- README.md\n- chart\n",
		Bind:    func(p *Plan) any { return &p.Includes },
	},
	{
		Name: "generates", Also: []string{"artifacts", "artefacts"}, Shape: ShapeTexts,
		Doc:     "Files that the build makes and that go into the package, as glob patterns.",
		Example: "generates:\n- out/*\n",
		Bind:    func(p *Plan) any { return &p.Generates },
	},
	{
		Name: "errands", Also: []string{"tasks", "commands"}, Block: "errand", Label: "name", Shape: ShapeErrands,
		Keys: errandKeys, Phase: RunTime, Stages: StageDeploy,
		Doc:     "Named operations that are run by hand against a deployment.",
		Example: "errands:\n  vacuum:\n    description: Reclaims space.\n    run:\n      inline: vacuumdb --all\n",
		Bind:    func(p *Plan) any { return &p.Errands },
	},
	{
		Name: "downloads", Block: "download", Label: "url", Shape: ShapeDownloads,
		Keys: downloadKeys, Stages: StageBoth,
		Doc:     "Files that are fetched before the first step of a stage.",
		Example: "downloads:\n- url: https://example.com/tool.tgz\n  dest: tools/tool.tgz\n  unpack: true\n",
		Bind:    func(p *Plan) any { return &p.Downloads },
	},
	{
		Name: "templates", Block: "template", Label: "file", Shorthand: "file", Shape: ShapeTemplates,
		Keys: templateKeys, Phase: RunTime, Stages: StageBoth,
		Doc: "Mustache files that are rendered after the pre step of a stage. All inputs and most facts about the " +
			"release are mapped by themselves.",
		Example: "templates:\n- file: config.yml.tpl\n  mapping:\n    port: 8080\n",
		Bind:    func(p *Plan) any { return &p.Templates },
	},
	{
		Name: "build_templates", Block: "build_template", Label: "file", Shorthand: "file", Shape: ShapeTemplates,
		Keys: templateKeys, Phase: RunTime, Stages: StageBuild,
		Doc:     "As `templates`, for the build stage only.",
		Example: "build_templates:\n- Dockerfile.tpl\n",
		Bind:    func(p *Plan) any { return &p.BuildTemplates },
	},
	{
		Name: "deploy_templates", Block: "deploy_template", Label: "file", Shorthand: "file", Shape: ShapeTemplates,
		Keys: templateKeys, Phase: RunTime, Stages: StageDeploy,
		Doc:     "As `templates`, for the deploy stage only.",
		Example: "deploy_templates:\n- values.yml.tpl\n",
		Bind:    func(p *Plan) any { return &p.DeployTemplates },
	},
	step("pre_build", StageBuild, "Runs before the inputs of the build are used and templates are rendered.",
		func(p *Plan) any { return &p.PreBuild }),
	step("build", StageBuild, "Builds the package.", func(p *Plan) any { return &p.Build }, "compile"),
	step("post_build", StageBuild, "Runs after the build.", func(p *Plan) any { return &p.PostBuild }),
	step("test", StageBuild, "Tests the built package.", func(p *Plan) any { return &p.Test }, "tests", "check"),
	step("pre_deploy", StageDeploy, "Runs before the inputs of the deployment are used and templates are rendered.",
		func(p *Plan) any { return &p.PreDeploy }),
	step("deploy", StageDeploy, "Deploys the release.", func(p *Plan) any { return &p.Deploy }, "install", "up"),
	step("post_deploy", StageDeploy, "Runs after the deployment.", func(p *Plan) any { return &p.PostDeploy }),
	step("smoke", StageDeploy, "Tests a deployment.", func(p *Plan) any { return &p.Smoke }, "smoke_test", "smoke_tests", "healthcheck", "verify"),
	step("pre_destroy", StageBoth, "Runs before a deployment is destroyed.", func(p *Plan) any { return &p.PreDestroy }),
	step("destroy", StageBoth, "Destroys a deployment.", func(p *Plan) any { return &p.Destroy }, "uninstall", "delete", "remove", "down", "undeploy"),
	step("post_destroy", StageBoth, "Runs after a deployment was destroyed.",
		func(p *Plan) any { return &p.PostDestroy }),
	step("activate_provider", StageDeploy, "Runs before a consumer of this deployment uses it, such as a login.",
		func(p *Plan) any { return &p.ActivateProvider }),
	step("deactivate_provider", StageDeploy, "Runs after a consumer of this deployment has used it, such as a logout.",
		func(p *Plan) any { return &p.DeactivateProvider }),
}

func step(name string, stages Stages, doc string, bind func(*Plan) any, also ...string) Field {
	return Field{
		Name: name, Also: also, Block: name, Shape: ShapeStep, Keys: stepKeys, Phase: RunTime, Stages: stages,
		Doc: doc + " A script file of the package with arguments, a command, or a mapping with `cmd`, `inline` or " +
			"`script`.",
		Example: name + ":\n  inline: |\n    echo \"" + name + "\"\n",
		Bind:    bind,
	}
}

var fieldIndex = func() map[string]int {
	index := make(map[string]int, len(Fields))
	for i := range Fields {
		index[Fields[i].Name] = i
	}
	return index
}()

// Lookup returns the row of the field called name and its place in Fields.
func Lookup(name string) (f *Field, index int, ok bool) {
	i, ok := fieldIndex[name]
	if !ok {
		return nil, 0, false
	}
	return &Fields[i], i, true
}

// FieldNames returns the names of all fields in canonical order.
func FieldNames() []string {
	names := make([]string, len(Fields))
	for i := range Fields {
		names[i] = Fields[i].Name
	}
	return names
}

// KeyNames returns the names of keys in their order.
func KeyNames(keys []Key) []string {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].Name
	}
	return names
}
