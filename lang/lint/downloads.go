package lint

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// downloads are the rules about files that are fetched.
var downloads = []Rule{
	{Code: diag.DownloadHTTP, Category: Security, Check: downloadHTTP},
	{Code: diag.MovingDownload, Category: Reproducibility, Check: movingDownload},
	{Code: diag.UnversionedDownload, Category: Reproducibility, Off: true, Check: unversionedDownload},
	{Code: diag.StaleDownload, Category: Reproducibility, Check: staleDownload},
	{Code: diag.OverwriteDefeated, Category: Reproducibility, Check: overwriteDefeated},
}

// downloadHTTP reports downloads that anybody on the way can change.
func downloadHTTP(p *Pass) {
	for _, d := range p.Plan.Downloads {
		const scheme = "http://"
		if len(d.URL.Value) < len(scheme) || !strings.EqualFold(d.URL.Value[:len(scheme)], scheme) {
			continue
		}
		u, err := url.Parse(d.URL.Value)
		if err != nil || u.Host == "" || isLocal(u.Hostname()) {
			continue
		}
		span := d.URL.At(source.Span{Start: 0, End: int32(len(scheme) - len("://"))})
		x := p.Report(span, "anybody on the way can change what is downloaded over http")
		x.Fixes = replace(span, "https", "write https", alsoHTTPS[strings.ToLower(u.Host)])
	}
}

// alsoHTTPS are hosts known to give the same files over https.
var alsoHTTPS = map[string]bool{"github.com": true, "raw.githubusercontent.com": true, "gitlab.com": true, "bitbucket.org": true,
	"codeload.github.com": true, "storage.googleapis.com": true, "dl.google.com": true, "s3.amazonaws.com": true, "get.helm.sh": true,
	"releases.hashicorp.com": true, "download.docker.com": true, "nodejs.org": true, "archive.apache.org": true, "dlcdn.apache.org": true}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1" || host == "0.0.0.0"
}

// moving are words that stand for whatever is newest.
var moving = map[string]bool{"latest": true, "master": true, "main": true, "head": true, "trunk": true, "nightly": true,
	"snapshot": true, "develop": true, "edge": true, "canary": true, "unstable": true}

// movingDownload reports downloads whose address says that it is always the newest file.
func movingDownload(p *Pass) {
	for _, d := range p.Plan.Downloads {
		word, at := movingWord(d.URL.Value)
		if word == "" {
			continue
		}
		span := d.URL.At(source.Span{Start: int32(at), End: int32(at + len(word))})
		x := p.Report(span, fmt.Sprintf("%q is another file tomorrow: the same release may be built from different ones", word))
		x.Hint = "download a version"
	}
}

// movingWord returns the first word of the path or query of an address that is one of moving or the name of a branch, and
// where it stands. Words in names count too, unless the name has a number besides ("latest-2.tgz"). A file whose own name
// holds a version does not move, whatever folder it is in.
func movingWord(address string) (string, int) {
	file, _, _ := strings.Cut(address, "?")
	if version(file[strings.LastIndexByte(file, '/')+1:]) != "" {
		return "", 0
	}
	start := strings.Index(address, "://")
	if start < 0 {
		return "", 0
	}
	start += len("://")
	slash := strings.IndexByte(address[start:], '/')
	if slash < 0 {
		return "", 0
	}
	at := start + slash
	before := ""
	for _, part := range strings.FieldsFunc(address[at:], func(r rune) bool { return strings.ContainsRune("/?&=#", r) }) {
		at += strings.Index(address[at:], part)
		if moving[strings.ToLower(part)] || before == "heads" {
			return part, at
		}
		before = part
		if !strings.ContainsAny(part, "0123456789") {
			off := at
			for _, word := range strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
				off += strings.Index(address[off:], word)
				if w := strings.ToLower(word); w == "latest" || w == "nightly" || w == "snapshot" {
					return word, off
				}
				off += len(word)
			}
		}
		at += len(part)
	}
	return "", 0
}

// unversionedDownload reports downloads whose address names no version at all.
func unversionedDownload(p *Pass) {
	for _, d := range p.Plan.Downloads {
		u, err := url.Parse(d.URL.Value)
		if err != nil || u.Host == "" || isLocal(u.Hostname()) || strings.ContainsAny(u.Path+u.RawQuery, "0123456789") {
			continue
		}
		if word, _ := movingWord(d.URL.Value); word == "" {
			p.Report(d.URL.Span(), "the address names no version: whoever owns it can change the file")
		}
	}
}

// staleDownload reports downloads that stay as they are when the version in their address changes.
func staleDownload(p *Pass) {
	for _, d := range p.Plan.Downloads {
		of := versionIn(d.URL.Value)
		if d.Overwrite.Value || d.Dest.Value == "" || of == "" || strings.Contains(d.Dest.Value, of) || len(d.IfNotExists) > 0 {
			continue
		}
		x := p.Report(d.Dest.Span(), fmt.Sprintf("when the address moves on from %s, a %s that is there already stays as it is", of, quoted(d.Dest.Value)))
		x.Hint = "put the version into the name, or overwrite"
		if m, e := entryOf(d.Node, "dest"); d.Overwrite.Node == nil {
			x.Fixes = p.add(m, e, "overwrite", "true", false)
		}
	}
}

// versionIn returns the first version in the path of an address.
func versionIn(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "/")
	return version(rest)
}

// version returns the first thing in a text that looks like a version of at least two parts.
func version(rest string) string {
	for i := 0; i < len(rest); i++ {
		if !isDigit(rest[i]) {
			continue
		}
		end, dots := i, 0
		for end < len(rest) && (isDigit(rest[end]) || rest[end] == '.' && end+1 < len(rest) && isDigit(rest[end+1])) {
			if rest[end] == '.' {
				dots++
			}
			end++
		}
		if dots > 0 {
			return rest[i:end]
		}
		i = end
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// overwriteDefeated reports downloads that are to overwrite their file, but only while it does not exist.
func overwriteDefeated(p *Pass) {
	for _, d := range p.Plan.Downloads {
		if !d.Overwrite.Value || d.Overwrite.Node == nil {
			continue
		}
		for i, glob := range d.IfNotExists {
			if !matches(glob.Value, d.Dest.Value) {
				continue
			}
			x := p.Report(glob.Span(), fmt.Sprintf("%s is never overwritten: the download is skipped once it exists", quoted(d.Dest.Value)))
			x.Related = []diag.Related{{File: p.Plan.File.Source, Span: d.Overwrite.Node.Span(), Message: "it is to be overwritten"}}
			m, e := entryOf(d.Node, "overwrite")
			x.Fixes = p.remove(m, e, true) // it has no effect
			if m, e := entryOf(d.Node, "if_not_exists"); e != nil {
				if list, ok := e.Value.(*syntax.Sequence); ok && len(d.IfNotExists) == 1 {
					x.Fixes = append(x.Fixes, p.remove(m, e, false)...)
				} else if ok && len(list.Items) == len(d.IfNotExists) {
					x.Fixes = append(x.Fixes, p.removeItem(list, i, false)...)
				}
			}
			break
		}
	}
}

// matches reports whether a glob pattern takes the file.
func matches(glob, file string) bool {
	ok, err := path.Match(path.Clean(glob), path.Clean(file))
	return ok && err == nil
}

// dirs calls fn for each folder around the file, innermost first, until it returns false.
func dirs(file string, fn func(dir string) bool) {
	for dir := path.Dir(path.Clean(file)); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if !fn(dir) {
			return
		}
	}
}
