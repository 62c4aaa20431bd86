package grammars

// bundle says which grammar is for what, in the form of an extension of VS Code without code. Editors of JetBrains read such a
// folder as a TextMate bundle.
func bundle() string {
	type contributed struct {
		ID            string   `json:"id"`
		Aliases       []string `json:"aliases"`
		FileNames     []string `json:"filenames,omitempty"`
		Configuration string   `json:"configuration,omitempty"`
	}
	type colours struct {
		Language string   `json:"language,omitempty"`
		Scope    string   `json:"scopeName"`
		Path     string   `json:"path"`
		InjectTo []string `json:"injectTo,omitempty"`
	}
	type filled struct {
		Language string `json:"language"`
		Path     string `json:"path"`
	}
	var all struct {
		Languages []contributed `json:"languages"`
		Grammars  []colours     `json:"grammars"`
		Snippets  []filled      `json:"snippets"`
	}
	for _, l := range planLanguages() {
		all.Languages = append(all.Languages, contributed{l.ID, []string{l.Name}, l.FileNames, "./language-configuration.json"})
		all.Grammars = append(all.Grammars, colours{l.ID, l.Scope, "./" + l.Grammar, nil})
		all.Snippets = append(all.Snippets, filled{l.ID, "./" + l.Snippets})
	}
	all.Languages = append(all.Languages, contributed{ID: "escape-script", Aliases: []string{"Escape Script"}})
	all.Grammars = append(all.Grammars,
		colours{"escape-script", "source.escape-script", "./escape-script.tmLanguage.json", nil},
		colours{"", "injection.escape-script", "./escape-script-injection.tmLanguage.json", []string{"source.yaml", "source.hcl", "source.terraform"}},
		colours{"", "markdown.escape-plan.codeblock", "./escape-markdown-injection.tmLanguage.json", []string{"text.html.markdown"}},
	)
	return encode(struct {
		Comment     string            `json:"$comment"`
		Name        string            `json:"name"`
		DisplayName string            `json:"displayName"`
		Description string            `json:"description"`
		Version     string            `json:"version"`
		License     string            `json:"license"`
		Private     bool              `json:"private"`
		Engines     map[string]string `json:"engines"`
		Contributes any               `json:"contributes"`
	}{generated, "escape-grammars", "Escape grammars", "Colours and snippets for plans of Escape.", "0.1.0", "Apache-2.0", true, map[string]string{"vscode": "*"}, all})
}
