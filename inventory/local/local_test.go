package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

var options = Options{EscapeVersion: "0.29.0"}

func metadata(namespace, name, version string) *release.Metadata {
	m := release.New()
	m.Project, m.Name, m.Version = namespace, name, version
	return m
}

func id(t testing.TB, s string) release.ID {
	t.Helper()
	id, err := release.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// archive makes a file to publish, with a mode of its own.
func archive(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.tgz")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

// publish adds releases whose archives hold their ids.
func publish(t testing.TB, inv *Inventory, ids ...string) {
	t.Helper()
	for _, s := range ids {
		id := id(t, s)
		v, _ := id.Version()
		m := metadata(id.Namespace, id.Name, string(v))
		if err := inv.Publish(context.Background(), m, archive(t, s)); err != nil {
			t.Fatalf("Publish(%s): %v", s, err)
		}
	}
}

func download(inv *Inventory, id release.ID) (string, error) {
	var b bytes.Buffer
	err := inv.Download(context.Background(), id, &b)
	return b.String(), err
}

func digest(content string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content))) }

// tree returns all files below dir with their modes, but for what a umask may take, and contents, and the folders.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if path == dir && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		mode := (info.Mode() &^ 0o022).String()
		if e.IsDir() {
			files[rel] = mode
			return nil
		}
		text, err := os.ReadFile(path)
		files[rel] = mode + " " + string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const compact = `{"api_version":15,"built_with_core_version":"0.15.7","built_with_escape_version":"","description":"","files":{},` +
	`"license":"","logo":"","name":"hello","repository":"","branch":"","git_revision":"","revision_message":"","revision_author":"",` +
	`"metadata":{},"version":"%s","generates":[],"consumes":[],"downloads":null,"depends":[],"errands":{},"extends":[],"inputs":[],` +
	`"outputs":[],"project":"demo","provides":[],"stages":{},"templates":[],"variable_context":{}}`

// TestLayout compares everything that a release writes with what the original writes.
func TestLayout(t *testing.T) {
	base := filepath.Join(t.TempDir(), "inv")
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v1.0", "demo/hello-v0.9")
	if err := inv.Tag(context.Background(), id(t, "demo/hello-latest"), "ci"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		".":                           "drwxr-xr-x",
		"demo":                        "drwxr-xr-x",
		"demo/hello":                  "drwxr-xr-x",
		"demo/hello/.escape":          "drwxr-xr-x",
		"demo/hello/.escape/lock":     "-rw-r--r-- ",
		"demo/hello/.escape/reserved": "drwxr-xr-x",
		"demo/hello/hello-v1.0.tgz":   "-rw-r----- demo/hello-v1.0",
		"demo/hello/hello-v1.0.json":  "-rw-r--r-- " + string(metadata("demo", "hello", "1.0").Encode()),
		"demo/hello/hello-v0.9.tgz":   "-rw-r----- demo/hello-v0.9",
		"demo/hello/hello-v0.9.json":  "-rw-r--r-- " + string(metadata("demo", "hello", "0.9").Encode()),
		"demo/hello/index.json": "-rw-r--r-- " + `{"name":"hello","escape_version":"0.29.0","escape_core_version":"0.15.7","core_api_version":15,"versions":{"0.9":` +
			fmt.Sprintf(compact, "0.9") + `,"1.0":` + fmt.Sprintf(compact, "1.0") + `},"tags":{"ci":"1.0"},"digests":{` +
			`"0.9":"` + digest("demo/hello-v0.9") + `","1.0":"` + digest("demo/hello-v1.0") + `"}}`,
	}
	if diff := cmp.Diff(want, tree(t, base)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestQuestions asks a folder that the original wrote, in ways which must not change it.
func TestQuestions(t *testing.T) {
	base := t.TempDir()
	hello := filepath.Join(base, "demo", "hello")
	var versions []string
	for _, v := range []string{"0", "1", "4.2", "4.10.1", "1.0", "01"} {
		versions = append(versions, fmt.Sprintf(`"%s":%s`, v, fmt.Sprintf(compact, v)))
		write(t, filepath.Join(hello, "hello-v"+v+".tgz"), "archive of "+v)
	}
	write(t, filepath.Join(hello, "index.json"), `{"name":"hello","escape_version":"0.28.1","escape_core_version":"0.15.7","core_api_version":15,"versions":{`+
		strings.Join(versions, ",")+`,"junk":{}},"tags":{"prod":"4.2","lost":"7","evil":"../../../x"}}`)
	write(t, filepath.Join(hello, "hello-v9.json"), fmt.Sprintf(compact, "9")) // the original was killed before it wrote the index
	write(t, filepath.Join(hello, "hello-v9.tgz"), "archive of 9")
	write(t, filepath.Join(hello, "hello-v8.json"), "{")
	write(t, filepath.Join(base, "demo", "empty", "index.json"), `{"name":"empty","escape_version":"0.28.1","escape_core_version":"0.15.7","core_api_version":15,"versions":{},"tags":{}}`)
	write(t, filepath.Join(base, "demo", "file"), "")
	write(t, filepath.Join(base, "demo", "folder", "file"), "")
	write(t, filepath.Join(base, ".hidden", "hello", "index.json"), "{}")
	write(t, filepath.Join(base, "file"), "")
	write(t, filepath.Join(base, "_", "hi", "index.json"), "null")
	before := tree(t, base)
	inv, ctx := Open(base, options), context.Background()

	for _, c := range []struct{ what, want string }{
		{"namespaces", "_ demo"},
		{"packages demo", "empty hello"},
		{"packages _", "hi"},
		{"packages nope", "The project 'nope' could not be found in the local inventory at BASE."},
		{"packages file", "The project 'file' could not be found in the local inventory at BASE."},
		{"packages ..", "The project '..' could not be found in the local inventory at BASE. [Invalid name '..']"},
		{"packages .hidden", "The project '.hidden' could not be found in the local inventory at BASE. [Invalid name '.hidden']"},
		{"versions demo hello", "4.10.1 4.2 1.0 1 01 0"},
		{"versions demo empty", ""},
		{"versions _ hi", ""},
		{"versions demo folder", "The application 'demo/folder' could not be found in the local inventory at BASE. [the project 'demo' has empty, hello]"},
		{"versions nope hello", "The application 'nope/hello' could not be found in the local inventory at BASE. [nothing of the project 'nope' is released here; 'escape run release' in the folder of a package does that]"},
		{"versions demo ../demo/hello", "The application 'demo/../demo/hello' could not be found in the local inventory at BASE. [Invalid name '../demo/hello']"},
		{"next demo hello @", "5"},
		{"next demo hello 4.@", "4.11"},
		{"next demo hello 4.10.@", "4.10.2"},
		{"next demo hello 7.@", "7.0"},
		{"next demo nope @", "0"},
		{"next demo nope 0.0.@", "0.0.0"},
		{"next demo .. @", "Invalid name '..'"},
		{"next demo hello ../@", "Invalid version string '../@'."},
		{"release demo/hello-v4.2", "4.2"},
		{"release demo/hello-v1.0", "1.0"},
		{"release demo/hello-v9", "9"},
		{"release demo/hello-latest", "4.10.1"},
		{"release demo/hello-v4.@", "4.10.1"},
		{"release demo/hello:prod", "4.2"},
		{"release demo/hello:4.2", "4.2"},
		{"release demo/hello:none", "The application demo/hello:none could not be found [its tags are evil, lost, prod]"},
		{"release demo/nope:prod", "The application demo/nope:prod could not be found"},
		{"release demo/hello:lost", "The release demo/hello-v7 could not be found in the local inventory at BASE. You may have to release it first? [the newest is v4.10.1]"},
		{"release demo/hello:evil", "The release demo/hello-v../../../x could not be found in the local inventory at BASE. You may have to release it first? [Invalid version string '../../../x'.]"},
		{"release demo/hello-v7.@", "No release of demo/hello matches 'v7.@' in the local inventory at BASE. [the newest is v4.10.1]"},
		{"release demo/empty-latest", "No release of demo/empty matches 'latest' in the local inventory at BASE."},
		{"release demo/nope-latest", "The application 'demo/nope' could not be found in the local inventory at BASE. [the project 'demo' has empty, hello]"},
		{"release demo/nope-v1.@", "The application 'demo/nope' could not be found in the local inventory at BASE. [the project 'demo' has empty, hello]"},
		{"release demo/nope-v1", "The release demo/nope-v1 could not be found in the local inventory at BASE. You may have to release it first?"},
		{"release demo/hello-v8", "Could not read release metadata file BASE/demo/hello/hello-v8.json: Couldn't unmarshal JSON release metadata: unexpected end of JSON input"},
		{"download demo/hello-v4.2", "archive of 4.2"},
		{"download demo/hello-v9", "archive of 9"},
		{"download demo/hello-v7", "The release demo/hello-v7 could not be found in the local inventory at BASE. You may have to release it first? [the newest is v4.10.1]"},
		{"download demo/hello-latest", "The release 'demo/hello-latest' needs its version resolved."},
	} {
		got := ask(ctx, t, inv, c.what)
		if got = strings.ReplaceAll(got, base, "BASE"); got != c.want {
			t.Errorf("%s = %s, want %s", c.what, got, c.want)
		}
	}
	if err := os.Remove(filepath.Join(hello, "hello-v4.2.tgz")); err != nil {
		t.Fatal(err)
	}
	delete(before, "demo/hello/hello-v4.2.tgz")
	want := "The release demo/hello-v4.2 could not be found in the local inventory (expected at " + filepath.Join(hello, "hello-v4.2.tgz") + ")"
	if got := ask(ctx, t, inv, "download demo/hello-v4.2"); got != want {
		t.Errorf("download of what is not there = %s, want %s", got, want)
	}
	if diff := cmp.Diff(before, tree(t, base)); diff != "" {
		t.Errorf("questions wrote something (-before +after):\n%s", diff)
	}
}

// ask puts a question in words and returns the answer or the error, with its hint in brackets.
func ask(ctx context.Context, t *testing.T, inv inventory.Inventory, question string) string {
	t.Helper()
	words := strings.Fields(question)
	var names []string
	var err error
	switch words[0] {
	case "namespaces":
		names, err = inv.Namespaces(ctx)
	case "packages":
		names, err = inv.Packages(ctx, words[1])
	case "versions":
		var versions []release.Version
		versions, err = inv.Versions(ctx, words[1], words[2])
		for _, v := range versions {
			names = append(names, string(v))
		}
	case "next":
		var v release.Version
		v, err = inv.NextVersion(ctx, words[1], words[2], release.Pattern(strings.TrimSuffix(words[3], "@")))
		names = []string{string(v)}
	case "release":
		var m *release.Metadata
		if m, err = inv.Metadata(ctx, id(t, words[1])); err == nil {
			names = []string{m.Version}
		}
	case "download":
		var b bytes.Buffer
		err = inv.Download(ctx, id(t, words[1]), &b)
		names = []string{b.String()}
	}
	if err == nil {
		return strings.Join(names, " ")
	}
	e := (*inventory.Error)(nil)
	if !errors.As(err, &e) || e.Code == "" {
		t.Errorf("%s: %v has no code", question, err)
	} else if e.Hint != "" {
		return e.Message + " [" + e.Hint + "]"
	}
	return err.Error()
}

func TestNoFolder(t *testing.T) {
	ctx := context.Background()
	missing := filepath.Join(t.TempDir(), "a", "b")
	for _, base := range []string{"", missing} {
		inv := Open(base, options)
		if inv.Location() != base {
			t.Errorf("Location = %s, want %s", inv.Location(), base)
		}
		if names, err := inv.Namespaces(ctx); len(names) != 0 || err != nil {
			t.Errorf("Namespaces of %q = %v, %v", base, names, err)
		}
		for _, question := range []string{"packages demo", "versions demo hello", "release demo/hello-latest", "release demo/hello-v1", "download demo/hello-v1"} {
			if got := ask(ctx, t, inv, question); !strings.Contains(got, "could not be found in the local inventory at "+base) {
				t.Errorf("%s of %q = %s", question, base, got)
			}
		}
	}
	if _, err := os.Lstat(missing); err == nil {
		t.Error("questions made the folder")
	}
	inv := Open("", options)
	if err := inv.Publish(ctx, metadata("demo", "hello", "1"), archive(t, "x")); !errors.Is(err, &inventory.Error{Code: inventory.Invalid}) {
		t.Errorf("Publish without a folder: %v", err)
	}
	if _, _, err := inv.Reserve(ctx, "demo", "hello", ""); !errors.Is(err, &inventory.Error{Code: inventory.Invalid}) {
		t.Errorf("Reserve without a folder: %v", err)
	}
	t.Chdir(t.TempDir())
	rel := Open("inv", options)
	if dir, _ := os.Getwd(); rel.Location() != filepath.Join(dir, "inv") {
		t.Errorf("Location of a relative folder = %s", rel.Location())
	}
}

func TestPublishErrors(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v1.0")
	write(t, filepath.Join(base, "file"), "")
	write(t, filepath.Join(base, "demo", "bad", "index.json"), "{]")
	before := tree(t, base)
	other := archive(t, "other")
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		ctx     context.Context
		m       *release.Metadata
		archive string
		code    inventory.ErrorCode
		want    string
	}{
		{ctx, metadata("demo", "hello", "1.0"), other, inventory.Conflict,
			"Could not add release to local inventory at BASE/demo/hello/index.json. Version 1.0 already exists."},
		{ctx, metadata("demo", "hello", "2.0"), filepath.Join(base, "none"), inventory.Invalid,
			"Couldn't copy BASE/none to BASE/demo/hello/hello-v2.0.tgz: open BASE/none: no such file or directory"},
		{ctx, metadata("demo", "new", "2.0"), filepath.Join(base, "demo"), inventory.Unavailable,
			"Couldn't copy BASE/demo to BASE/demo/new/new-v2.0.tgz: read BASE/demo: is a directory"},
		{ctx, metadata("demo", "bad", "1"), other, inventory.Unavailable,
			"Failed to load application index for local inventory: Could not read local version index at 'BASE/demo/bad/index.json': invalid character ']' looking for beginning of object key string"},
		{ctx, metadata("file", "hello", "1"), other, inventory.Unavailable,
			"Could not create application directory 'BASE/file/hello': mkdir BASE/file: not a directory"},
		{ctx, metadata("demo", "hello", "../../2"), other, inventory.Invalid, "Invalid version string '../../2'."},
		{ctx, metadata("demo", "hello", "1.@"), other, inventory.Invalid, "Invalid version string '1.@'."},
		{ctx, metadata("..", "hello", "1"), other, inventory.Invalid, "Invalid name '..'"},
		{ctx, metadata("demo", "a/b", "1"), other, inventory.Invalid, "Invalid name 'a/b'"},
		{ctx, metadata("demo", "", "1"), other, inventory.Invalid, "Invalid name ''"},
		{canceled, metadata("demo", "new", "1"), other, "", "context canceled"},
	} {
		err := inv.Publish(c.ctx, c.m, c.archive)
		if err == nil {
			t.Errorf("Publish(%s) succeeded, want %s", c.m.QualifiedID(), c.want)
			continue
		}
		if got := strings.ReplaceAll(err.Error(), base, "BASE"); got != c.want {
			t.Errorf("Publish(%s): %s, want %s", c.m.QualifiedID(), got, c.want)
		}
		if c.code != "" && !errors.Is(err, &inventory.Error{Code: c.code}) {
			t.Errorf("Publish(%s): %#v, want code %s", c.m.QualifiedID(), err, c.code)
		}
		os.Remove(filepath.Join(base, "demo", "bad", ".escape", "lock"))
		os.Remove(filepath.Join(base, "demo", "bad", ".escape"))
		if diff := cmp.Diff(before, tree(t, base)); diff != "" {
			t.Errorf("Publish(%s) failed but left something (-before +after):\n%s", c.m.QualifiedID(), diff)
		}
	}
}

func TestTag(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v1.0", "demo/hello-v1.1", "demo/hello-v2.0")
	write(t, filepath.Join(base, "demo", "hello", "hello-v3.json"), fmt.Sprintf(compact, "3"))
	for _, c := range []struct{ id, tag, want string }{
		{"demo/hello-v1.0", "a", "1.0"},
		{"demo/hello-v1.0", "a", "1.0"}, // again
		{"demo/hello-v1.@", "a", "1.1"}, // moves
		{"demo/hello-latest", "b", "2.0"},
		{"demo/hello:a", "c", "1.1"},
		{"demo/hello:2.0", "v1.x-beta", "2.0"},
		{"demo/hello-v7", "x", "The referenced version '7' couldn't be tagged, because it couldn't be found."},
		{"demo/hello-v3", "x", "The referenced version '3' couldn't be tagged, because it couldn't be found."},
		{"demo/hello:none", "x", "The application demo/hello:none could not be found"},
		{"demo/hello-v7.@", "x", "No release of demo/hello matches 'v7.@' in the local inventory at BASE."},
		{"demo/nope-v1", "x", "The application 'demo/nope' could not be found: open BASE/demo/nope/index.json: no such file or directory"},
		{"demo/hello-v1.0", "", "The tag '' is not allowed."},
		{"demo/hello-v1.0", "latest", "The tag 'latest' is not allowed."},
		{"demo/hello-v1.0", "v1", "The tag 'v1' is not allowed."},
		{"demo/hello-v1.0", "1.@", "The tag '1.@' is not allowed."},
		{"demo/hello-v1.0", "a/b", "The tag 'a/b' is not allowed."},
	} {
		err := inv.Tag(ctx, id(t, c.id), c.tag)
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), base, "BASE")
		} else {
			got = ask(ctx, t, inv, "release demo/hello:"+c.tag)
		}
		if got != c.want {
			t.Errorf("Tag(%s, %q) = %s, want %s", c.id, c.tag, got, c.want)
		}
	}
	if _, err := os.Lstat(filepath.Join(base, "demo", "nope")); err == nil {
		t.Error("Tag made a folder for a package that is not there")
	}
	if err := inv.Tag(ctx, release.ID{Namespace: "..", Name: "demo"}, "x"); !errors.Is(err, &inventory.Error{Code: inventory.Invalid}) {
		t.Errorf("Tag with a bad name: %v", err)
	}
}

// TestBadIndex checks that an index which cannot be used is reported and stays as it is.
func TestBadIndex(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"malformed", "{]", "Could not read local version index at 'INDEX': invalid character ']' looking for beginning of object key string"},
		{"empty", "", "Could not read local version index at 'INDEX': unexpected end of JSON input"},
		{"half", `{"name":"hello","versions":{"1.0":{"na`, "Could not read local version index at 'INDEX': unexpected end of JSON input"},
		{"trailing", "{}{}", "Could not read local version index at 'INDEX': invalid character '{' after top-level value"},
		{"newer", `{"core_api_version":16,"versions":{}}`, "Could not load application version index, because the index was created by a version of Escape that " +
			"supports a different (newer) API v16, instead of v15, which this version of Escape supports. [the index is INDEX]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, base := context.Background(), t.TempDir()
			file := filepath.Join(base, "demo", "hello", "index.json")
			write(t, file, c.text)
			inv := Open(base, options)
			for _, question := range []string{"versions demo hello", "next demo hello @", "release demo/hello-v1", "release demo/hello-latest", "release demo/hello:ci", "download demo/hello-v1"} {
				if got := strings.ReplaceAll(ask(ctx, t, inv, question), file, "INDEX"); got != c.want {
					t.Errorf("%s = %s, want %s", question, got, c.want)
				}
			}
			if err := inv.Publish(ctx, metadata("demo", "hello", "1"), archive(t, "x")); err == nil || !strings.HasPrefix(err.Error(), "Failed to load application index for local inventory: Could not") {
				t.Errorf("Publish: %v", err)
			}
			if err := inv.Tag(ctx, id(t, "demo/hello-v1"), "ci"); !errors.Is(err, &inventory.Error{Code: inventory.Unavailable}) {
				t.Errorf("Tag: %v", err)
			}
			if _, _, err := inv.Reserve(ctx, "demo", "hello", ""); !errors.Is(err, &inventory.Error{Code: inventory.Unavailable}) {
				t.Errorf("Reserve: %v", err)
			}
			if text, err := os.ReadFile(file); string(text) != c.text || err != nil {
				t.Errorf("the index is now %q, %v", text, err)
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		base := t.TempDir()
		write(t, filepath.Join(base, "demo", "hello", "index.json", "x"), "")
		err := Open(base, options).Publish(context.Background(), metadata("demo", "hello", "1"), archive(t, "x"))
		if err == nil || !strings.HasSuffix(err.Error(), "index.json': is a directory") {
			t.Errorf("Publish: %v", err)
		}
	})
	t.Run("bad release", func(t *testing.T) {
		base := t.TempDir()
		file := filepath.Join(base, "demo", "hello", "index.json")
		write(t, file, `{"versions":{"1":{"name":7},"2":null}}`)
		inv := Open(base, options)
		for v, reason := range map[string]string{"1": "Couldn't unmarshal JSON release metadata: ", "2": "Missing release metadata"} {
			want := "Could not read the metadata of demo/hello-v" + v + " in the local version index at '" + file + "': " + reason
			if got := ask(context.Background(), t, inv, "release demo/hello-v"+v); !strings.HasPrefix(got, want) {
				t.Errorf("release v%s = %s, want %s", v, got, want)
			}
		}
		publish(t, inv, "demo/hello-v3") // the others stay as they are
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), `"versions":{"1":{"name":7},"2":null,"3":{`) {
			t.Errorf("the index is now %s, %v", text, err)
		}
	})
}

// TestDigest checks that a changed archive is found out, and that an original client may drop what we know.
func TestDigest(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v1.0")
	file := filepath.Join(base, "demo", "hello", "hello-v1.0.tgz")
	write(t, file, "changed")
	want := "The package of demo/hello-v1.0 in the local inventory is damaged: its digest is " + digest("changed") +
		", and that of the release is " + digest("demo/hello-v1.0")
	_, err := download(inv, id(t, "demo/hello-v1.0"))
	if err == nil || !errors.Is(err, &inventory.Error{Code: inventory.Unavailable}) || err.Error() != want {
		t.Errorf("Download of a changed archive: %v, want %s", err, want)
	}

	// The original keeps only the keys it knows.
	index := filepath.Join(base, "demo", "hello", "index.json")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(`,"digests":`))
	write(t, index, string(text[:at])+"}")
	if got, err := download(inv, id(t, "demo/hello-v1.0")); got != "changed" || err != nil {
		t.Errorf("Download without a digest = %q, %v", got, err)
	}
	publish(t, inv, "demo/hello-v1.1")
	if got, err := download(inv, id(t, "demo/hello-v1.1")); got != "demo/hello-v1.1" || err != nil {
		t.Errorf("Download of a later release = %q, %v", got, err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := inv.Download(canceled, id(t, "demo/hello-v1.1"), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("Download that was canceled: %v", err)
	}
	if err := inv.Download(ctx, id(t, "demo/hello-v1.1"), failing{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Download to a full disk: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestKeep checks that what somebody else put into a package stays.
func TestKeep(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "demo", "hello", "index.json")
	write(t, file, `{ "name": "other", "Escape_Version": "0.1", "core_api_version": 3, "versions": {"1": {"a" : "<"}, "x": 1}, "tags": null, "yanked": ["1", "2" ], "a": 1.50}`)
	if err := os.Chmod(file, 0o664); err != nil {
		t.Fatal(err)
	}
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v2")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"other","escape_version":"0.29.0","escape_core_version":"0.15.7","core_api_version":15,"versions":{"1":{"a":"\u003c"},"2":` +
		fmt.Sprintf(compact, "2") + `,"x":1},"tags":{},"digests":{"2":"` + digest("demo/hello-v2") + `"},"a":1.50,"yanked":["1","2"]}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o664 {
		t.Errorf("mode of the index is %v", info.Mode())
	}
}

func TestVersionsOrder(t *testing.T) {
	inv := Open(t.TempDir(), options)
	publish(t, inv, "demo/hello-v1", "demo/hello-v10", "demo/hello-v1.0", "demo/hello-v2", "demo/hello-v1.10", "demo/hello-v1.2")
	got, err := inv.Versions(context.Background(), "demo", "hello")
	want := []release.Version{"10", "2", "1.10", "1.2", "1.0", "1"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Versions = %v, %v, want %v", got, err, want)
	}
}
