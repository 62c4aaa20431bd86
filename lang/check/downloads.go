package check

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// Names of systems as Go knows them.
var (
	platforms = []string{"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd",
		"plan9", "solaris", "wasip1", "windows"}
	archs = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
		"s390x", "wasm"}
	// otherNames are what the same systems are called elsewhere.
	otherNames = map[string]string{"macos": "darwin", "osx": "darwin", "mac": "darwin", "win": "windows", "win32": "windows", "win64": "windows",
		"x86_64": "amd64", "x64": "amd64", "x86": "386", "i386": "386", "i686": "386", "aarch64": "arm64", "armv7": "arm"}
)

func (c *checker) downloads() {
	dests := map[string][]*plan.Download{}
	for _, d := range c.p.Downloads {
		c.url(d.URL)
		c.system(d.Platform, "platform", platforms)
		c.system(d.Arch, "arch", archs)
		for _, p := range d.IfNotExists {
			c.pattern(p)
		}
		if !d.Dest.Set() || d.Dest.Value == "" {
			continue
		}
		if c.folderDest(d) {
			continue
		}
		if d.Unpack.Value && !isArchive(d.Dest.Value) {
			x := c.report(diag.DownloadArchive, d.Dest.Span(), fmt.Sprintf("Can't unpack: unknown archive extension '%s'", d.Dest.Value))
			x.Hint = "known are " + strings.Join(archives, ", ")
		}
		dest := path.Clean(d.Dest.Value)
		for _, first := range dests[dest] {
			if first.Scopes.Stages()&d.Scopes.Stages() != 0 && overlap(first.Platform, d.Platform) && overlap(first.Arch, d.Arch) {
				x := c.report(diag.SameDest, d.Dest.Span(), fmt.Sprintf("another download is written to %q too", dest))
				x.Related = []diag.Related{{File: c.src, Span: first.Dest.Span(), Message: "first one"}}
				if first.URL.Value == d.URL.Value && c.sameText(first.Node, d.Node) {
					x.Fixes = c.edit().RemoveFrom("downloads", d.Node, true)
				}
				break
			}
		}
		if len(dests[dest]) < 16 {
			dests[dest] = append(dests[dest], d)
		}
	}
}

// folderDest reports a destination that can only be a folder.
func (c *checker) folderDest(d *plan.Download) bool {
	dest := d.Dest.Value
	if base := path.Base(dest); !strings.HasSuffix(dest, "/") && base != "." && base != ".." {
		return false
	}
	x := c.report(diag.DownloadDest, d.Dest.Span(), fmt.Sprintf("%q is a folder, but a download is written to a file", dest))
	x.Original = fmt.Sprintf("Couldn't open download destination '%s': open %s: is a directory", dest, dest)
	x.Hint = "write the name of the file too"
	if u, err := url.Parse(d.URL.Value); err == nil && strings.HasSuffix(dest, "/") {
		// Only a name that means the same with and without quotes.
		if base := path.Base(u.Path); strings.IndexFunc(base, func(r rune) bool {
			return !strings.ContainsRune("-_.", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) < 0 && strings.Trim(base, ".") != "" {
			x.Fixes = replaceFix(d.Dest.Span(), dest+base, fmt.Sprintf("write %q", dest+base))
		}
	}
	return true
}

func overlap(a, b plan.Text) bool { return a.Value == "" || b.Value == "" || a.Value == b.Value }

func (c *checker) url(t plan.Text) {
	if t.Value == "" {
		return
	}
	u, err := url.Parse(t.Value)
	if err != nil {
		reason := err.Error()
		c.report(diag.DownloadURL, t.Span(), fmt.Sprintf("Invalid URL '%s' in download config: %s", t.Value, reason))
		return
	}
	switch u.Scheme {
	case "http", "https":
	case "":
		x := c.report(diag.DownloadURL, t.Span(), fmt.Sprintf("Missing URL scheme in download config '%s'", t.Value))
		if strings.HasPrefix(t.Value, "$") {
			x.Hint = "expressions cannot be used in downloads"
			return
		}
		x.Hint = "write https:// in front"
		if u.Path != "" && strings.Contains(t.Value, ".") && !strings.HasPrefix(t.Value, "/") && !strings.HasPrefix(t.Value, ".") {
			start := t.At(source.Span{Start: 0, End: 0})
			x.Fixes = []diag.Fix{{Title: "add https://", Edits: []source.Edit{{Span: start, New: "https://"}}}}
		}
	default:
		end := len(u.Scheme)
		x := c.report(diag.DownloadURL, t.At(source.Span{Start: 0, End: int32(end)}), fmt.Sprintf("%q cannot be downloaded from: only http and https can", u.Scheme))
		x.Original = fmt.Sprintf("Couldn't download '%s': Get %q: unsupported protocol scheme %q", t.Value, t.Value, u.Scheme)
	}
}

// system checks the name of a platform or architecture.
func (c *checker) system(t plan.Text, key string, known []string) {
	if t.Value == "" || slices.Contains(known, t.Value) {
		return
	}
	near, ok := otherNames[strings.ToLower(t.Value)]
	if !ok || !slices.Contains(known, near) {
		near, ok = c.nearest(t.Value, known)
	}
	message := fmt.Sprintf("no %s is called %q: this is never downloaded", key, t.Value)
	if ok {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	x := c.report(diag.UnknownPlatform, t.Span(), message)
	if ok {
		x.Fixes = replaceFix(t.Span(), near, fmt.Sprintf("replace with %q", near))
	}
}
