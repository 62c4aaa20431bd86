package navigate

import (
	"cmp"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// A Link is a span that names something which can be opened.
type Link struct {
	Span source.Span
	// File is the absolute path of a file; URL the address of a page. One of them is set.
	File, URL string
	Tooltip   string
}

// Links returns the links of a document: the files that a plan, script or template names and that are there, packages that have
// a plan in the workspace or a page, and downloads. page returns the address of the page of a release, or ""; it may be nil.
func Links(snap *cache.Snapshot, d *cache.Document, page func(id string) string) []Link {
	users := []*cache.Analyzed{snap.Analyze(d)}
	if users[0] == nil {
		users = snap.Users(d.Path)
	}
	var links []Link
	seen := map[source.Span]bool{}
	add := func(l Link) {
		if !seen[l.Span] && l.Span.Len() > 0 {
			seen[l.Span] = true
			links = append(links, l)
		}
	}
	for _, an := range users {
		named := releasesOf(an.Plan)
		symbol.Of(snap, an).Each(func(o *symbol.Occurrence) {
			if o.File.Name() != d.Source.Name() {
				return
			}
			switch o.Kind {
			case symbol.File, symbol.Template:
				if snap.IsFile(o.Name) {
					add(Link{Span: o.Span, File: o.Name})
				}
			case symbol.Package:
				if o.Use == symbol.Read {
					add(packageLink(snap, an, o, named, page))
				}
			}
		})
		if an.Source == d.Source {
			for _, dl := range an.Plan.Downloads {
				if u := dl.URL.Value; strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://") {
					add(Link{Span: dl.URL.Span(), URL: u})
				}
			}
		}
	}
	slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return links
}

// packageLink is the link of a package in a release id, which is one of named; empty if it leads nowhere.
func packageLink(snap *cache.Snapshot, an *cache.Analyzed, o *symbol.Occurrence, named []namedRelease, page func(id string) string) Link {
	for _, owner := range symbol.Resolve(snap, an, o.ID) {
		if owner.Version == "" && len(owner.Places) > 0 {
			return Link{Span: o.Span, File: owner.Places[0].File.Name(), Tooltip: "plan of " + o.Package}
		}
	}
	if page == nil {
		return Link{}
	}
	if address := page(releaseAt(named, o.Span)); address != "" {
		return Link{Span: o.Span, URL: address}
	}
	return Link{}
}

// A namedRelease is where a plan names a release.
type namedRelease struct {
	span source.Span
	text string
}

// releasesOf returns the releases that a plan names, in order.
func releasesOf(p *plan.Plan) []namedRelease {
	needs := p.Needs()
	named := make([]namedRelease, len(needs))
	for i, n := range needs {
		named[i] = namedRelease{n.Release.Span(), n.Release.Value}
	}
	slices.SortStableFunc(named, func(a, b namedRelease) int { return cmp.Compare(a.span.Start, b.span.Start) })
	return named
}

// releaseAt returns the release id that a plan names at a span.
func releaseAt(named []namedRelease, at source.Span) string {
	i := sort.Search(len(named), func(i int) bool { return named[i].span.Start > at.Start }) - 1
	if i < 0 || !named[i].span.Encloses(at) {
		return ""
	}
	id, err := release.ParseID(named[i].text)
	if err != nil {
		return ""
	}
	return id.String()
}

// within is the absolute path of a file of the package.
func within(an *cache.Analyzed, file string) string {
	return filepath.Join(dirOf(an), filepath.FromSlash(file))
}
