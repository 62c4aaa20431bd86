package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"escape.build/escape/planner/state"
	"escape.build/escape/planner/state/remote"
	"escape.build/escape/planner/state/statetest"
	"github.com/google/go-cmp/cmp"
)

func TestStore(t *testing.T) {
	statetest.RunUnlocked(t, func(t *testing.T) func() state.Store {
		server := httptest.NewServer(&statetest.Server{Token: "t", Username: "u", Password: "p:w"})
		t.Cleanup(server.Close)
		return func() state.Store {
			return open(t, remote.Options{Server: server.URL, Token: "t", Username: "u", Password: "p:w"})
		}
	})
}

func open(t *testing.T, o remote.Options) *remote.Store {
	t.Helper()
	if o.Clock == nil {
		o.Clock = &clock{}
	}
	s, err := remote.Open("shop", "dev", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A clock does not wait, and notes how long it would have.
type clock struct{ waited []time.Duration }

var when = time.Date(2018, 11, 21, 20, 47, 49, 433567590, time.UTC)

func (*clock) Now() time.Time { return when }

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.waited = append(c.waited, d)
	now := make(chan time.Time, 1)
	now <- when
	return now
}

// start returns a session on what the server holds.
func start(t *testing.T, server *statetest.Server, o remote.Options) state.Session {
	t.Helper()
	h := httptest.NewServer(server)
	t.Cleanup(h.Close)
	o.Server = h.URL
	session, err := open(t, o).Lock(t.Context(), state.Request{Operation: "test"})
	if err != nil {
		t.Fatal(err)
	}
	server.Requests()
	return session
}

func at(path ...string) state.Address { return state.Address{Environment: "dev", Path: path} }

func put(code state.StatusCode, path ...string) state.Change {
	return state.PutStatus{Address: at(path...), Stage: state.DeployStage, Status: state.Status{Code: code, UpdatedAt: when}}
}

func commit(t *testing.T, s state.Session, changes ...state.Change) error {
	return s.Commit(t.Context(), state.Batch{Changes: changes})
}

// asked returns what the server was asked, one line each.
func asked(s *statetest.Server) string {
	var b strings.Builder
	for _, r := range s.Requests() {
		fmt.Fprintln(&b, strings.TrimSpace(r.Method+" "+r.URL+" "+r.Body))
	}
	return b.String()
}

// TestCalls compares what is sent with what the original sent.
func TestCalls(t *testing.T) {
	server := &statetest.Server{}
	s := start(t, server, remote.Options{})
	const url = "PUT /api/v1/state/shop/environments/dev/deployments/?deployment=acme%2Fwrap "
	inputs := map[string]any{"q": "<z>"}
	stage := func(inputs map[string]any) *state.Stage {
		return &state.Stage{Inputs: inputs, Status: state.Status{Code: state.Empty, UpdatedAt: when}}
	}
	pg := state.Address{Environment: "dev", Path: state.Path{"acme/wrap", "pg"}, RootStage: state.BuildStage}
	for _, step := range []struct {
		name    string
		changes []state.Change
		want    string
	}{
		{"root", []state.Change{state.PutStage{Address: at("acme/wrap"), Stage: state.DeployStage, Release: "acme/wrap", Value: stage(inputs)}},
			url + `{"path":"acme/wrap","root_stage":"","state":{"name":"acme/wrap","release":"acme/wrap","stages":{"deploy":{"inputs":{"q":"\u003cz\u003e"},"status":{"status":"empty","updated_at":"2018-11-21T20:47:49.43356759Z"}}}}}` + "\n"},
		{"sub-deployment", []state.Change{state.PutStage{Address: at("acme/wrap", "pg"), Stage: state.DeployStage, Release: "acme/pg", Value: stage(inputs)}},
			url + `{"path":"acme/wrap:pg","root_stage":"deploy","state":{"name":"pg","release":"acme/pg","stages":{"deploy":{"inputs":{"q":"\u003cz\u003e"},"status":{"status":"empty","updated_at":"2018-11-21T20:47:49.43356759Z"}}}}}` + "\n"},
		{"several changes of one node are one call",
			[]state.Change{state.PutStage{Address: pg, Stage: state.DeployStage, Value: stage(nil)}, state.AddRevision{Address: pg, Revision: state.Revision{Release: "acme/pg-v1"}}},
			url + `{"path":"acme/wrap:pg","root_stage":"build","state":{"name":"pg","release":"pg","stages":{"deploy":{"status":{"status":"empty","updated_at":"2018-11-21T20:47:49.43356759Z"}}},"revisions":[{"number":1,"release":"acme/pg-v1"}]}}` + "\n"},
		{"a new parent is sent with what is below",
			[]state.Change{state.PutStatus{Address: state.Address{Environment: "dev", Path: state.Path{"acme/wrap", "x", "y"}, RootStage: state.BuildStage},
				Stage: state.DeployStage, Status: state.Status{Code: state.OK, UpdatedAt: when}}},
			url + `{"path":"acme/wrap:x","root_stage":"build","state":{"name":"x","release":"x","stages":{"deploy":{"deployments":{"y":{"name":"y","release":"y","stages":{"deploy":{"status":{"status":"ok","updated_at":"2018-11-21T20:47:49.43356759Z"}}}}},"status":{"status":"empty","updated_at":"2018-11-21T20:47:49.43356759Z"}}}}}` + "\n"},
		{"what goes is left out of its parent", []state.Change{
			state.DeleteDeployment{Address: state.Address{Environment: "dev", Path: state.Path{"acme/wrap", "x", "y"}, RootStage: state.BuildStage}}},
			url + `{"path":"acme/wrap:x","root_stage":"build","state":{"name":"x","release":"x","stages":{"deploy":{"status":{"status":"empty","updated_at":"2018-11-21T20:47:49.43356759Z"}}}}}` + "\n"},
		{"a root that goes, twice", []state.Change{state.DeleteDeployment{Address: at("acme/wrap")}, state.DeleteDeployment{Address: at("acme/wrap")}},
			"DELETE /api/v1/state/shop/environments/dev/deployments/?deployment=acme%2Fwrap\n"},
		{"nothing", []state.Change{state.PutEnvironment{Environment: "dev"}}, ""},
	} {
		if err := commit(t, s, step.changes...); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, asked(server)); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
	if err := s.Commit(t.Context(), state.Batch{Events: []state.Event{{Kind: state.RunStarted}}}); err != nil || asked(server) != "" {
		t.Errorf("events: %v", err)
	}
}

func TestHeaders(t *testing.T) {
	server := &statetest.Server{}
	s := start(t, server, remote.Options{Token: " secret\n", Username: "ann", Password: "p:w", UserAgent: "escape/1"})
	if err := commit(t, s, put(state.OK, "a")); err != nil {
		t.Fatal(err)
	}
	plain := start(t, server, remote.Options{Username: "ann"})
	if err := commit(t, plain, put(state.OK, "a")); err != nil {
		t.Fatal(err)
	}
	for _, r := range server.Requests() {
		if got, ok := r.Header["X-Escape-Token"]; !ok || r.Header.Get("Authorization") != "" || got[0] != "" {
			t.Errorf("%s without credentials: %v", r.Method, r.Header)
		}
	}
	h := httptest.NewServer(server)
	defer h.Close()
	if _, err := open(t, remote.Options{Server: h.URL + "/", Token: "secret\n", Username: "ann", Password: "p:w", UserAgent: "escape/1"}).View(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := server.Requests()[0]
	if r.URL != "/api/v1/state/shop/environments/dev/?full=true" {
		t.Errorf("address %s", r.URL)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "X-Escape-Token": "secret",
		"Authorization": "Basic YW5uOnA6dw==", "User-Agent": "escape/1", "If-Match": ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, test := range []struct{ project, environment, server, want string }{
		{"x", "dev", "http://h", `The project name 'x' is not allowed. Expected a string matching /^[a-zA-Z0-9]+[a-zA-Z0-9-_]+$/`},
		{"shop/../x?y", "dev", "http://h", `The project name 'shop/../x?y' is not allowed. Expected a string matching /^[a-zA-Z0-9]+[a-zA-Z0-9-_]+$/`},
		{"shop", "Dev", "http://h", `The environment name 'Dev' is not allowed. Expected a string matching /^[a-z]+[a-z0-9-_]*$/`},
		{"shop", "dev", "", `the server for remote state has the address ""; it must be like https://escape.example.org`},
		{"shop", "dev", "ftp://h", `the server for remote state has the address "ftp://h"; it must be like https://escape.example.org`},
		{"shop", "dev", "host:80", `the server for remote state has the address "host:80"; it must be like https://escape.example.org`},
		{"shop", "dev", "https://h/base", "project shop at https://h/base/"},
		{"shop", "dev", "https://ann:secret@h", "project shop at https://ann:xxxxx@h/"},
	} {
		s, err := remote.Open(test.project, test.environment, remote.Options{Server: test.server})
		got := errText(err)
		if err == nil {
			got = s.Location()
		}
		if got != test.want {
			t.Errorf("Open(%q, %q) at %q: %s, want %s", test.project, test.environment, test.server, got, test.want)
		}
	}
}

// answering returns a server that answers everything after the given requests in one way.
func answering(after int, code int, body string, header ...string) *statetest.Server {
	n := 0
	return &statetest.Server{Fail: func(w http.ResponseWriter, r *http.Request) {
		if n++; n > after {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}}
}

func TestLoadErrors(t *testing.T) {
	for _, test := range []struct {
		code       int
		body, want string
		detail     string
	}{
		{401, "who are you", "Unauthorized", "`escape login --url "},
		{403, "", "Couldn't load environment state: 403 Forbidden", "permission"},
		{404, "404 page not found\n", "Couldn't load environment state: 404 Not Found", "without -r"},
		{500, "\x1b[31mno\a", "Couldn't load environment state: 500 Internal Server Error", "the server says:  [31mno"},
		{200, "", "unexpected end of JSON input", "line 1, column 1"},
		{200, "{]", "invalid character ']' looking for beginning of object key string", "line 1, column 2"},
		{200, "[]", "must be an object, but this is a list", ""},
		{200, "{} x", "invalid character 'x' after top-level value", ""},
		{200, `{"deployments": {"a:b": {}}}`, "The deployment name 'a:b' is not allowed. Expected a string matching /^[a-zA-Z_]+[a-zA-Z0-9-_/]*$/", `environment "dev", deployment "a:b"`},
		{200, `{"deployments": {"a": {"stages": {"x": {}}}}}`, "Invalid stage name 'x'. Expecting 'build' or 'deploy'.", `deployment "a", stage "x"`},
	} {
		h := httptest.NewServer(answering(0, test.code, test.body))
		store := open(t, remote.Options{Server: h.URL})
		_, err := store.View(t.Context())
		if fmt.Sprint(err) != test.want {
			t.Errorf("%d %q: %v, want %s", test.code, test.body, err, test.want)
		}
		var e *remote.Error
		if !errors.As(err, &e) || !strings.Contains(e.Hint, test.detail) {
			t.Errorf("%d %q: hint %q, want %q", test.code, test.body, e.Hint, test.detail)
		}
		if _, err := store.Lock(t.Context(), state.Request{}); fmt.Sprint(err) != test.want {
			t.Errorf("%d %q: lock: %v", test.code, test.body, err)
		}
		h.Close()
	}
}

func TestEmptyEnvironments(t *testing.T) {
	for _, test := range []struct {
		code int
		body string
	}{{200, "null\n"}, {200, "{}"}, {200, ` {"name": "other"}`}, {204, ""}} {
		s := start(t, answering(0, test.code, test.body), remote.Options{})
		if envs := s.State().Environments(); len(envs) != 0 || s.State().Project() != "shop" {
			t.Errorf("%d %q: environments %v", test.code, test.body, envs)
		}
	}
	s := start(t, answering(0, 200, `{"name": "other", "inputs": {"n": 1}, "deployments": {"a": {"name": "b", "stages": {"deploy": {"version": "1"}}}, "gone": null}}`), remote.Options{})
	text, err := s.State().Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
   "name": "shop",
   "environments": {
      "dev": {
         "name": "dev",
         "inputs": {
            "n": 1
         },
         "deployments": {
            "a": {
               "name": "a",
               "release": "a",
               "stages": {
                  "deploy": {
                     "version": "1",
                     "status": {
                        "status": "ok",
                        "updated_at": "2018-11-21T20:47:49.43356759Z"
                     }
                  }
               }
            }
         }
      }
   }
}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestSaveErrors(t *testing.T) {
	for _, test := range []struct {
		code             int
		body             string
		updated, deleted string
	}{
		{401, "Not Authorized\n", "Unauthorized", "Unauthorized"},
		{403, "", "Couldn't update deployment state (403 Forbidden).", "Couldn't delete deployment state (403 Forbidden)."},
		{404, "404 page not found\n", "Couldn't update deployment state (404 Not Found): 404 page not found.", "Couldn't delete deployment state (404 Not Found): 404 page not found."},
		{500, "oh no", "Couldn't update deployment state (500 Internal Server Error): oh no.", "Couldn't delete deployment state (500 Internal Server Error): oh no."},
		{412, "", "Couldn't update deployment state (412 Precondition Failed).", "Couldn't delete deployment state (412 Precondition Failed)."},
		{201, "", "", ""},
		{202, "later", "", ""},
		{204, "", "", ""},
	} {
		for _, change := range []state.Change{put(state.OK, "a"), state.DeleteDeployment{Address: at("a")}} {
			server := answering(3, test.code, test.body)
			s := start(t, server, remote.Options{})
			if err := commit(t, s, put(state.Failure, "a"), put(state.OK, "b")); err != nil {
				t.Fatal(err)
			}
			want := test.updated
			if _, ok := change.(state.DeleteDeployment); ok {
				want = test.deleted
			}
			err := commit(t, s, change)
			if got := errText(err); got != want {
				t.Errorf("%d %q: %s, want %s", test.code, test.body, got, want)
			}
			if errors.Is(err, state.ErrConflict) != (test.code == 412) {
				t.Errorf("%d: %v", test.code, err)
			}
			st, ok := s.State().Stage(at("a"), state.DeployStage)
			if want != "" && st.Status.Code != state.Failure || want == "" && ok && st.Status.Code != state.OK {
				t.Errorf("%d %q: the state has %q", test.code, test.body, st.Status.Code)
			}
			if n := len(server.Requests()); n != 3 {
				t.Errorf("%d: %d requests; a save must not be repeated", test.code, n)
			}
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestPartlySent: what was sent before a call that failed stays, and everything that cannot be sent is found before.
func TestPartlySent(t *testing.T) {
	server := &statetest.Server{Fail: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("deployment") == "b" {
			w.WriteHeader(http.StatusTeapot)
		}
	}}
	s := start(t, server, remote.Options{})
	if err := commit(t, s, put(state.OK, "a"), put(state.OK, "b"), put(state.OK, "c")); errText(err) != "Couldn't update deployment state (418 I'm a teapot)." {
		t.Error(err)
	}
	if names := s.State().Environment("dev").Names(); !cmp.Equal(names, []string{"a"}) {
		t.Errorf("the session knows %v", names)
	}
	if n := len(server.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
	other := state.Address{Environment: "prod", Path: state.Path{"x"}}
	for _, last := range []state.Change{
		state.PutStatus{Address: other, Stage: state.DeployStage, Status: state.Status{Code: state.OK}},
		state.DeleteDeployment{Address: other},
		state.PutEnvironment{Environment: "prod"},
		state.PutEnvironment{Environment: "dev", Inputs: map[string]any{"a": "b"}},
		state.DeleteEnvironment{Environment: "dev"},
		put(state.OK, "a b"),
		state.PutStage{Address: at("d"), Stage: state.DeployStage, Value: &state.Stage{Inputs: map[string]any{"f": func() {}}}},
		state.PutStage{Address: at("a", "d"), Stage: state.BuildStage, Value: &state.Stage{}},
	} {
		if err := commit(t, s, put(state.Failure, "a"), last); err == nil || !strings.HasSuffix(err.Error(), "; nothing was sent") {
			t.Errorf("%T: %v", last, err)
		}
	}
	if sent := asked(server); sent != "" {
		t.Errorf("sent: %s", sent)
	}
	if err := commit(t, s, state.DeleteEnvironment{Environment: "dev"}); err == nil {
		t.Error("the environment was removed")
	}
}

func TestRevisions(t *testing.T) {
	server := &statetest.Server{Revisions: true}
	s := start(t, server, remote.Options{})
	for i := range 3 {
		if err := commit(t, s, put(state.OK, "a")); err != nil {
			t.Fatal(err)
		}
		if got, want := server.Requests()[0].Header.Get("If-Match"), fmt.Sprintf("%q", fmt.Sprint("r", i)); got != want {
			t.Errorf("commit %d: If-Match %s, want %s", i, got, want)
		}
	}
	if err := server.Put("shop", "dev", `{"deployments": {"b": {}}}`); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Lost():
		t.Error("lost before anything happened")
	default:
	}
	err := commit(t, s, put(state.Failure, "a"))
	if !errors.Is(err, state.ErrConflict) || err.Error() != "Couldn't update deployment state (412 Precondition Failed): changed since \"r3\"." {
		t.Errorf("after a change by somebody else: %v", err)
	}
	<-s.Lost()
	server.Requests()
	if again := commit(t, s, put(state.Failure, "a")); !errors.Is(again, state.ErrConflict) || asked(server) != "" {
		t.Errorf("after the conflict: %v", again)
	}
	if st, _ := s.State().Stage(at("a"), state.DeployStage); st.Status.Code != state.OK {
		t.Errorf("the session knows %q", st.Status.Code)
	}
}

// TestUnknownRevision: a revision counts until the next change, and a weak one never.
func TestUnknownRevision(t *testing.T) {
	tags := []string{`"1"`, "", `W/"3"`, `"4"`, ""}
	n := 0
	server := &statetest.Server{Fail: func(w http.ResponseWriter, r *http.Request) {
		if tags[n] != "" {
			w.Header().Set("ETag", tags[n])
		}
		n++
	}}
	s := start(t, server, remote.Options{})
	for range 4 {
		if err := commit(t, s, put(state.OK, "a")); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range server.Requests() {
		got = append(got, r.Header.Get("If-Match"))
	}
	if diff := cmp.Diff([]string{`"1"`, "", "", `"4"`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadingIsTriedAgain(t *testing.T) {
	for _, test := range []struct {
		codes    []int
		requests int
		ok       bool
	}{
		{[]int{503, 200}, 2, true},
		{[]int{502, 429, 200}, 3, true},
		{[]int{504, 504, 504, 200}, 3, false},
		{[]int{500, 200}, 1, false},
		{[]int{404, 200}, 1, false},
		{[]int{-1, -1, 200}, 3, true},
	} {
		n := 0
		server := &statetest.Server{Fail: func(w http.ResponseWriter, r *http.Request) {
			code := test.codes[n]
			switch n++; {
			case code < 0:
				panic(http.ErrAbortHandler)
			case code != 200:
				w.WriteHeader(code)
			}
		}}
		h := httptest.NewServer(server)
		c := &clock{}
		_, err := open(t, remote.Options{Server: h.URL, Clock: c, Transport: &http.Transport{DisableKeepAlives: true}}).View(t.Context())
		if n != test.requests || (err == nil) != test.ok || len(c.waited) != test.requests-1 {
			t.Errorf("%v: %d requests, waited %v, error %v", test.codes, n, c.waited, err)
		}
		h.Close()
	}
}

// TestSlowServer: a server that does not answer in time is not asked again, and a caller who gives up does not wait.
func TestSlowServer(t *testing.T) {
	release := make(chan struct{})
	asked := make(chan struct{}, 10)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-release
	}))
	defer h.Close()
	defer close(release)
	store := open(t, remote.Options{Server: h.URL, Transport: &http.Transport{ResponseHeaderTimeout: time.Millisecond}})
	if _, err := store.View(t.Context()); err == nil || !strings.Contains(err.Error(), "timeout awaiting response headers") {
		t.Errorf("error %v", err)
	}
	if len(asked) > 1 {
		t.Errorf("asked %d times", len(asked))
	}
	for len(asked) > 0 {
		<-asked
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := open(t, remote.Options{Server: h.URL}).View(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	h := httptest.NewServer(nil)
	h.Close()
	c := &clock{}
	_, err := open(t, remote.Options{Server: h.URL, Clock: c}).View(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), `Get "`+h.URL+`/api/v1/state/shop/environments/dev/?full=true": dial tcp`) || len(c.waited) != 2 {
		t.Errorf("error %v, waited %v", err, c.waited)
	}
	gone := false
	server := &statetest.Server{Fail: func(http.ResponseWriter, *http.Request) {
		if gone {
			panic(http.ErrAbortHandler)
		}
	}}
	s := start(t, server, remote.Options{Transport: &http.Transport{DisableKeepAlives: true}})
	gone = true
	err = commit(t, s, put(state.OK, "a"))
	var e *remote.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Text, `Put "`) || !strings.Contains(e.Hint, "may have recorded it") {
		t.Errorf("error %v", err)
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestCertificate(t *testing.T) {
	h := httptest.NewUnstartedServer(&statetest.Server{})
	h.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the client
	h.StartTLS()
	defer h.Close()
	c := &clock{}
	if _, err := open(t, remote.Options{Server: h.URL, Clock: c}).View(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") || len(c.waited) > 0 {
		t.Errorf("unknown certificate: %v, waited %v", err, c.waited)
	}
	if _, err := open(t, remote.Options{Server: h.URL, InsecureSkipVerify: true}).View(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRedirects: reading follows them, without the token if they lead elsewhere; a save that is redirected has failed.
func TestRedirects(t *testing.T) {
	elsewhere := &statetest.Server{}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	server := &statetest.Server{Fail: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.RequestURI(), http.StatusFound)
	}}
	s := start(t, server, remote.Options{Token: "secret", Password: "p"})
	if r := elsewhere.Requests(); len(r) != 1 || r[0].Header.Get("X-Escape-Token") != "" || r[0].Header.Get("Authorization") != "" {
		t.Errorf("the other server got %v", r)
	}
	err := commit(t, s, put(state.OK, "a"))
	var e *remote.Error
	if !errors.As(err, &e) || e.Status != http.StatusFound || !strings.Contains(e.Hint, "moved to "+other.URL) {
		t.Errorf("redirected save: %v, %q", err, e.Hint)
	}
	if got := asked(elsewhere); got != "" {
		t.Errorf("the other server was asked: %s", got)
	}
	if len(s.State().Environments()) != 0 {
		t.Error("it is in the state")
	}
}
