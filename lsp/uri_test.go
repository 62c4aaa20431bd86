package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestURIs: of all ways to write the URI of a file there is one path and one document.
func TestURIs(t *testing.T) {
	for _, forms := range [][]string{
		{"/tmp/a b/é#x%y/escape.yml", "file:///tmp/a%20b/%C3%A9%23x%25y/escape.yml", "file:///tmp/a%20b/%c3%a9%23x%25y/escape.yml", "file:///tmp/a b/é%23x%25y/escape.yml",
			"FILE:///tmp/a b/é%23x%25y/escape.yml", "file://LocalHost/tmp/a b/é%23x%25y/escape.yml", "file:///tmp/./a b//é%23x%25y/escape.yml/", "file:/tmp/a b/é%23x%25y/escape.yml"},
		{"/tmp/~a+b,(c)=&'@:$", "file:///tmp/~a+b,(c)=&'@:$", "file:///tmp/%7Ea%2Bb%2C%28c%29%3D%26%27%40%3A%24", "file:///tmp/%7ea%2bb%2c%28c%29%3d%26%27%40%3a%24"},
		{"/tmp/100%", "file:///tmp/100%25", "file:///tmp/100%"},
		{"c:/Users/x", "file:///c%3A/Users/x", "file:///c%3a/Users/x", "file:///C:/Users/x", "file:///c:/Users/x"},
	} {
		want := uriKey(forms[1])
		for _, u := range forms[1:] {
			if got := filepath.ToSlash(pathOf(u)); got != forms[0] {
				t.Errorf("the path of %s is %s, want %s", u, got, forms[0])
			}
			if got := uriKey(u); got != want || uriKey(got) != got {
				t.Errorf("the key of %s is %s, want %s", u, got, want)
			}
		}
	}
	for _, u := range []string{"untitled:Untitled-1", "git:/tmp/x", "files:///x", "", "file", "x"} {
		if pathOf(u) != "" || uriKey(u) != u {
			t.Errorf("%q is taken for the file %q", u, pathOf(u))
		}
	}
}

// TestOneDocument: a document that the client calls by its URI in several forms is one, also beside what is told of plans that are not
// open, and the client is told of it in the form in which it was opened.
func TestOneDocument(t *testing.T) {
	const name = "a b%#é+x"
	broken := "name: a\nnonsense: 1\n"
	dir := folder(t, map[string]string{name + "/escape.yml": broken})
	base := fileURI(dir)
	forms := []string{
		base + "/a%20b%25%23%C3%A9%2Bx/escape.yml", base + "/a%20b%25%23%c3%a9+x/escape.yml", base + "/a b%25%23é+x//escape.yml", "file://localhost" + strings.TrimPrefix(base, "file://") + "/a b%25%23é+x/escape.yml",
	}
	for i, u := range forms {
		other, third := forms[(i+1)%len(forms)], forms[(i+2)%len(forms)]
		w := connect(t, Options{})
		w.initialize(dir+"/", "", `,"initializationOptions":{"settings":{"workspaceDiagnostics":true}}`)
		closed := ""
		w.until("findings of the plan that is not open", func() bool {
			for _, p := range w.publishedOf("") {
				if len(p.Diagnostics) > 0 {
					closed = p.URI
				}
			}
			return closed != ""
		})
		w.open(u, "escape-plan", broken)
		w.published(u, 1)
		w.set(other, 2, "name: a\nversion: 0.0.@\ndescription: b\n")
		w.published(u, 2)
		r := w.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":2,"character":2}}`, third))
		if string(r.Result) == "null" {
			t.Errorf("%s is not %s", third, u)
		}
		if n := len(w.server.session.Snapshot().Open()); n != 1 {
			t.Errorf("%d documents are open", n)
		}
		w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, third))
		w.until("findings of the plan that is not open any more", func() bool {
			list := w.publishedOf("")
			last := list[len(list)-1]
			return last.Version == nil && len(last.Diagnostics) > 0
		})
		if s := w.log.String(); s != "" {
			t.Errorf("the server logged:\n%s", s)
		}
	}
}

// TestLinkedFolder: an editor that has a link to a folder open may call the files in it by the link or by what that leads to.
func TestLinkedFolder(t *testing.T) {
	dir := folder(t, map[string]string{"web/escape.yml": dependant, "db/escape.yml": strings.Replace(needed, "address", "place", 1)})
	link := filepath.Join(folder(t, nil), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	for _, root := range []string{dir, link} {
		w := start(t, link, "")
		u := fileURI(root) + "/web/escape.yml"
		w.open(u, "escape-plan", dependant)
		w.untilFound(u, "ESC3002", true)
	}
}

// TestReplacedFiles: a file that another one takes the place of, or that is deleted while it is open, is known as the editor has it as
// long as it is open, and as it is on the disk afterwards.
func TestReplacedFiles(t *testing.T) {
	dir := folder(t, map[string]string{"web/escape.yml": dependant, "db/escape.yml": needed, ".git/HEAD": ""})
	web, db := fileURI(dir)+"/web/escape.yml", fileURI(dir)+"/db/escape.yml"
	file := filepath.Join(dir, "db", "escape.yml")
	other := strings.Replace(needed, "address", "place", 1)
	w := start(t, dir, `{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}}`)
	w.open(web, "escape-plan", dependant)
	w.published(web, 1)
	const unknown = "ESC3002"
	w.untilFound(web, unknown, false)
	changed := func(kind int) {
		w.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":%d}]}`, db, kind))
	}
	replace := func(text string) {
		t.Helper()
		write(t, file+".new", text)
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	replace(other) // as editors save
	changed(2)
	w.untilFound(web, unknown, true)
	w.open(db, "escape-plan", needed)
	w.untilFound(web, unknown, false)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	changed(3)
	w.set(db, 2, other)
	w.untilFound(web, unknown, true) // it counts though it is gone
	replace(needed)
	w.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, db))
	w.set(db, 3, needed)
	w.untilFound(web, unknown, false)
	w.set(db, 4, other)
	w.untilFound(web, unknown, true)
	w.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, db))
	w.untilFound(web, unknown, false) // what was saved counts
	if s := w.log.String(); s != "" {
		t.Errorf("the server logged:\n%s", s)
	}
}
