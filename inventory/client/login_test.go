package client_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/inventory/servertest"
)

var quiet = log.New(io.Discard, "", 0)

// stored are options with secrets that were meant for some other call.
func stored(url string) client.Options {
	return client.Options{URL: url, Token: "stored-token", Username: "stored-user", Password: "stored-password", Pause: noPause}
}

// TestLoginMethods: every answer that the original knows, and that no stored secret is sent to get it.
func TestLoginMethods(t *testing.T) {
	reply := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.RequestURI != "/api/v1/auth/login-methods" || r.Method != http.MethodGet {
				t.Errorf("asked for %s %s", r.Method, r.RequestURI)
			}
			for name, values := range r.Header {
				if strings.Contains(strings.Join(values, " "), "stored") || name == "Authorization" || name == "X-Escape-Token" {
					t.Errorf("sent %s: %q", name, values)
				}
			}
			for i := 0; i < len(header); i += 2 {
				w.Header().Add(header[i], header[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	const begin = "Couldn't get authentication methods from server, because the Inventory at 'S' "
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    []client.Method
		err     string
	}{
		{"not there", reply(404, ""), nil, ""},
		{"null", reply(200, "null"), nil, ""},
		{"two", reply(200, `{"token":{"type":"secret-token","url":"http://x/auth"},"google":{"type":"oauth","url":"/in","redeem-token":"RT","redeem-url":"http://x/r?a=b"}}`),
			[]client.Method{{"google", "oauth", "S/in", "RT", "http://x/r?a=b"}, {Name: "token", Type: "secret-token", URL: "http://x/auth"}}, ""},
		{"basic without address", reply(201, `{"b":{"type":"basic-auth"}}`), []client.Method{{Name: "b", Type: "basic-auth", URL: "S"}}, ""},
		{"basic", reply(401, "", "WWW-Authenticate", "Negotiate", "WWW-Authenticate", `Basic realm="escape"`),
			[]client.Method{{Name: "Basic Authentication", Type: "basic-auth", URL: "S"}}, ""},
		{"none to choose", reply(200, "{}"), nil, begin + "asks for authentication, but offers no method."},
		{"other challenge", reply(401, "no\n", "WWW-Authenticate", "Bearer"), nil, begin + "responded with status code 401: no"},
		{"bad request", reply(400, "why"), nil, begin + "says there's a problem with the request: why"},
		{"forbidden", reply(403, "why"), nil, begin + "responded with status code 403: why"},
		{"error", reply(500, "why"), nil, begin + "responded with a server-side error code. Please try again or contact an administrator if the problem persists."},
		{"no JSON", reply(200, "<html>"), nil, "invalid character '<' looking for beginning of value"},
	} {
		server := serve(t, test.handler)
		got, err := client.LoginMethods(context.Background(), stored(server.URL))
		at := func(s string) string { return strings.Replace(s, "S", server.URL, 1) }
		if test.err != "" {
			if err == nil || err.Error() != at(test.err) {
				t.Errorf("%s:\n got %v\nwant %s", test.name, err, at(test.err))
			}
			continue
		}
		for i := range test.want {
			test.want[i].URL = at(test.want[i].URL)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
	}
}

// TestLoginWithoutScheme: addresses that lack one are explained.
func TestLoginWithoutScheme(t *testing.T) {
	for url, want := range map[string]string{
		"nonsense":       `Get "nonsense/api/v1/auth/login-methods": unsupported protocol scheme ""`,
		"127.0.0.1:7770": `parse "127.0.0.1:7770/api/v1/auth/login-methods": first path segment in URL cannot contain colon`,
		"localhost:7770": `Get "localhost:7770/api/v1/auth/login-methods": unsupported protocol scheme "localhost"`,
	} {
		_, err := client.LoginMethods(context.Background(), client.Options{URL: url, Pause: noPause})
		e := code(t, err, inventory.Unavailable)
		if e.Message != "Couldn't get authentication methods from server, because the Inventory at '"+url+"' could not be reached: "+want ||
			e.Hint != "the address needs a scheme, as in https://"+url {
			t.Errorf("%s: %v (hint %q)", url, e, e.Hint)
		}
	}
	_, err := client.LoginMethods(context.Background(), client.Options{URL: "ftp://x", Pause: noPause})
	if e := code(t, err, inventory.Unavailable); e.Hint != "the address of an Inventory begins with https:// or http://" {
		t.Errorf("hint %q", e.Hint)
	}
}

// TestLoginBasic: what was typed is sent, and nothing that was stored.
func TestLoginBasic(t *testing.T) {
	fake := &servertest.Server{Username: "me", Password: "a:b"}
	server := serve(t, fake)
	ctx := context.Background()
	methods, err := client.LoginMethods(ctx, stored(server.URL))
	if err != nil || len(methods) != 1 {
		t.Fatal(methods, err)
	}
	if err := client.LoginBasic(ctx, stored(server.URL), methods[0], "me", "a:b"); err != nil {
		t.Error(err)
	}
	err = client.LoginBasic(ctx, stored(server.URL), methods[0], "me", "")
	if e := code(t, err, inventory.Unauthorized); e.Message != "Couldn't login to the Inventory, because the username or password was incorrect." {
		t.Error(e)
	}
	r := fake.Requests()[1]
	if user, password, _ := (&http.Request{Header: r.Header}).BasicAuth(); r.URI != "/" || user != "me" || password != "a:b" ||
		len(r.Header["X-Escape-Token"]) != 1 || r.Header.Get("X-Escape-Token") != "" {
		t.Errorf("sent %s %v", r.URI, r.Header)
	}
	checkLoginFailures(t, func(o client.Options, m client.Method) error {
		return client.LoginBasic(ctx, o, m, "me", "typed")
	})
}

// TestLoginSecret: the token comes in a header.
func TestLoginSecret(t *testing.T) {
	fake := &servertest.Server{Token: "tok", Secrets: map[string]string{"me": "pw"}}
	server := serve(t, fake)
	ctx := context.Background()
	m := client.Method{Type: client.SecretToken, URL: server.URL + "/auth/secret"}
	if token, err := client.LoginSecret(ctx, stored(server.URL), m, "me", "pw"); token != "tok" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
	_, err := client.LoginSecret(ctx, stored(server.URL), m, "me", "no")
	code(t, err, inventory.Unauthorized)
	if h := fake.Requests()[0].Header; h.Get("Authorization") != "" || h.Get("X-Escape-Token") != "" {
		t.Errorf("sent %v", h)
	}
	m.URL = server.URL + "/elsewhere"
	fake.Hook = func(http.ResponseWriter, *http.Request) bool { return true }
	_, err = client.LoginSecret(ctx, stored(server.URL), m, "me", "pw")
	if e := code(t, err, inventory.Unavailable); e.Message != "Couldn't login to the Inventory, because the Inventory at '"+m.URL+"' sent no token." {
		t.Error(e)
	}
	checkLoginFailures(t, func(o client.Options, m client.Method) error {
		_, err := client.LoginSecret(ctx, o, m, "me", "typed")
		return err
	})
}

// checkLoginFailures checks what both ways to send a password have in common.
func checkLoginFailures(t *testing.T, login func(o client.Options, m client.Method) error) {
	t.Helper()
	const begin = "Couldn't login to the Inventory, because the Inventory at 'S/in' "
	for status, want := range map[int]string{
		400: begin + "says there's a problem with the request: why",
		401: "Couldn't login to the Inventory, because the username or password was incorrect.",
		403: begin + "responded with status code 403: why",
		404: begin + "responded with status code 404: why",
		500: begin + "responded with a server-side error code. Please try again or contact an administrator if the problem persists.",
	} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, "why")
		}))
		err := login(stored(server.URL), client.Method{URL: server.URL + "/in"})
		if want := strings.Replace(want, "S/", server.URL+"/", 1); err == nil || err.Error() != want {
			t.Errorf("%d\n got %v\nwant %s", status, err, want)
		}
	}
	thief := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Errorf("another server got %s %v", r.Method, r.Header) }))
	for _, status := range []int{302, 307} {
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL+"/", status) }))
		if e := code(t, login(stored(server.URL), client.Method{URL: server.URL}), inventory.Unavailable); !strings.Contains(e.Hint, thief.URL) {
			t.Errorf("hint %q", e.Hint)
		}
	}
	code(t, login(stored("https://inventory.test"), client.Method{URL: thief.URL}), inventory.Invalid)
	server := httptest.NewServer(nil)
	server.Close()
	if err := login(stored(server.URL), client.Method{URL: server.URL}); err == nil ||
		!strings.HasPrefix(err.Error(), "Couldn't login to the Inventory, because the Inventory at '"+server.URL+"' could not be reached: ") {
		t.Error(err)
	}
}

// TestRedeemOAuth waits for somebody to log in, but not for ever.
func TestRedeemOAuth(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		name    string
		unready int
		query   string
		token   string
		pauses  int
		err     string
	}{
		{"at once", 0, "", "tok", 0, ""},
		{"after a while", 12, "?redeem-token=old&x=1", "tok", 12, ""},
		{"never", 99, "", "tok", 24, "Couldn't retrieve token from server: nobody logged in with the browser in time"},
		{"no token", 0, "", "", 0, "Couldn't retrieve token from server: it answered with something else"},
		{"a page", 0, "", "<p>log in</p>", 0, "Couldn't retrieve token from server: it answered with something else"},
	} {
		fake := &servertest.Server{Token: test.token, Redeem: "a&b=c", Unready: test.unready}
		server := serve(t, fake)
		p := &recorder{}
		o := stored(server.URL)
		o.Pause = p.pause
		got, err := client.RedeemOAuth(ctx, o, client.Method{URL: "unused", RedeemToken: "a&b=c", RedeemURL: server.URL + "/auth/redeem" + test.query})
		if test.err != "" && (err == nil || err.Error() != test.err) || test.err == "" && (err != nil || got != test.token) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
		if len(p.pauses) != test.pauses {
			t.Errorf("%s: %d pauses, want %d", test.name, len(p.pauses), test.pauses)
		}
		if test.pauses == 24 && (p.pauses[4] != time.Second || p.pauses[5] != 2*time.Second || p.pauses[10] != 4*time.Second) {
			t.Errorf("pauses %v", p.pauses)
		}
		for _, r := range fake.Requests() {
			if r.Header.Get("Authorization") != "" || r.Header.Get("X-Escape-Token") != "" {
				t.Errorf("%s: sent %v", test.name, r.Header)
			}
		}
	}
	server := serve(t, &servertest.Server{Redeem: "right"})
	_, err := client.RedeemOAuth(ctx, stored(server.URL), client.Method{RedeemToken: "wrong", RedeemURL: server.URL + "/auth/redeem"})
	if code(t, err, inventory.Invalid); err.Error() != "Couldn't retrieve token from server. Got status code 400" {
		t.Error(err)
	}
	server.Close()
	_, err = client.RedeemOAuth(ctx, stored(server.URL), client.Method{RedeemToken: "secret", RedeemURL: server.URL + "/auth/redeem"})
	if code(t, err, inventory.Unavailable); !strings.HasPrefix(err.Error(), "Couldn't retrieve token from server: Get ") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(ctx)
	o := stored(serve(t, &servertest.Server{Redeem: "x", Unready: 1}).URL)
	o.Pause = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	if _, err := client.RedeemOAuth(stopped, o, client.Method{RedeemToken: "x", RedeemURL: o.URL + "/auth/redeem"}); err == nil {
		t.Error("not stopped")
	}
}
