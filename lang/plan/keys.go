package plan

// of turns a typed getter into the Bind of a Key.
func of[T any](get func(*T) any) func(any) any {
	return func(entry any) any { return get(entry.(*T)) }
}

// stageNames are the values of scopes.
var stageNames = []string{"build", "deploy"}

func scopesKey(get func(any) any) Key {
	return Key{
		Name: "scopes", Shape: ShapeScopes, Default: "[build, deploy]", Enum: stageNames,
		Doc:  "Stages in which the entry exists. Fields that name a stage decide it themselves.",
		Bind: get,
	}
}

// variableKeys are the keys of inputs and outputs.
var variableKeys = []Key{
	{
		Name: "id", Also: []string{"name", "key", "variable"}, Shape: ShapeText, Required: true,
		Doc:  "Name of the variable: letters, digits, `-` and `_`, a letter first. Scripts see `INPUT_<id>` or `OUTPUT_<id>`.",
		Bind: of(func(v *Variable) any { return &v.ID }),
	},
	{
		Name: "type", Shape: ShapeText, Default: "string",
		Enum: []string{"string", "bool", "integer", "list", "list[string]", "list[integer]", "list[bool]", "version",
			"client", "project", "deployment", "environment"},
		Doc: "Type of the value. `version`, `project`, `deployment`, `environment` and `client` are filled in by " +
			"Escape. Without it, an `id` that is the name of a type decides.",
		Bind: of(func(v *Variable) any { return &v.Type }),
	},
	{
		Name: "default", Also: []string{"value"}, Shape: ShapeAny, Phase: RunTime,
		Doc:  "Value if none is given: text, number, truth value or list. Text may be an expression. Without it a value is required.",
		Bind: of(func(v *Variable) any { return &v.Default }),
	},
	{
		Name: "description", Also: []string{"desc", "doc", "help"}, Shape: ShapeText, Doc: "What the variable is for.",
		Bind: of(func(v *Variable) any { return &v.Description }),
	},
	{
		Name: "friendly", Also: []string{"label", "title", "display_name"}, Shape: ShapeText, Doc: "Name to show to people.",
		Bind: of(func(v *Variable) any { return &v.Friendly }),
	},
	{
		Name: "visible", Shape: ShapeBool, Default: "true", Doc: "Whether tools ask for the value.",
		Bind: of(func(v *Variable) any { return &v.Visible }),
	},
	{
		Name: "sensitive", Also: []string{"secret", "private"}, Shape: ShapeBool, Default: "false",
		Doc:  "Whether the value is a secret. Secrets are masked wherever they would be shown.",
		Bind: of(func(v *Variable) any { return &v.Sensitive }),
	},
	{
		Name: "items", Also: []string{"values", "enum", "choices", "allowed", "allowed_values"}, Shape: ShapeAny, Phase: RunTime,
		Doc:  "Allowed values: a list, or an expression that gives one.",
		Bind: of(func(v *Variable) any { return &v.Items }),
	},
	{
		Name: "eval_before_dependencies", Shape: ShapeBool, Default: "true",
		Doc: "Whether the value is computed before dependencies are deployed and passed to them. A default that uses " +
			"outputs of a dependency needs `false`.",
		Bind: of(func(v *Variable) any { return &v.EvalBeforeDependencies }),
	},
	scopesKey(of(func(v *Variable) any { return &v.Scopes })),
	{
		Name: "options", Shape: ShapeAny, Ignored: true,
		Doc:  "Accepted without effect: options are part of `type`, as in `list[integer]`.",
		Bind: of(func(v *Variable) any { return &v.Options }),
	},
}

// dependencyKeys are the keys of depends.
var dependencyKeys = []Key{
	{
		Name: "release_id", Also: []string{"release", "id", "name", "package"}, Shape: ShapeText, Required: true,
		Doc: "Release to depend on: `project/name-v1.2.3`, `-v1.2.@` for the newest with that prefix, `-latest`, or " +
			"`name:tag`. `as ALIAS` behind it names it for expressions.",
		Bind: of(func(d *Dependency) any { return &d.Spec }),
	},
	{
		Name: "mapping", Also: []string{"inputs", "values", "variables", "vars"}, Shape: ShapeValues, Phase: RunTime,
		Doc:  "Values for the inputs of the dependency in both stages. Text may be an expression.",
		Bind: of(func(d *Dependency) any { return &d.Mapping }),
	},
	{
		Name: "build_mapping", Shape: ShapeValues, Phase: RunTime,
		Doc:  "As `mapping`, when this package is built. Wins over `mapping`.",
		Bind: of(func(d *Dependency) any { return &d.BuildMapping }),
	},
	{
		Name: "deploy_mapping", Shape: ShapeValues, Phase: RunTime,
		Doc:  "As `mapping`, when this package is deployed. Wins over `mapping`.",
		Bind: of(func(d *Dependency) any { return &d.DeployMapping }),
	},
	{
		Name: "consumes", Also: []string{"providers"}, Shape: ShapePairs, Phase: RunTime,
		Doc:  "Providers for the dependency: alias of its consumer to a deployment, such as `$db.deployment`.",
		Bind: of(func(d *Dependency) any { return &d.Consumes }),
	},
	scopesKey(of(func(d *Dependency) any { return &d.Scopes })),
	{
		Name: "variable", Also: []string{"as", "alias"}, Shape: ShapeText, Doc: "Alias of the dependency for expressions. Wins over `as`.",
		Bind: of(func(d *Dependency) any { return &d.Variable }),
	},
	{
		Name: "deployment_name", Shape: ShapeText, Doc: "Name of the deployment inside this one; the alias if it is left out.",
		Bind: of(func(d *Dependency) any { return &d.DeploymentName }),
	},
}

// consumerKeys are the keys of consumes and its variants.
var consumerKeys = []Key{
	{
		Name: "name", Also: []string{"interface", "type", "id"}, Shape: ShapeText, Required: true,
		Doc:  "Interface to consume. `as ALIAS` behind it names the provider for expressions.",
		Bind: of(func(c *Consumer) any { return &c.Spec }),
	},
	scopesKey(of(func(c *Consumer) any { return &c.Scopes })),
	{
		Name: "skip_activate", Shape: ShapeBool, Default: "false",
		Doc:  "Do not run `activate_provider` (nor `deactivate_provider`) of the provider.",
		Bind: of(func(c *Consumer) any { return &c.SkipActivate }),
	},
	{
		Name: "skip_deactivate", Shape: ShapeBool, Default: "false", Doc: "Do not run `deactivate_provider` of the provider.",
		Bind: of(func(c *Consumer) any { return &c.SkipDeactivate }),
	},
	{
		Name: "variable", Shape: ShapeAny, Ignored: true, Doc: "Accepted without effect: write `name: INTERFACE as ALIAS`.",
		Bind: of(func(c *Consumer) any { return &c.Variable }),
	},
}

// templateKeys are the keys of templates and its variants.
var templateKeys = []Key{
	{
		Name: "file", Also: []string{"source", "src", "template", "path"}, Shape: ShapeText, Required: true, Doc: "Path of the Mustache file.",
		Bind: of(func(t *Template) any { return &t.File }),
	},
	{
		Name: "target", Also: []string{"dest", "destination", "output", "to"}, Shape: ShapeText, Doc: "Path of the rendered file; `file` without its last extension if left out.",
		Bind: of(func(t *Template) any { return &t.Target }),
	},
	scopesKey(of(func(t *Template) any { return &t.Scopes })),
	{
		Name: "mapping", Also: []string{"values", "vars", "variables", "inputs"}, Shape: ShapeValues, Phase: RunTime,
		Doc:  "Values for the tags of the file, besides inputs and facts about the release. Text may be an expression.",
		Bind: of(func(t *Template) any { return &t.Mapping }),
	},
}

// downloadKeys are the keys of downloads.
var downloadKeys = []Key{
	{
		Name: "url", Also: []string{"source", "src", "from"}, Shape: ShapeText, Required: true, Doc: "Where to fetch from, `http` or `https`.",
		Bind: of(func(d *Download) any { return &d.URL }),
	},
	{
		Name: "dest", Also: []string{"target", "destination", "path", "file", "to"}, Shape: ShapeText, Required: true, Doc: "Path to write to. Its folders are made.",
		Bind: of(func(d *Download) any { return &d.Dest }),
	},
	{
		Name: "overwrite", Shape: ShapeBool, Default: "false", Doc: "Fetch even if `dest` exists.",
		Bind: of(func(d *Download) any { return &d.Overwrite }),
	},
	{
		Name: "if_not_exists", Shape: ShapeTexts, Doc: "Skip the download if a file matches one of these glob patterns.",
		Bind: of(func(d *Download) any { return &d.IfNotExists }),
	},
	{
		Name: "unpack", Also: []string{"extract", "unzip", "untar"}, Shape: ShapeBool, Default: "false",
		Doc:  "Unpack `dest` (`.zip`, `.tgz`, `.tar.gz`, `.tar`) into its folder.",
		Bind: of(func(d *Download) any { return &d.Unpack }),
	},
	{
		Name: "platform", Also: []string{"os", "system"}, Shape: ShapeText, Enum: []string{"linux", "darwin", "windows"},
		Doc:  "Only on this operating system, by its Go name.",
		Bind: of(func(d *Download) any { return &d.Platform }),
	},
	{
		Name: "arch", Also: []string{"architecture", "cpu"}, Shape: ShapeText, Enum: []string{"amd64", "arm64", "386", "arm"},
		Doc:  "Only on this architecture, by its Go name.",
		Bind: of(func(d *Download) any { return &d.Arch }),
	},
	scopesKey(of(func(d *Download) any { return &d.Scopes })),
}

// errandKeys are the keys of one errand.
var errandKeys = []Key{
	{
		Name: "description", Shape: ShapeText, Doc: "What the errand does.",
		Bind: of(func(e *Errand) any { return &e.Description }),
	},
	{
		Name: "run", Also: []string{"cmd", "command", "exec", "inline"}, Shape: ShapeStep, Phase: RunTime, Keys: stepKeys,
		Doc:  "What to run: a script file of the package with arguments, a command, or a mapping as for steps. One of `run` and `script` is needed.",
		Bind: of(func(e *Errand) any { return &e.Run }),
	},
	{
		Name: "script", Shape: ShapeText, Doc: "Older spelling of `run: {script: ...}`.",
		Bind: of(func(e *Errand) any { return &e.Script }),
	},
	{
		Name: "inputs", Also: []string{"variables", "vars", "args", "parameters"}, Shape: ShapeVariables, Phase: RunTime, Keys: variableKeys,
		Doc:  "Further inputs of the errand.",
		Bind: of(func(e *Errand) any { return &e.Inputs }),
	},
}

// stepKeys are the keys of the mapping form of a step.
var stepKeys = []Key{
	{
		Name: "cmd", Also: []string{"command", "exec", "program"}, Shape: ShapeScript, Phase: RunTime, Doc: "Command to run, without a shell.",
		Bind: of(func(s *Step) any { return &s.Cmd }),
	},
	{
		Name: "args", Also: []string{"arguments"}, Shape: ShapeScripts, Phase: RunTime, Doc: "Arguments of `cmd`.",
		Bind: of(func(s *Step) any { return &s.Args }),
	},
	{
		Name: "inline", Also: []string{"run", "shell", "sh", "bash", "commands"}, Shape: ShapeText, Doc: "Text of a shell script. It is no Escape Script.",
		Bind: of(func(s *Step) any { return &s.Inline }),
	},
	{
		Name: "script", Also: []string{"file", "path"}, Shape: ShapeScript, Phase: RunTime,
		Doc:  "Script file of the package, with its arguments.",
		Bind: of(func(s *Step) any { return &s.Script }),
	},
}
