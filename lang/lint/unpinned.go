package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// unpinned are the rules about what may be another thing tomorrow.
var unpinned = []Rule{
	{Code: diag.DependencyLatest, Category: Reproducibility, Check: dependencyLatest},
	{Code: diag.ExtensionLatest, Category: Reproducibility, Check: extensionLatest},
	{Code: diag.ReleaseTag, Category: Reproducibility, Check: releaseTag},
	{Code: diag.AnyVersion, Category: Reproducibility, Check: anyVersion},
	{Code: diag.FixedVersion, Category: Reproducibility, Off: true, Check: fixedVersion},
	{Code: diag.ImageLatest, Category: Reproducibility, Check: imageLatest},
	{Code: diag.ImageUntagged, Category: Reproducibility, Off: true, Check: imageUntagged},
}

// dependencyLatest reports dependencies whose version is whatever was released last.
func dependencyLatest(p *Pass) {
	for _, d := range p.Plan.Depends {
		p.latest(d.Release, d.Alias())
	}
}

// extensionLatest is dependencyLatest for extensions.
func extensionLatest(p *Pass) {
	for _, e := range p.Plan.Extends {
		p.latest(e.Release, e.Alias())
	}
}

// latest reports the release id t if it takes any version. The fix names the line of the release that is known by alias.
func (p *Pass) latest(t plan.Text, alias string) {
	id, err := release.ParseID(t.Value)
	if err != nil {
		return
	}
	if prefix, ok := id.Constraint.Pattern(); !ok || prefix != "" {
		return
	}
	x := p.Report(t.Span(), fmt.Sprintf("%s is another release whenever somebody publishes one", quoted(t.Value)))
	m := p.Deps[alias]
	if m == nil {
		x.Hint = "name the line it has to come from, such as v2.@"
		return
	}
	major, _, _ := strings.Cut(m.Version, ".")
	at := strings.LastIndexAny(t.Value, "-:")
	if major == "" || at < 0 {
		return
	}
	line := "-v" + major + ".@"
	x.Fixes = replace(t.At(source.Span{Start: int32(at), End: int32(len(t.Value))}), line, fmt.Sprintf("take the newest of v%s", major), false)
}

// releaseTag reports dependencies and extensions that are named by a tag.
func releaseTag(p *Pass) {
	report := func(t plan.Text) {
		if id, err := release.ParseID(t.Value); err == nil {
			if tag, ok := id.Constraint.Tag(); ok {
				x := p.Report(t.Span(), fmt.Sprintf("the tag %s can be moved to another release at any time", quoted(tag)))
				x.Hint = "name the version, or the line it has to come from, such as v2.@"
			}
		}
	}
	for _, e := range p.Plan.Extends {
		report(e.Release)
	}
	for _, d := range p.Plan.Depends {
		report(d.Release)
	}
}

// anyVersion reports a version that says nothing but "the next one".
func anyVersion(p *Pass) {
	t := p.Plan.Version
	if text := strings.TrimSpace(t.Value); text == "@" {
		x := p.Report(t.Span(), fmt.Sprintf("every release with the version %q is a new major version", text))
		x.Hint = "say where the counting goes on, such as 1.0.@"
	}
}

// fixedVersion reports a version that can be released once only.
func fixedVersion(p *Pass) {
	t := p.Plan.Version
	if _, err := release.ParseVersion(t.Value); err == nil && t.Expr == nil {
		x := p.Report(t.Span(), fmt.Sprintf("version %s can be released once; the next release needs an edit of the plan", quoted(t.Value)))
		if i := strings.LastIndexByte(t.Value, '.'); i >= 0 {
			x.Fixes = replace(t.At(source.Span{Start: int32(i) + 1, End: int32(len(t.Value))}), "@", "count the last part", false)
		}
	}
}

// imageLatest reports values called image whose tag is the one that always moves.
func imageLatest(p *Pass) {
	p.images(func(t plan.Text, name, tag string) {
		if tag == "latest" {
			x := p.Report(t.Span(), fmt.Sprintf("the image %s is another one whenever somebody pushes it", quoted(t.Value)))
			x.Hint = "name a version, or a digest: " + quoted(name+"@sha256:...")
		}
	})
}

// imageUntagged reports images without tag and digest, unless the plan has the tag elsewhere.
func imageUntagged(p *Pass) {
	elsewhere := false
	p.named(func(name string, _ *plan.Value) {
		for _, w := range words(name) {
			elsewhere = elsewhere || w == "tag" || w == "digest" || w == "version"
		}
	})
	if elsewhere {
		return
	}
	p.images(func(t plan.Text, name, tag string) {
		if tag == "" {
			p.Report(t.Span(), fmt.Sprintf("the image %s has no tag: the latest one is taken", quoted(name)))
		}
	})
}

// images calls fn for every literal value that names a container image: by its own name, as its form alone could be
// anything. Images named by digest are left out.
func (p *Pass) images(fn func(t plan.Text, name, tag string)) {
	p.named(func(called string, v *plan.Value) {
		if !strings.Contains(strings.ToLower(called), "image") {
			return // most names
		}
		list := words(called)
		if n := len(list); n == 0 || list[n-1] != "image" && list[n-1] != "images" {
			return
		}
		t, ok := literal(v)
		if !ok || !isImage(t.Value) {
			return
		}
		base := strings.LastIndexByte(t.Value, '/') + 1
		name, tag := t.Value, ""
		if i := strings.IndexByte(t.Value[base:], ':'); i >= 0 {
			name, tag = t.Value[:base+i], t.Value[base+i+1:]
			if tag == "" {
				return
			}
		}
		fn(t, name, tag)
	})
}

// isImage reports whether s may be the name of an image, with a tag but without a digest.
func isImage(s string) bool {
	if base := s[strings.LastIndexByte(s, '/')+1:]; base == "" || strings.Count(base, ":") > 1 || isPicture(base) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || strings.IndexByte("._-/:", c) >= 0) {
			return false
		}
	}
	return s[0] != '/' && s[0] != '.' && !strings.Contains(s, "//")
}

// isPicture reports whether a file name is that of a picture or of a disk.
func isPicture(name string) bool {
	for _, ext := range []string{".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".ico", ".iso", ".img", ".qcow2", ".ova", ".vmdk", ".tar", ".gz"} {
		if strings.HasSuffix(strings.ToLower(name), ext) {
			return true
		}
	}
	return false
}
