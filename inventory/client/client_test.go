package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/inventory/servertest"
	"escape.build/escape/lang/release"
)

// serve starts a server which ends with the test.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// noPause does not wait.
func noPause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func open(url string) *client.Client { return client.New(client.Options{URL: url, Pause: noPause}) }

func id(t *testing.T, s string) release.ID {
	t.Helper()
	id, err := release.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func metadata(namespace, name, version string) *release.Metadata {
	m := release.New()
	m.Project, m.Name, m.Version, m.Description = namespace, name, version, "v <"+version+">"
	return m
}

// archive writes a file to publish and returns its path.
func archive(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lib-v0.1.0.tgz")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// code checks what kind of failure err is.
func code(t *testing.T, err error, want inventory.ErrorCode) *inventory.Error {
	t.Helper()
	var e *inventory.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v, want an error with code %s", err, want)
	}
	return e
}

// TestInventory plays the life of a package.
func TestInventory(t *testing.T) {
	fake := &servertest.Server{}
	c := open(serve(t, fake).URL)
	ctx := context.Background()
	if v, err := c.NextVersion(ctx, "wire", "lib", "0.1."); v != "0.1.0" || err != nil {
		t.Fatalf("first version: %s, %v", v, err)
	}
	for _, v := range []string{"0.1.9", "0.1.10", "0.1.0"} {
		if err := c.Publish(ctx, metadata("wire", "lib", v), archive(t, "package "+v)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Publish(ctx, metadata("_", "lib", "1"), archive(t, "")); err != nil {
		t.Fatal(err)
	}
	if v, err := c.NextVersion(ctx, "wire", "lib", "0.1."); v != "0.1.11" || err != nil {
		t.Errorf("next version: %s, %v", v, err)
	}
	if got, err := c.Namespaces(ctx); err != nil || !slices.Equal(got, []string{"_", "wire"}) {
		t.Errorf("namespaces: %q, %v", got, err)
	}
	if got, err := c.Packages(ctx, "wire"); err != nil || !slices.Equal(got, []string{"lib"}) {
		t.Errorf("packages: %q, %v", got, err)
	}
	if got, err := c.Versions(ctx, "wire", "lib"); err != nil || !slices.Equal(got, []release.Version{"0.1.10", "0.1.9", "0.1.0"}) {
		t.Errorf("versions: %q, %v", got, err)
	}
	if err := c.Tag(ctx, id(t, "wire/lib-v0.1.9"), "ci"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Tags(ctx, "wire", "lib"); err != nil || got != nil {
		t.Errorf("tags: %q, %v", got, err)
	}
	for query, want := range map[string]string{"wire/lib-latest": "0.1.10", "wire/lib-v0.1.@": "0.1.10", "wire/lib-v0.1.9": "0.1.9", "wire/lib:ci": "0.1.9", "lib-latest": "1"} {
		m, err := c.Metadata(ctx, id(t, query))
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff(metadata(m.Project, "lib", want), m); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	var got bytes.Buffer
	if err := c.Download(ctx, id(t, "wire/lib-v0.1.9"), &got); err != nil || got.String() != "package 0.1.9" {
		t.Errorf("download: %q, %v", &got, err)
	}
	code(t, c.Publish(ctx, metadata("wire", "lib", "0.1.9"), archive(t, "other")), inventory.Conflict)
	if a := fake.Archive(id(t, "wire/lib-v0.1.9")); string(a) != "package 0.1.9" {
		t.Errorf("publishing again replaced the package with %q", a)
	}
	if _, err := c.Metadata(ctx, id(t, "wire/lib:no")); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("unknown tag: %v", err)
	}
}

// TestTags: servers that tell no tags, as those of the original, have none.
func TestTags(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   []string
		code   inventory.ErrorCode
	}{
		{200, `{"stable": {}, "ci": {"version": "1.0"}}`, []string{"ci", "stable"}, ""},
		{200, `{}`, nil, ""},
		{405, "", nil, ""},
		{404, "", nil, ""},
		{403, "", nil, inventory.Forbidden},
		{200, `[]`, nil, inventory.Unavailable},
	} {
		s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/api/v1/inventory/wire/units/lib/tags/" {
				t.Errorf("asked %s %s", r.Method, r.URL)
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		got, err := open(s.URL).Tags(context.Background(), "wire", "lib")
		if c.code != "" {
			code(t, err, c.code)
		} else if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%d %s: tags are %q, %v; want %q", c.status, c.body, got, err, c.want)
		}
	}
}

// TestWire: routes, headers and bodies are those that old servers know.
func TestWire(t *testing.T) {
	var seen []string
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		text := body.String()
		if _, boundary, ok := strings.Cut(r.Header.Get("Content-Type"), "boundary="); ok {
			text = strings.ReplaceAll(text, boundary, "B")
			r.Header.Set("Content-Type", strings.ReplaceAll(r.Header.Get("Content-Type"), boundary, "B"))
			if r.ContentLength != int64(body.Len()) {
				t.Errorf("length of the upload: %d, want %d", r.ContentLength, body.Len())
			}
		}
		token, ok := r.Header["X-Escape-Token"]
		seen = append(seen, fmt.Sprintf("%s %s %q%t %s %s %q", r.Method, r.RequestURI, token, ok, r.Header.Get("Content-Type"), r.UserAgent(), text))
		w.Write([]byte("{}"))
	}))
	ctx := context.Background()
	c := client.New(client.Options{URL: server.URL + "/sub", UserAgent: "escape/1", Pause: noPause})
	if got, want := c.Location(), server.URL+"/sub/"; got != want {
		t.Errorf("location %s, want %s", got, want)
	}
	_, _ = c.Metadata(ctx, id(t, "wire/lib-v0.1.@"))
	_, _ = c.NextVersion(ctx, "_", "lib", "0.1.")
	_, _ = c.NextVersion(ctx, "a b/c?d%", "é", "")
	_, _ = c.Namespaces(ctx)
	_, _ = c.Packages(ctx, "wire")
	_, _ = c.Versions(ctx, "wire", "lib")
	_ = c.Download(ctx, id(t, "wire/lib-v1.0"), &bytes.Buffer{})
	_ = c.Tag(ctx, id(t, "lib-latest"), `a"<b`)
	_ = c.Publish(ctx, metadata("wire", "lib", "1"), archive(t, "bytes"))
	const head, tail = ` [""]true application/json escape/1 `, `""`
	want := []string{
		"GET /sub/api/v1/inventory/wire/units/lib/versions/v0.1.@/" + head + tail,
		"GET /sub/api/v1/inventory/_/units/lib/next-version?prefix=0.1." + head + tail,
		"GET /sub/api/v1/inventory/a%20b%2Fc%3Fd%25/units/%C3%A9/next-version?prefix=" + head + tail,
		"GET /sub/api/v1/inventory/" + head + tail,
		"GET /sub/api/v1/inventory/wire/units/" + head + tail,
		"GET /sub/api/v1/inventory/wire/units/lib/" + head + tail,
		"GET /sub/api/v1/inventory/wire/units/lib/versions/v1.0/download" + head + tail,
		"POST /sub/api/v1/inventory/_/units/lib/tags/" + head + `"{\"release_id\":\"_/lib-latest\",\"tag\":\"a\\\"\\u003cb\"}"`,
		"POST /sub/api/v1/inventory/wire/register" + head + fmt.Sprintf("%q", metadata("wire", "lib", "1").EncodeCompact()),
		`POST /sub/api/v1/inventory/wire/units/lib/versions/v1/upload [""]true multipart/form-data; boundary=B escape/1 ` +
			`"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lib-v0.1.0.tgz\"\r\nContent-Type: application/octet-stream\r\n\r\nbytes\r\n--B--\r\n"`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// calls are all operations, by the beginning of their messages.
var calls = []struct {
	what    string
	do      func(ctx context.Context, c *client.Client, t *testing.T) error
	shown   string // what 403 calls the release; "" if it speaks of the project
	missing string // how 404 ends; "" if like any other status
	plain   bool   // only 400 has a message of its own
	bare    bool   // transport failures have no beginning
}{
	{"Couldn't get release metadata for 'wire/lib-v1'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		_, err := c.Metadata(ctx, id(t, "wire/lib-v1"))
		return err
	}, "wire/lib-v1", ", because the release metadata could not be found in the Inventory at 'S'. You probably need to release the 'wire/lib-v1' package first.", false, false},
	{"Couldn't get release metadata for 'lib:ci'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		_, err := c.Metadata(ctx, id(t, "_/lib:ci"))
		return err
	}, "lib:ci", ", because the release metadata could not be found in the Inventory at 'S'. You probably need to release the 'lib:ci' package first.", false, false},
	{"Couldn't resolve next version for '_/lib-v1.'", func(ctx context.Context, c *client.Client, _ *testing.T) error {
		_, err := c.NextVersion(ctx, "_", "lib", "1.")
		return err
	}, "lib-v1.@", "", false, false},
	{"Couldn't list projects", func(ctx context.Context, c *client.Client, _ *testing.T) error {
		_, err := c.Namespaces(ctx)
		return err
	}, "", "", false, false},
	{"Couldn't list applications for project 'wire'", func(ctx context.Context, c *client.Client, _ *testing.T) error {
		_, err := c.Packages(ctx, "wire")
		return err
	}, "", ", because the project 'wire' could not be found in the Inventory at 'S'.", false, false},
	{"Couldn't list versions for application 'lib' in project 'wire'", func(ctx context.Context, c *client.Client, _ *testing.T) error {
		_, err := c.Versions(ctx, "wire", "lib")
		return err
	}, "", ", because the project 'wire' or application 'lib' could not be found in the Inventory at 'S'.", false, false},
	{"Couldn't download release 'lib-v1'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		return c.Download(ctx, id(t, "lib-v1"), &bytes.Buffer{})
	}, "", ", because the package could not be found in the Inventory at 'S'", false, false},
	{"Couldn't register release '_/lib-v1'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		return c.Publish(ctx, metadata("_", "lib", "1"), archive(t, ""))
	}, "", ", because the project '_' could not be found in the Inventory at 'S'.", false, false},
	{"Couldn't upload release 'wire/lib-v1'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		return c.Publish(ctx, metadata("wire", "lib", "1"), archive(t, ""))
	}, "", ", because the project 'wire' could not be found in the Inventory at 'S'.", false, true},
	{"Couldn't tag '_/lib-v1' with 'ci'", func(ctx context.Context, c *client.Client, t *testing.T) error {
		return c.Tag(ctx, id(t, "lib-v1"), "ci")
	}, "", "", true, true},
}

// TestStatuses: every call says what the original said, for every status.
func TestStatuses(t *testing.T) {
	for _, call := range calls {
		for status, want := range map[int]struct {
			text string
			code inventory.ErrorCode
		}{
			400: {", because the Inventory at 'S' says there's a problem with the request: <body>", inventory.Invalid},
			401: {"You don't have a valid authentication token for the Inventory at S. Use `escape login --url S` to login.", inventory.Unauthorized},
			402: {", because the Inventory at 'S' responded with status code 402: <body>", inventory.Invalid},
			403: {", because you don't have permissions to view this project in the Inventory at 'S'. Please ask an administrator for access.", inventory.Forbidden},
			404: {call.missing, inventory.NotFound},
			409: {", because the Inventory at 'S' responded with status code 409: <body>", inventory.Conflict},
			429: {", because the Inventory at 'S' responded with status code 429: <body>", inventory.Unavailable},
			500: {", because the Inventory at 'S' responded with a server-side error code. Please try again or contact an administrator if the problem persists.", inventory.Unavailable},
			503: {", because the Inventory at 'S' responded with status code 503: <body>", inventory.Unavailable},
		} {
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(call.what, "Couldn't upload") && strings.HasSuffix(r.URL.Path, "/register") {
					return
				}
				w.WriteHeader(status)
				w.Write([]byte("<body>\x1b\n"))
			}))
			text := want.text
			other := fmt.Sprintf(", because the Inventory at 'S' responded with status code %d: <body>", status)
			switch {
			case call.plain && status != 400, status == 404 && text == "":
				text = other
			case status == 403 && call.shown != "":
				text = ", because you don't have permission to view the '" + call.shown + "' release in the Inventory at 'S'. Please ask an administrator for access."
			}
			if strings.HasPrefix(text, ",") {
				text = call.what + text
			}
			text = strings.NewReplacer(" S.", " "+server.URL+"/.", " S`", " "+server.URL+"/`", "'S'", "'"+server.URL+"/'").Replace(text)
			err := call.do(context.Background(), open(server.URL), t)
			if err == nil || err.Error() != text {
				t.Errorf("%d\n got %v\nwant %s", status, err, text)
				continue
			}
			e := code(t, err, want.code)
			if call.plain && status == 401 && !strings.Contains(e.Hint, "escape login --url "+server.URL) {
				t.Errorf("%s, 401: hint %q", call.what, e.Hint)
			}
		}
	}
}

// TestNoServer: what is said if nobody listens.
func TestNoServer(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	for _, call := range calls {
		if strings.HasPrefix(call.what, "Couldn't upload") {
			continue // it does not come to that
		}
		begin := call.what + ", because the Inventory at '" + server.URL + "/' could not be reached: "
		if call.bare {
			begin = ""
		}
		err := call.do(context.Background(), open(server.URL), t)
		if err == nil || !strings.HasPrefix(err.Error(), begin+"Get ") && !strings.HasPrefix(err.Error(), begin+"Post ") || !strings.Contains(err.Error(), "refused") {
			t.Errorf("got %v, want it to begin with %s", err, begin)
			continue
		}
		code(t, err, inventory.Unavailable)
	}
}

// TestAnyGoodStatus: whatever says that it went well, did.
func TestAnyGoodStatus(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204} {
		c := open(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })).URL)
		ctx := context.Background()
		if err := errors.Join(c.Publish(ctx, metadata("wire", "lib", "1"), archive(t, "")), c.Tag(ctx, id(t, "wire/lib-v1"), "ci")); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestStrangeAnswers: what comes with a good status may still be anything.
func TestStrangeAnswers(t *testing.T) {
	web := "<html>\nlog in\n</html>"
	newer := strings.Replace(string(metadata("wire", "lib", "1").EncodeCompact()), `"api_version":15`, `"api_version":16`, 1)
	for _, c := range []struct {
		call   int
		answer string
		want   string
		hint   string
	}{
		{0, web, "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: Couldn't unmarshal JSON release metadata: invalid character '<' looking for beginning of value", ""},
		{0, "null", "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: Missing release metadata", ""},
		{0, "{}", "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: Missing name field in release metadata", ""},
		{0, newer, "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: The release metadata is compiled with a version of Escape targetting API version v16, but this build supports up to v15", ""},
		{0, string(metadata("wire", "lib", "2").EncodeCompact()), "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: it is that of 'lib-v2'", ""},
		{0, string(metadata("wire", "other", "1").EncodeCompact()), "The Inventory returned release metadata for 'wire/lib-v1' that could not be understood: it is that of 'other-v1'", ""},
		{0, string(metadata("elsewhere", "lib", "1").EncodeCompact()), "", ""},
		{1, "{}", "The Inventory returned release metadata for '_/lib-ci' that could not be understood: Missing name field in release metadata", ""},
		{2, "1.7\n", "", ""},
		{2, web, "Couldn't resolve next version for '_/lib-v1.', because the Inventory at 'S' answered '" + web + "', which is no such version", ""},
		{2, "2.0", "Couldn't resolve next version for '_/lib-v1.', because the Inventory at 'S' answered '2.0', which is no such version", ""},
		{2, strings.Repeat("é", 3000), "Couldn't resolve next version for '_/lib-v1.', because the Inventory at 'S' answered '" + strings.Repeat("é", 1000) + "…', which is no such version", ""},
		{3, web, "invalid character '<' looking for beginning of value", "S did not answer with a list of projects"},
		{3, "[]", "json: cannot unmarshal array into Go value of type map[string]json.RawMessage", "S did not answer with a list of projects"},
		{3, "null", "", ""},
		{4, "", "unexpected end of JSON input", "S did not answer with a list of applications"},
		{5, "{}", "Couldn't list versions for application 'lib' in project 'wire', because the Inventory at 'S' answered without a list of versions.", ""},
		{5, `{"versions":null}`, "Couldn't list versions for application 'lib' in project 'wire', because the Inventory at 'S' answered without a list of versions.", ""},
		{5, `{"versions":[]}`, "", ""},
		{5, `{"versions":[1]}`, "json: cannot unmarshal number into Go struct field .versions of type release.Version", "S did not answer with a list of versions"},
	} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(c.answer)) }))
		err := calls[c.call].do(context.Background(), open(server.URL), t)
		at := func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, "'S'", "'"+server.URL+"/'"), "S did", server.URL+"/ did")
		}
		switch {
		case c.want == "":
			if err != nil {
				t.Errorf("%q: %v", c.answer, err)
			}
		case err == nil || err.Error() != at(c.want):
			t.Errorf("%q\n got %v\nwant %s", c.answer, err, at(c.want))
		default:
			if e := code(t, err, inventory.Unavailable); !strings.HasPrefix(e.Hint, at(c.hint)) {
				t.Errorf("%q: hint %q", c.answer, e.Hint)
			}
		}
	}
}

// TestNames: what no server can be asked for is not asked.
func TestNames(t *testing.T) {
	c := open(serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })).URL)
	ctx := context.Background()
	_, err := c.Packages(ctx, "..")
	if code(t, err, inventory.Invalid); err.Error() != "Couldn't list applications for project '..', because '..' is not a name." {
		t.Error(err)
	}
	_, err = c.Versions(ctx, "wire", "")
	code(t, err, inventory.Invalid)
	_, err = c.Metadata(ctx, id(t, "lib:.."))
	code(t, err, inventory.Invalid)
	code(t, c.Download(ctx, id(t, "lib-latest"), &bytes.Buffer{}), inventory.Invalid)
	if err := c.Publish(ctx, metadata("wire", "lib", "1"), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no archive: %v", err)
	}
	if err := c.Publish(ctx, metadata("wire", "lib", "1"), t.TempDir()); err == nil {
		t.Error("a folder was published")
	}
}

// TestCredentials: basic authentication needs a password; a token loses the line break old clients stored with it.
func TestCredentials(t *testing.T) {
	fake := &servertest.Server{Username: "me", Password: "a:b", Token: "tok"}
	url := serve(t, fake).URL
	ctx := context.Background()
	if _, err := client.New(client.Options{URL: url, Token: "tok\n", Username: "me", Password: "a:b"}).Namespaces(ctx); err != nil {
		t.Error(err)
	}
	_, err := client.New(client.Options{URL: url, Token: "tok", Username: "me"}).Namespaces(ctx)
	code(t, err, inventory.Unauthorized)
	_, err = client.New(client.Options{URL: url, Token: "bad", Username: "me", Password: "a:b"}).Namespaces(ctx)
	code(t, err, inventory.Unauthorized)
	requests := fake.Requests()
	if h := requests[1].Header; h.Get("Authorization") != "" {
		t.Errorf("sent %q without a password", h.Get("Authorization"))
	}
	if got := client.New(client.Options{URL: "http://me:pw@x"}).Location(); strings.Contains(got, "pw") {
		t.Errorf("the location shows a password: %s", got)
	}
}

func TestReleaseURL(t *testing.T) {
	c := client.New(client.Options{URL: "https://me:secret@inventory.example.org/sub"})
	for id, want := range map[string]string{
		"wire/lib-v1.0":    "https://inventory.example.org/sub/api/v1/inventory/wire/units/lib/versions/v1.0/",
		"lib-latest":       "https://inventory.example.org/sub/api/v1/inventory/_/units/lib/versions/latest/",
		"wire/lib:staging": "https://inventory.example.org/sub/api/v1/inventory/wire/units/lib/versions/staging/",
	} {
		parsed, err := release.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ReleaseURL(parsed); got != want {
			t.Errorf("ReleaseURL(%s) = %q, want %q", id, got, want)
		}
	}
}
