package markertest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// released reads releases that are unpacked below deps, as the CLI does.
func released(dir string, id release.ID) (*release.Metadata, string) {
	below := filepath.Join(dir, "deps", id.Namespace, id.Name)
	text, err := os.ReadFile(filepath.Join(below, "release.json"))
	if err != nil {
		return nil, below
	}
	m, err := release.Decode(text)
	if err != nil || !id.Constraint.Matches(release.Version(m.Version)) {
		return nil, below
	}
	return m, below
}

// pageOf is the page of a release of the project "pages".
func pageOf(id string) string {
	if strings.HasPrefix(id, "pages/") {
		return "https://inventory.example/" + id
	}
	return ""
}

// navigating are the requests of this file that are made while a file is typed.
var navigating = []func(*Client, protocol.TextDocumentPositionParams) error{
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.Definition(c.Ctx, &protocol.DefinitionParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.References(c.Ctx, &protocol.ReferenceParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.DocumentHighlight(c.Ctx, &protocol.DocumentHighlightParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.LinkedEditingRange(c.Ctx, &protocol.LinkedEditingRangeParams{TextDocumentPositionParams: at})
		return err
	},
	func(c *Client, at protocol.TextDocumentPositionParams) error {
		_, err := c.Server.DocumentLink(c.Ctx, &protocol.DocumentLinkParams{TextDocument: at.TextDocument})
		return err
	},
}

// located writes the answer to a request for definitions.
func (x *Test) located(result any) string {
	var out strings.Builder
	switch r := result.(type) {
	case *protocol.Location:
		fmt.Fprintln(&out, x.show(r.URI, r.Range))
	case protocol.LocationSlice:
		return x.locations(r)
	case protocol.DefinitionLinkSlice:
		for _, l := range r {
			fmt.Fprintf(&out, "%s\n", x.show(l.TargetURI, l.TargetSelectionRange))
		}
	case protocol.DeclarationLinkSlice:
		for _, l := range r {
			fmt.Fprintf(&out, "%s\n", x.show(l.TargetURI, l.TargetSelectionRange))
		}
	}
	return out.String()
}

func (x *Test) locations(list []protocol.Location) string {
	var out strings.Builder
	for _, l := range list {
		fmt.Fprintln(&out, x.show(l.URI, l.Range))
	}
	return out.String()
}

// def(place, golden) goes to the definition.
// With def(place, none) there is none.
// The golden section has a line for each place.
func def(x *Test, c call) {
	got, err := x.Server.Definition(x.Ctx, &protocol.DefinitionParams{TextDocumentPositionParams: x.at(x.place(c, 0))})
	x.check(err)
	x.listed(c, x.located(got))
}

// listed compares lines with the golden section of argument 1, or wants none.
func (x *Test) listed(c call, got string) {
	x.T.Helper()
	if x.str(c, 1) != "none" {
		x.golden(c, x.str(c, 1), got)
		if got == "" {
			x.T.Errorf("%v: there is nothing", c)
		}
	} else if got != "" {
		x.T.Errorf("%v: there is something:\n%s", c, got)
	}
}

// decl(place, golden) goes to the declaration.
// With decl(place, none) there is none.
// The golden section has a line for each place.
func decl(x *Test, c call) {
	got, err := x.Server.Declaration(x.Ctx, &protocol.DeclarationParams{TextDocumentPositionParams: x.at(x.place(c, 0))})
	x.check(err)
	x.listed(c, x.located(got))
}

// typedef(place, golden) goes to the type definition.
// With typedef(place, none) there is none.
// The golden section has a line for each place.
func typedef(x *Test, c call) {
	got, err := x.Server.TypeDefinition(x.Ctx, &protocol.TypeDefinitionParams{TextDocumentPositionParams: x.at(x.place(c, 0))})
	x.check(err)
	x.listed(c, x.located(got))
}

// impl(place, golden) goes to the implementations.
// With impl(place, none) there is none.
// The golden section has a line for each place.
func impl(x *Test, c call) {
	got, err := x.Server.Implementation(x.Ctx, &protocol.ImplementationParams{TextDocumentPositionParams: x.at(x.place(c, 0))})
	x.check(err)
	x.listed(c, x.located(got))
}

// refs(place, golden) wants all references, with the declaration.
// With refs(place, none) there are none.
// The golden section has a line for each place.
func refs(x *Test, c call) { x.references(c, true) }

// uses(place, golden) wants all references without the declaration.
// With uses(place, none) there are none.
// The golden section has a line for each place.
func uses(x *Test, c call) { x.references(c, false) }

func (x *Test) references(c call, declaration bool) {
	got, err := x.Server.References(x.Ctx, &protocol.ReferenceParams{
		TextDocumentPositionParams: x.at(x.place(c, 0)), Context: protocol.ReferenceContext{IncludeDeclaration: declaration},
	})
	x.check(err)
	x.listed(c, x.locations(got))
}

// highlight(place, golden) wants the highlights of the document.
// With highlight(place, none) there are none.
// A line of the golden section is a place with "read" or "write".
func highlight(x *Test, c call) {
	p := x.place(c, 0)
	got, err := x.Server.DocumentHighlight(x.Ctx, &protocol.DocumentHighlightParams{TextDocumentPositionParams: x.at(p)})
	x.check(err)
	var out strings.Builder
	for _, h := range got {
		kind := map[protocol.DocumentHighlightKind]string{1: "text", 2: "read", 3: "write"}[h.Kind]
		fmt.Fprintf(&out, "%s %s\n", kind, x.show(x.URI(p.File), h.Range))
	}
	x.listed(c, out.String())
}

// rename(place, name, golden) renames what is at the place.
// The golden section shows the lines that are different then.
// Lines of annotated edits begin with "~".
func rename(x *Test, c call) {
	got, err := x.Server.Rename(x.Ctx, &protocol.RenameParams{TextDocumentPositionParams: x.at(x.place(c, 0)), NewName: x.str(c, 1)})
	if err != nil {
		x.T.Errorf("%v: %v", c, err)
		return
	}
	x.golden(c, x.str(c, 2), x.edited(got))
}

// norename(place, name, text) wants a refusal with a text in it.
// The name may be "?": then asking whether it may be renamed is refused, too.
// Nothing is changed.
func norename(x *Test, c call) {
	at := x.at(x.place(c, 0))
	errs := map[string]error{}
	_, errs["rename"] = x.Server.Rename(x.Ctx, &protocol.RenameParams{TextDocumentPositionParams: at, NewName: x.str(c, 1)})
	if x.str(c, 1) == "?" {
		_, errs["prepare"] = x.Server.PrepareRename(x.Ctx, &protocol.PrepareRenameParams{TextDocumentPositionParams: at})
	}
	for what, err := range errs {
		var wire *jsonrpc2.Error
		if !errors.As(err, &wire) || !strings.Contains(wire.Error(), x.str(c, 2)) {
			x.T.Errorf("%v: %s says %v", c, what, err)
		}
	}
}

// prepare(place, covered, text) asks what would be renamed.
// It must cover the second place and offer the text.
// With prepare(place, none) there is nothing to rename.
func prepare(x *Test, c call) {
	p := x.place(c, 0)
	got, err := x.Server.PrepareRename(x.Ctx, &protocol.PrepareRenameParams{TextDocumentPositionParams: x.at(p)})
	x.check(err)
	if x.str(c, 1) == "none" {
		if got != nil {
			x.T.Errorf("%v: there is something to rename: %v", c, got)
		}
		return
	}
	r, ok := got.(*protocol.PrepareRenamePlaceholder)
	want := x.place(c, 1)
	if !ok || r.Range != Range(x.source(want.File), want.Span) || r.Placeholder != x.str(c, 2) {
		x.T.Errorf("%v: got %v", c, got)
	}
}

// edited shows the lines that a workspace edit changes, and applies nothing.
func (x *Test) edited(e *protocol.WorkspaceEdit) string {
	if e == nil {
		return ""
	}
	edits := map[uri.URI][]source.Edit{}
	marked := map[uri.URI]bool{}
	add := func(u uri.URI, t protocol.TextEdit) {
		span, ok := Span(x.source(x.Name(u)), t.Range)
		if !ok {
			x.T.Errorf("%s has no range %v", x.Name(u), t.Range)
		}
		edits[u] = append(edits[u], source.Edit{Span: span, New: t.NewText})
	}
	for u, list := range e.Changes {
		for _, t := range list {
			add(u, t)
		}
	}
	for _, change := range e.DocumentChanges {
		d, ok := change.(*protocol.TextDocumentEdit)
		if !ok {
			x.T.Errorf("there is a change that edits nothing: %T", change)
			continue
		}
		u := d.TextDocument.URI
		if open := x.Text(u) != nil; open != (d.TextDocument.Version != nil) {
			x.T.Errorf("%s has the version %v", x.Name(u), d.TextDocument.Version)
		}
		for _, one := range d.Edits {
			switch t := one.(type) {
			case *protocol.TextEdit:
				add(u, *t)
			case *protocol.AnnotatedTextEdit:
				marked[u] = true
				if _, ok := e.ChangeAnnotations[t.AnnotationID]; !ok {
					x.T.Errorf("there is no annotation %s", t.AnnotationID)
				}
				add(u, t.TextEdit)
			}
		}
	}
	var files []uri.URI
	for u := range edits {
		files = append(files, u)
	}
	slices.Sort(files)
	var out strings.Builder
	for _, u := range files {
		before := x.source(x.Name(u)).Text()
		after, err := source.Apply(before, edits[u])
		x.check(err)
		mark := ""
		if marked[u] {
			mark = "~"
		}
		out.WriteString(changed(mark, x.Name(u), before, after))
	}
	return out.String()
}

// changed shows the lines of a file that are different, each with a mark in front, and those that are gone.
func changed(mark, name, before, after string) string {
	was, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	head, tail := 0, 0
	for head < min(len(was), len(now)) && was[head] == now[head] {
		head++
	}
	for tail < min(len(was), len(now))-head && was[len(was)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	var out strings.Builder
	for n := head; n < len(now)-tail; n++ {
		if len(was) == len(now) && was[n] == now[n] {
			continue
		}
		line, _, _ := strings.Cut(now[n], " #@")
		fmt.Fprintf(&out, "%s%s:%d: %s\n", mark, name, n+1, line)
	}
	for n := head; n < len(was)-tail && len(now) < len(was); n++ {
		fmt.Fprintf(&out, "-%s:%d: %s\n", name, n+1, was[n])
	}
	return out.String()
}

// links(golden) wants the links of the file in which it stands.
// Each line of the golden section is a place and its target.
// With links(none) there are none.
func links(x *Test, c call) {
	u := x.URI(c.file)
	got, err := x.Server.DocumentLink(x.Ctx, &protocol.DocumentLinkParams{TextDocument: protocol.TextDocumentIdentifier{URI: u}})
	x.check(err)
	var out strings.Builder
	for _, l := range got {
		target := string(*l.Target)
		if strings.HasPrefix(target, "file:") {
			target = x.Name(*l.Target)
		}
		fmt.Fprintf(&out, "%s -> %s\n", x.show(u, l.Range), target)
	}
	if x.str(c, 0) == "none" {
		if out.Len() > 0 {
			x.T.Errorf("%v: there are links:\n%s", c, out.String())
		}
		return
	}
	x.golden(c, x.str(c, 0), out.String())
}

// linked(place, golden) wants what is typed together with a place.
// With linked(place, none) there is nothing.
// The golden section has a line for each range.
func linked(x *Test, c call) {
	p := x.place(c, 0)
	got, err := x.Server.LinkedEditingRange(x.Ctx, &protocol.LinkedEditingRangeParams{TextDocumentPositionParams: x.at(p)})
	x.check(err)
	var out strings.Builder
	if got != nil {
		for _, r := range got.Ranges {
			fmt.Fprintln(&out, x.show(x.URI(p.File), r))
		}
	}
	x.listed(c, out.String())
}

// callers(place, golden) wants the packages that need the one at a place.
// A line of the golden section is a package, and below it the places.
// With callers(place, none) there is no package.
func callers(x *Test, c call) {
	item := x.called(c)
	if item == nil {
		return
	}
	got, err := x.Server.IncomingCalls(x.Ctx, &protocol.CallHierarchyIncomingCallsParams{Item: *item})
	x.check(err)
	out := x.item(item)
	for _, in := range got {
		out += "<- " + x.item(&in.From)
		for _, r := range in.FromRanges {
			out += "   " + x.show(in.From.URI, r) + "\n"
		}
	}
	x.listed(c, out)
}

// callees(place, golden) wants the packages that the one at a place needs.
// A line of the golden section is a package, and below it the places.
// With callees(place, none) there is no package.
func callees(x *Test, c call) {
	item := x.called(c)
	if item == nil {
		return
	}
	got, err := x.Server.OutgoingCalls(x.Ctx, &protocol.CallHierarchyOutgoingCallsParams{Item: *item})
	x.check(err)
	out := x.item(item)
	for _, to := range got {
		out += "-> " + x.item(&to.To)
		for _, r := range to.FromRanges {
			out += "   " + x.show(item.URI, r) + "\n"
		}
	}
	x.listed(c, out)
}

// called returns the item at the place of a call; nil if there is none.
func (x *Test) called(c call) *protocol.CallHierarchyItem {
	items, err := x.Server.PrepareCallHierarchy(x.Ctx, &protocol.CallHierarchyPrepareParams{TextDocumentPositionParams: x.at(x.place(c, 0))})
	x.check(err)
	if len(items) == 1 {
		return &items[0]
	}
	if x.str(c, 1) != "none" {
		x.T.Errorf("%v: there are %d packages", c, len(items))
	}
	return nil
}

func (x *Test) item(i *protocol.CallHierarchyItem) string {
	detail := ""
	if i.Detail != nil {
		detail = " " + *i.Detail
	}
	return fmt.Sprintf("%s%s %s\n", i.Name, detail, x.show(i.URI, i.SelectionRange))
}

// wsymbols(query, golden) looks for symbols of the workspace.
// Each line of the golden section is a kind, a name, and the place.
// With wsymbols(query, none) there are none.
func wsymbols(x *Test, c call) {
	got, err := x.Server.Symbols(x.Ctx, &protocol.WorkspaceSymbolParams{Query: x.str(c, 0)})
	x.check(err)
	list, _ := got.(protocol.WorkspaceSymbolSlice)
	if whole, ok := got.(protocol.SymbolInformationSlice); ok { // which look alike
		for i := range whole {
			list = append(list, protocol.WorkspaceSymbol{BaseSymbolInformation: whole[i].BaseSymbolInformation, Location: &whole[i].Location})
		}
	}
	var out strings.Builder
	for i := range list {
		s := &list[i]
		if _, lazy := s.Location.(*protocol.LocationUriOnly); lazy {
			s, err = x.Server.WorkspaceSymbolResolve(x.Ctx, s)
			x.check(err)
		}
		l, ok := s.Location.(*protocol.Location)
		if !ok {
			x.T.Errorf("%v: %s has no place", c, s.Name)
			continue
		}
		kind := map[protocol.SymbolKind]string{protocol.SymbolKindPackage: "package", protocol.SymbolKindVariable: "input",
			protocol.SymbolKindProperty: "output", protocol.SymbolKindFunction: "errand"}[s.Kind]
		container := ""
		if s.ContainerName != nil {
			container = " of " + *s.ContainerName
		}
		fmt.Fprintf(&out, "%s %s%s: %s\n", kind, s.Name, container, x.show(l.URI, l.Range))
	}
	x.listed(c, out.String())
}

// move(old, new, golden) asks what changes if a file or folder moves.
// The golden section shows the lines that are different then.
// Nothing is moved.
func move(x *Test, c call) {
	got, err := x.Server.WillRenameFiles(x.Ctx, &protocol.RenameFilesParams{Files: []protocol.FileRename{
		{OldURI: string(x.URI(x.str(c, 0))), NewURI: string(x.URI(x.str(c, 1)))},
	}})
	x.check(err)
	x.golden(c, x.str(c, 2), x.edited(got))
}

// remove(file, golden) asks what changes if a file or folder is deleted.
// The golden section shows the lines that are different then.
// Nothing is deleted.
func remove(x *Test, c call) {
	got, err := x.Server.WillDeleteFiles(x.Ctx, &protocol.DeleteFilesParams{Files: []protocol.FileDelete{{URI: string(x.URI(x.str(c, 0)))}}})
	x.check(err)
	x.golden(c, x.str(c, 1), x.edited(got))
}
