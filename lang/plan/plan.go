// Package plan says what a plan means: it reads a syntax tree through one table of fields into a Plan. It does not
// follow references, know other packages or evaluate anything (see lang/check and eval).
//
// Read plan.go (the values), then fields.go and keys.go (the table everything else is derived from), then decode.go.
package plan

import (
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A Plan is a decoded plan. What could not be decoded keeps its zero value and is named in a finding. A Plan refers to
// nodes of its File and is not changed after Decode.
type Plan struct {
	File *syntax.File
	// Lost is what could not be read.
	Lost Lost

	Name        Text
	Version     Script
	Description Text
	License     Text
	Logo        Text

	Extends         []*Extension
	Depends         []*Dependency
	Consumes        []*Consumer
	BuildConsumes   []*Consumer
	DeployConsumes  []*Consumer
	Provides        []Text
	Inputs          []*Variable
	BuildInputs     []*Variable
	DeployInputs    []*Variable
	Outputs         []*Variable
	BuildOutputs    []*Variable
	DeployOutputs   []*Variable
	Metadata        []Pair
	Includes        []Text
	Generates       []Text
	Errands         []*Errand
	Downloads       []*Download
	Templates       []*Template
	BuildTemplates  []*Template
	DeployTemplates []*Template

	PreBuild, Build, PostBuild, Test     *Step
	PreDeploy, Deploy, PostDeploy, Smoke *Step
	PreDestroy, Destroy, PostDestroy     *Step
	ActivateProvider, DeactivateProvider *Step
}

// Spelled returns one of two spellings of the same, by the notation that the plan is written in.
func (p *Plan) Spelled(yaml, hcl string) string {
	if p.File != nil && p.File.Notation == syntax.HCL {
		return hcl
	}
	return yaml
}

// Say returns a text for people with its pieces of Escape Script as the plan spells them: without "$" in HCL.
func (p *Plan) Say(text string) string { return p.Spelled(text, hcltext.Spelled(text)) }

// A Text is a piece of text of the plan. The zero value means "not written".
type Text struct {
	Value string
	// Node is where the text is written: a *syntax.Scalar, or a *syntax.Alias that leads to one. It is nil if the
	// text is not written. A null is not written either.
	Node syntax.Node
	// Off is where Value begins in the text of the scalar: not 0 for a word of a longer text.
	Off int32
}

// A Script is a text that may be Escape Script.
type Script struct {
	Text
	// Expr is the expression; nil if the text is a literal. It may hold *expr.Bad nodes. Its spans count from the
	// start of Value; (Text).At maps them to the file.
	Expr expr.Expr
}

// A Pair is an entry of a mapping from text to scripted text.
type Pair struct {
	Key   Text
	Value Script
}

// A Bool is a truth value. Decode fills in the default of its key, so Value is right even if Node is nil.
type Bool struct {
	Value bool
	Node  syntax.Node
}

// Kind is what an untyped Value holds.
type Kind uint8

// The kinds of values. Absent is the zero Value; Null is a written null, which means the same nearly everywhere.
const (
	Absent Kind = iota
	Null
	String
	Boolean
	Int   // fits int64
	Uint  // fits uint64 only
	Float // also integers above 64 bits
	List
	Map
)

// A Value is an untyped value, typed by the rules of YAML 1.1 as in the original (10-language, section 0).
type Value struct {
	Node  syntax.Node // nil if not written
	Kind  Kind
	Text  string // String: the text; other scalars: the source text
	Bool  bool
	Int   int64
	Uint  uint64
	Float float64
	List  []Value
	Map   []ValuePair // in order; no key twice
	// Expr is the expression of a scripted String; nil for a literal. Elements of a scripted list have their own.
	Expr expr.Expr
}

// A ValuePair is an entry of an untyped mapping. Keys are text, whatever they look like.
type ValuePair struct {
	Key   Text
	Value Value
}

// A Variable is an input or output.
type Variable struct {
	Node  syntax.Node
	Field *Field // the field it stands in, "errands" for errand inputs
	Short bool   // written as its id only

	ID          Text // trimmed
	Type        Text // as written; unset if the id or the default decides
	Var         types.Var
	NoType      bool  // the type could not be read; Var is a guess
	Default     Value // Absent (also for null): the variable is required
	Items       Value
	Description Text
	Friendly    Text

	Visible, Sensitive, EvalBeforeDependencies Bool

	Scopes Scopes
	// Options is the key "options", which is accepted and ignored.
	Options Value

	unit   *syntax.Unit
	errand *Text // name of the errand it stands in
}

// Stages is a set of the two stages that keep state.
type Stages uint8

// The stages.
const (
	StageBuild Stages = 1 << iota
	StageDeploy
	StageBoth = StageBuild | StageDeploy
)

// Scopes says in which stages an entry exists.
type Scopes struct {
	Build, Deploy bool
	// List is what is written, in order and with duplicates; nil if nothing is.
	List []Text
	Node syntax.Node // nil if not written
	// Forced is the stage that the field decides ("build_inputs"), whatever is written; 0 otherwise.
	Forced Stages
}

// A Dependency is a release that is deployed inside this one.
type Dependency struct {
	Node  syntax.Node
	Short bool

	Spec    Text // the whole text, "RELEASE as ALIAS"
	Release Text // first word of Spec
	As      Text // third word of Spec; unset if there is none
	// Variable is the key "variable", which wins over As.
	Variable       Text
	DeploymentName Text

	Mapping, BuildMapping, DeployMapping []ValuePair
	Consumes                             []Pair
	Scopes                               Scopes
}

// An Extension is a release whose parts are merged into this one.
type Extension struct {
	Node    syntax.Node
	Spec    Text // the whole text, "RELEASE as ALIAS"
	Release Text
	As      Text // unset if there is none
}

// A Consumer asks for a provider of an interface.
type Consumer struct {
	Node  syntax.Node
	Field *Field
	Short bool

	Spec      Text // the whole text, "INTERFACE as ALIAS"
	Interface Text // first word of Spec
	As        Text // third word of Spec; unset if there is none

	SkipActivate, SkipDeactivate Bool

	Scopes   Scopes
	Variable Value // the key "variable", which is accepted and ignored
}

// An Errand is a named operation that is run against a deployment.
type Errand struct {
	Node        syntax.Node
	Name        Text
	Description Text
	Run         *Step // nil if there is none
	Script      Text  // the older spelling of run
	Inputs      []*Variable

	unit *syntax.Unit
}

// A Download is a file that is fetched before a stage.
type Download struct {
	Node           syntax.Node
	URL, Dest      Text
	Overwrite      Bool
	IfNotExists    []Text
	Unpack         Bool
	Platform, Arch Text
	Scopes         Scopes
}

// A Template is a file that is rendered in a stage.
type Template struct {
	Node   syntax.Node
	Field  *Field
	Short  bool
	File   Text
	Target Text // as written; see (Template).TargetPath
	Scopes Scopes
	// Mapping is what is written, without the entries that are added when compiling.
	Mapping []ValuePair
}

// Form is what a step is.
type Form uint8

// The forms of a step.
const (
	Empty   Form = iota // "{}", or a mapping that sets nothing: switches an inherited step off
	Command             // Cmd with Args, no shell
	File                // Script: a file of the package, with arguments behind it
	Inline              // a shell script in the plan
)

// A Step is one executable of a stage, or the run key of an errand.
type Step struct {
	Node  syntax.Node
	Field *Field // nil for the run key of an errand
	Short bool   // written as a string
	Form  Form
	// Line is the whole string of the short form.
	Line Text
	// Cmd, Args, Inline and Script are the parts. A wrong plan may set several of Cmd, Inline and Script: Form is
	// then what the original runs (Cmd, else Script, else Inline).
	Cmd    Script
	Args   []Script
	Inline Text
	Script Script // File: the file and its arguments, separated by blanks
	// Path is the file of form File: the first word of Script. It is unset for an expression.
	Path Text
}
