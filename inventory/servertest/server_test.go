package servertest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"escape.build/escape/inventory/servertest"
	"escape.build/escape/lang/release"
)

// TestServer checks what the client of this repository does not try: answers to wrong requests.
func TestServer(t *testing.T) {
	fake := &servertest.Server{Methods: map[string]servertest.Method{"b": {Type: "basic-auth", URL: "$URL/"}}}
	m := release.New()
	m.Project, m.Name, m.Version = "wire", "lib", "1.0"
	fake.Add(m, []byte("old"))
	server := httptest.NewServer(fake)
	defer server.Close()
	upload := "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nnew\r\n--B--\r\n"
	for _, c := range []struct {
		method, uri, body string
		status            int
		want              string // "" if any body will do
	}{
		{"GET", "/", "", 200, ""},
		{"GET", "/api/v1/auth/login-methods", "", 200, `{"b":{"type":"basic-auth","url":"` + server.URL + `/"}}`},
		{"GET", "/api/v1/inventory", "", 404, "404 page not found"},
		{"DELETE", "/api/v1/inventory/", "", 404, "404 page not found"},
		{"GET", "/api/v1/inventory/none/units/", "", 404, ""},
		{"GET", "/api/v1/inventory/wire/units/none/", "", 404, ""},
		{"GET", "/api/v1/inventory/none/units/none/next-version?prefix=1.", "", 200, "1.0"},
		{"POST", "/api/v1/inventory/wire/register", "null", 400, "Missing release metadata"},
		{"POST", "/api/v1/inventory/wire/register", `{"name":"lib","version":"1.0"}`, 400, "Release lib-v1.0 already exists"},
		{"POST", "/api/v1/inventory/Bad/register", `{"name":"lib","version":"1.0"}`, 400, "Invalid name 'Bad'"},
		{"POST", "/api/v1/inventory/wire/units/lib/versions/v1.0/upload", "", 400, "request Content-Type isn't multipart/form-data"},
		{"POST", "/api/v1/inventory/wire/units/lib/versions/latest/upload", upload, 400, "Can't upload package against unresolved version 'wire/lib-latest'"},
		{"POST", "/api/v1/inventory/wire/units/lib/versions/1.0/upload", upload, 400, "Invalid version string in release ID 'lib-1.0': '1.0' is not a valid version."},
		{"POST", "/api/v1/inventory/wire/units/lib/versions/v9/upload", upload, 404, ""},
		{"POST", "/api/v1/inventory/wire/units/lib/versions/v1.0/upload", upload, 409, "Resource already exists"},
		{"GET", "/api/v1/inventory/wire/units/lib/versions/latest/download", "", 200, "new"},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", "", 400, "Invalid JSON"},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", `{}`, 400, "Invalid release format: ''."},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", `{"release_id":"wire/lib-v1.0","tag":"v1"}`, 400, "The tag 'v1' is invalid/not supported."},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", `{"release_id":"lib-v1.0","tag":"ci"}`, 400, "Mismatch between namespace from URL and namespace from release_id."},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", `{"release_id":"wire/lob-v1.0","tag":"ci"}`, 400, "Mismatch between application from URL and application from release_id."},
		{"POST", "/api/v1/inventory/wire/units/lib/tags/", `{"release_id":"wire/lib-v2","tag":"ci"}`, 404, ""},
	} {
		req, err := http.NewRequest(c.method, server.URL+c.uri, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.body == upload {
			req.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := strings.TrimSpace(string(body)); err != nil || resp.StatusCode != c.status || c.want != "" && got != c.want {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", c.method, c.uri, c.body, resp.StatusCode, got, c.status, c.want)
		}
	}
}
