package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/complete"
)

var completionFeature = Feature{
	Name:    "Completion",
	Methods: []string{protocol.MethodTextDocumentCompletion, protocol.MethodCompletionItemResolve},
	Doc: "What can be written at the cursor: fields, keys, names and members in expressions, releases, files, variables in " +
		"scripts and tags in templates; also where the text cannot be read.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		resolve := true
		c.CompletionProvider = &protocol.CompletionOptions{
			TriggerCharacters: []string{"$", ".", ":", "-", "/", `"`, "{", "[", "(", " "},
			ResolveProvider:   &resolve,
		}
	},
}

// completionCapabilities are what the client can do with items.
type completionCapabilities struct {
	CompletionItem struct {
		SnippetSupport          bool     `json:"snippetSupport"`
		CommitCharactersSupport bool     `json:"commitCharactersSupport"`
		DocumentationFormat     []string `json:"documentationFormat"`
		DeprecatedSupport       bool     `json:"deprecatedSupport"`
		InsertReplaceSupport    bool     `json:"insertReplaceSupport"`
		TagSupport              struct {
			ValueSet []int `json:"valueSet"`
		} `json:"tagSupport"`
		InsertTextModeSupport struct {
			ValueSet []int `json:"valueSet"`
		} `json:"insertTextModeSupport"`
	} `json:"completionItem"`
	CompletionList struct {
		ItemDefaults []string `json:"itemDefaults"`
	} `json:"completionList"`
}

// Completion implements the request "textDocument/completion".
func (s *server) Completion(ctx context.Context, p *protocol.CompletionParams) (protocol.CompletionResult, error) {
	snap, d := document(ctx, p.TextDocument)
	if d == nil {
		return nil, nil
	}
	off := s.can.offset(d.Source, p.Position)
	var list complete.List
	if an := snap.Latest(d); an != nil {
		r := complete.Request{
			Source: d.Source, Offset: off, Notation: an.Syntax.Notation, World: s.world(snap, an),
			Lines: slices.Contains(s.can.TextDocument.Completion.CompletionItem.InsertTextModeSupport.ValueSet, int(protocol.InsertTextModeAsIs)),
		}
		if c := p.Context.TriggerCharacter; c != nil && p.Context.TriggerKind == protocol.CompletionTriggerKindTriggerCharacter {
			r.Trigger = *c
		}
		list = complete.Complete(ctx, r)
	} else if users := s.users(snap, d); len(users) > 0 {
		list = complete.InFile(ctx, d.Source, off, users)
	}
	return s.completions(d.Source, list), nil
}

// users returns the plans that use a script or template.
func (s *server) users(snap *cache.Snapshot, d *cache.Document) []complete.User {
	var users []complete.User
	for _, an := range snap.Users(d.Path) {
		u := complete.User{World: s.world(snap, an)}
		for _, x := range an.Info.Scripts() {
			if x.Path == "" || x.File.Name() != d.Path {
				continue
			}
			u.Shell = x.Lang == script.Shell
			for _, run := range x.Runs {
				if run.Errand != nil {
					u.Errands = append(u.Errands, run.Errand)
				} else {
					u.Steps = append(u.Steps, run.Name)
				}
			}
		}
		dir := filepath.Dir(an.Doc.Path)
		u.Templates = slices.DeleteFunc(an.Plan.AllTemplates(), func(t *plan.Template) bool {
			return filepath.Join(dir, filepath.FromSlash(t.File.Value)) != d.Path
		})
		users = append(users, u)
	}
	return users
}

// completions converts a list for the client.
func (s *server) completions(f *source.File, list complete.List) *protocol.CompletionList {
	can := &s.can.TextDocument.Completion
	out := &protocol.CompletionList{IsIncomplete: list.Incomplete, Items: make([]protocol.CompletionItem, 0, len(list.Items))}
	insert, replace := s.can.rangeOf(f, list.Insert), s.can.rangeOf(f, list.Replace)
	both := can.CompletionItem.InsertReplaceSupport && insert != replace
	shared := slices.Contains(can.CompletionList.ItemDefaults, "editRange") && len(list.Items) > 0
	asIs := slices.Contains(can.CompletionItem.InsertTextModeSupport.ValueSet, int(protocol.InsertTextModeAsIs))
	sharedMode := asIs && slices.Contains(can.CompletionList.ItemDefaults, "insertTextMode") && len(list.Items) > 0
	if shared || sharedMode {
		out.ItemDefaults = &protocol.CompletionItemDefaults{}
		switch {
		case shared && both:
			out.ItemDefaults.EditRange = &protocol.EditRangeWithInsertReplace{Insert: insert, Replace: replace}
		case shared:
			out.ItemDefaults.EditRange = &replace
		}
		if sharedMode {
			out.ItemDefaults.InsertTextMode = protocol.InsertTextModeAsIs
		}
	}
	for i := range list.Items {
		it, text := s.completionItem(&list.Items[i], i)
		switch {
		case shared && text != it.Label:
			it.TextEditText = protocol.NewOptional(text)
		case shared:
		case both:
			it.TextEdit = &protocol.InsertReplaceEdit{NewText: text, Insert: insert, Replace: replace}
		default:
			it.TextEdit = &protocol.TextEdit{NewText: text, Range: replace}
		}
		if asIs && !sharedMode {
			it.InsertTextMode = protocol.InsertTextModeAsIs
		}
		out.Items = append(out.Items, it)
	}
	return out
}

// completionItem converts item n without its edit, and returns what the edit writes.
func (s *server) completionItem(x *complete.Item, n int) (protocol.CompletionItem, string) {
	can := &s.can.TextDocument.Completion.CompletionItem
	it := protocol.CompletionItem{Label: x.Label, Kind: completionKinds[x.Kind], SortText: protocol.NewOptional(complete.SortText(n))}
	if x.Detail != "" {
		it.Detail = protocol.NewOptional(x.Detail)
	}
	if x.Filter != "" && x.Filter != x.Label {
		it.FilterText = protocol.NewOptional(x.Filter)
	}
	if x.Doc != "" {
		it.Documentation = s.markup(x.Doc, can.DocumentationFormat)
	}
	if x.Topic != "" {
		it.Data, _ = json.Marshal(x.Topic)
	}
	if x.Deprecated {
		switch {
		case slices.Contains(can.TagSupport.ValueSet, int(protocol.CompletionItemTagDeprecated)):
			it.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
		case can.DeprecatedSupport:
			//lint:ignore SA1019 older clients know nothing else
			it.Deprecated = protocol.NewOptional(true)
		}
	}
	if can.CommitCharactersSupport {
		it.CommitCharacters = x.Commits
	}
	if can.SnippetSupport && x.Snippet != "" && s.settings().snippets {
		it.InsertTextFormat = protocol.InsertTextFormatSnippet
		return it, x.Snippet
	}
	return it, x.Text
}

var completionKinds = map[complete.Kind]protocol.CompletionItemKind{
	complete.KindField:     protocol.CompletionItemKindProperty,
	complete.KindBlock:     protocol.CompletionItemKindClass,
	complete.KindKey:       protocol.CompletionItemKindProperty,
	complete.KindValue:     protocol.CompletionItemKindEnumMember,
	complete.KindVariable:  protocol.CompletionItemKindVariable,
	complete.KindMember:    protocol.CompletionItemKindField,
	complete.KindFunction:  protocol.CompletionItemKindFunction,
	complete.KindPackage:   protocol.CompletionItemKindModule,
	complete.KindVersion:   protocol.CompletionItemKindConstant,
	complete.KindInterface: protocol.CompletionItemKindInterface,
	complete.KindFile:      protocol.CompletionItemKindFile,
	complete.KindFolder:    protocol.CompletionItemKindFolder,
	complete.KindSnippet:   protocol.CompletionItemKindSnippet,
	complete.KindCode:      protocol.CompletionItemKindConstant,
}

// CompletionResolve implements the request "completionItem/resolve".
func (s *server) CompletionResolve(_ context.Context, it *protocol.CompletionItem) (*protocol.CompletionItem, error) {
	var topic string
	if json.Unmarshal(it.Data, &topic) != nil {
		return it, nil
	}
	if doc := complete.Describe(topic); doc != "" {
		it.Documentation = s.markup(doc, s.can.TextDocument.Completion.CompletionItem.DocumentationFormat)
	}
	return it, nil
}

// markup is documentation in one of the formats that the client can show, which it lists; plain text if it lists none.
func (s *server) markup(doc string, formats []string) protocol.InlayHintTooltip {
	switch {
	case slices.Contains(formats, string(protocol.MarkupKindMarkdown)):
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: doc}
	case len(formats) > 0:
		return &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: complete.Plain(doc)}
	}
	return protocol.String(complete.Plain(doc))
}
