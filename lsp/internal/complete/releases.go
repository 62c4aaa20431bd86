package complete

import (
	"slices"
	"strings"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// packages returns the packages that the plan can depend on: those that somebody knows, and those that it needs already.
func (c *completer) packages() []string {
	var names []string
	if c.Packages != nil {
		known, all := c.Packages(c.ctx)
		names = slices.Clone(known)
		if !all {
			c.list.Incomplete = true
		}
	}
	for _, m := range c.Deps {
		names = append(names, m.VersionlessID())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	own := ""
	if c.Plan != nil {
		own = c.Plan.Name.Value
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == own || strings.TrimPrefix(name, "_/") == own })
}

// releases offers packages, their versions and tags, and names for expressions.
func (c *completer) releases() {
	s := &c.spot
	if word, alias, ok := strings.Cut(s.text, " "); ok {
		c.aliasBehind(word, alias)
		return
	}
	text := c.Source.Text()
	tail := text[c.Offset : c.Offset+s.rest]
	if n := strings.IndexByte(tail, ' '); n >= 0 {
		c.list.Replace.End = c.list.Insert.End + int32(n)
	}
	packages := c.packages()
	if pkg, ok := packageIn(s.text, packages); ok {
		c.versions(pkg, s.text[:len(pkg)])
		if !slices.Contains(packages, pkg) {
			return
		}
	}
	project := ""
	if c.Plan != nil {
		project, _ = release.SplitName(c.Plan.Name.Value)
	}
	for i, pkg := range packages {
		short := strings.TrimPrefix(pkg, "_/")
		it := c.text(short, KindPackage, "package", 100+i)
		if p, _, _ := strings.Cut(pkg, "/"); p == project {
			it.Rank -= 100
		}
		it.Text = c.write(short + "-latest")
		if s.style != native {
			// The version is the next to choose. A word for it, selected, would hide the others, and the end of the line would replace it.
			it.Snippet = escapeSnippet(strings.TrimSuffix(it.Text, "latest")) + "$0"
		}
		c.add(it)
	}
}

// packageIn returns the package that a release id begins with, which a "-" or ":" follows.
func packageIn(text string, known []string) (string, bool) {
	best := ""
	for _, pkg := range known {
		short := strings.TrimPrefix(pkg, "_/")
		for _, name := range []string{pkg, short} {
			rest, ok := strings.CutPrefix(text, name)
			if ok && rest != "" && (rest[0] == '-' || rest[0] == ':') && len(name) > len(best) {
				best = name
			}
		}
	}
	if best != "" {
		return best, true
	}
	if i := strings.LastIndexAny(text, "-:"); i > 0 && !strings.HasSuffix(text[:i], "/") {
		return text[:i], true
	}
	return "", false
}

// versions offers what can stand behind a package as it is written.
func (c *completer) versions(pkg, written string) {
	full := pkg
	if !strings.Contains(full, "/") {
		full = "_/" + full
	}
	var known []string
	if c.Versions != nil {
		list, all := c.Versions(c.ctx, full)
		known = list
		if !all {
			c.list.Incomplete = true
		}
	}
	rank := 0
	offer := func(suffix, detail string) {
		it := c.text(written+suffix, KindVersion, detail, rank)
		it.Filter = written + c.spot.text[len(written):len(written)+1] + suffix[1:] // a tag may be looked for behind "-" too
		rank++
		c.add(it)
	}
	var versions, tags []string
	for _, v := range known {
		switch {
		case release.IsTag(v):
			tags = append(tags, v)
		case v != "" && v[0] >= '0' && v[0] <= '9':
			versions = append(versions, v)
		}
	}
	offerTags := func() {
		for _, tag := range tags {
			offer(":"+tag, "tag")
		}
	}
	if strings.HasPrefix(c.spot.text[len(written):], ":") {
		offerTags()
		offer(":latest", "newest version")
		return
	}
	for _, v := range versions {
		offer("-v"+v, "version")
	}
	seen := map[string]bool{}
	for _, v := range versions {
		parts := strings.Split(v, ".")
		for n := len(parts) - 1; n > 0; n-- {
			if prefix := strings.Join(parts[:n], ".") + ".@"; !seen[prefix] && !strings.Contains(prefix, "@.") && len(seen) < 20 {
				seen[prefix] = true
				offer("-v"+prefix, "newest with this prefix")
			}
		}
	}
	offer("-latest", "newest version")
	offerTags()
}

// aliasBehind offers "as" and names behind a release id or interface.
func (c *completer) aliasBehind(spec, typed string) {
	if c.spot.label {
		return
	}
	start := c.spot.at + strings.IndexByte(c.Source.Text()[c.spot.at:], ' ') + 1
	c.over(start, c.spot.rest)
	rest, as := strings.CutPrefix(typed, "as ")
	if as && strings.ContainsAny(rest, " ") {
		return
	}
	for i, alias := range aliasesOf(spec) {
		c.add(Item{Label: "as " + alias, Kind: KindVariable, Detail: "name for expressions", Rank: i})
	}
}

// aliasesOf returns names for a release or interface.
func aliasesOf(spec string) []string {
	word, _, _ := strings.Cut(spec, " ")
	name := word
	if id, err := release.ParseID(word); err == nil {
		name = id.Name
	}
	_, last, _ := strings.Cut("/"+name, "/")
	names := []string{last}
	if i := strings.LastIndexAny(last, "-_"); i > 0 {
		names = append(names, last[i+1:], strings.ReplaceAll(last, "-", "_"))
	}
	return slices.Compact(slices.DeleteFunc(names, func(n string) bool { return !expr.IsName(n) || len(n) < 2 }))
}

// interfaces offers names of interfaces, and names for their providers behind them.
func (c *completer) interfaces(aliased bool) {
	s := &c.spot
	if word, alias, ok := strings.Cut(s.text, " "); ok {
		if aliased {
			c.aliasBehind(word, alias)
		}
		return
	}
	if n := strings.IndexByte(c.Source.Text()[c.Offset:c.Offset+s.rest], ' '); n >= 0 {
		c.list.Replace.End = c.list.Insert.End + int32(n)
	}
	known := map[string]string{}
	if c.Interfaces != nil {
		names, all := c.Interfaces()
		c.list.Incomplete = c.list.Incomplete || !all
		for _, name := range names {
			known[name] = "provided in this workspace"
		}
	}
	for _, m := range c.Deps {
		for _, p := range m.Provides {
			known[p.Name] = "provided by " + m.VersionlessID()
		}
		for _, consumer := range m.Consumes {
			if known[consumer.Name] == "" {
				known[consumer.Name] = "consumed by " + m.VersionlessID()
			}
		}
	}
	delete(known, "")
	delete(known, s.text+c.Source.Text()[c.Offset:c.list.Replace.End]) // itself, as others see it
	for i, name := range sortedKeys(known) {
		if slices.ContainsFunc(s.items, func(item string) bool { return item == name || strings.HasPrefix(item, name+" ") }) {
			continue
		}
		c.add(c.text(name, KindInterface, known[name], i))
	}
}

// providers offers deployments for a consumer of a dependency.
func (c *completer) providers(m *release.Metadata, consumer string) {
	iface := ""
	for _, x := range m.Consumes {
		if x.Variable == consumer {
			iface = x.Name
		}
	}
	slot, _ := slotOf(c.spot.trail)
	scope, ok := c.scope(&slot)
	if !ok || c.spot.text != "" {
		return
	}
	for i, f := range scope.Names.Fields() {
		if f.Absent != "" || !expr.IsName(f.Name) || f.Name == "this" {
			continue
		}
		rank, detail := 50+i, f.Doc
		if p := c.Deps[f.Name]; p != nil && slices.ContainsFunc(p.Provides, func(x *release.Provider) bool { return x.Name == iface }) {
			rank, detail = i, "provides "+iface
		}
		if consumer, ok := f.Def.(*plan.Consumer); ok && consumer.Interface.Value == iface {
			rank, detail = i, "provides "+iface
		}
		label := f.Name + ".deployment"
		if c.spot.style != native {
			label = "$" + label
		}
		it := Item{Label: label, Kind: KindInterface, Detail: detail, Text: label, Rank: rank}
		if c.spot.style == plain {
			it.Text = c.write(label)
		}
		c.add(it)
	}
}
