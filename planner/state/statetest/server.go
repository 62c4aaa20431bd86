package statetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"escape.build/escape/planner/state"
)

// A Server keeps states in memory and speaks the protocol of the original's hosted service. The zero value has no state and
// lets everybody in. Fields are set before the first request.
type Server struct {
	Token              string // demanded in X-Escape-Token; "" means any
	Username, Password string // demanded if there is a password
	Revisions          bool   // send ETag, heed If-Match
	// Fail answers a request in place of the server if it writes anything; nil fails nothing. It is called before the request
	// is looked at, and not by two goroutines at once.
	Fail func(w http.ResponseWriter, r *http.Request)

	mu       sync.Mutex
	envs     map[string]map[string]any // environment documents by "project/environment"
	revision int
	requests []Request
}

// A Request is what the server was asked.
type Request struct {
	Method, URL string // address without the host
	Header      http.Header
	Body        string
}

// Requests returns what was asked since the last call.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests
	s.requests = nil
	return r
}

// Put replaces an environment by a document, as an operator would.
func (s *Server) Put(project, environment, document string) error {
	doc, err := decode([]byte(document))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(project+"/"+environment, doc)
	return nil
}

func (s *Server) put(key string, doc map[string]any) {
	if s.envs == nil {
		s.envs = map[string]map[string]any{}
	}
	s.envs[key] = doc
	s.revision++
}

// recorder notes whether anything was written.
type recorder struct {
	http.ResponseWriter
	wrote bool
}

func (r *recorder) WriteHeader(code int) {
	r.wrote = true
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{r.Method, r.URL.RequestURI(), r.Header.Clone(), string(body)})
	if s.Fail != nil {
		rec := &recorder{ResponseWriter: w}
		if s.Fail(rec, r); rec.wrote {
			return
		}
	}
	username, password, _ := r.BasicAuth()
	switch parts := strings.Split(r.URL.EscapedPath(), "/"); {
	case s.Token != "" && r.Header.Get("X-Escape-Token") != s.Token,
		s.Password != "" && (username != s.Username || password != s.Password):
		http.Error(w, "Not Authorized", http.StatusUnauthorized)
	case len(parts) < 8 || strings.Join(parts[:4], "/") != "/api/v1/state" || parts[5] != "environments" || parts[len(parts)-1] != "":
		http.NotFound(w, r)
	case badName(w, parts[4], parts[6]):
	case len(parts) == 8 && r.Method == http.MethodGet:
		s.get(w, parts[4]+"/"+parts[6])
	case len(parts) == 9 && parts[7] == "deployments" && (r.Method == http.MethodPut || r.Method == http.MethodDelete):
		if match := r.Header.Get("If-Match"); s.Revisions && match != "" && match != s.tag() {
			http.Error(w, "changed since "+match, http.StatusPreconditionFailed)
			return
		}
		if err := s.change(parts[4]+"/"+parts[6], r.URL.Query().Get("deployment"), r.Method, body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.writeTag(w)
	default:
		http.NotFound(w, r)
	}
}

// badName answers a request for a project or an environment that cannot be.
func badName(w http.ResponseWriter, project, environment string) bool {
	err := cmp.Or(state.CheckProjectName(project), state.CheckEnvironmentName(environment))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return err != nil
}

func (s *Server) tag() string { return fmt.Sprintf("%q", fmt.Sprint("r", s.revision)) }

func (s *Server) writeTag(w http.ResponseWriter) {
	if s.Revisions {
		w.Header().Set("ETag", s.tag())
	}
}

func (s *Server) get(w http.ResponseWriter, key string) {
	s.writeTag(w)
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(s.envs[key]); err != nil { // null without one
		panic(err)
	}
}

// change puts a node into an environment, or removes a root deployment.
func (s *Server) change(key, root, method string, body []byte) error {
	env := s.envs[key]
	if env == nil {
		env = map[string]any{}
	}
	deployments := child(env, "deployments")
	if method == http.MethodDelete {
		delete(deployments, root)
		s.put(key, env)
		return nil
	}
	var put struct {
		Path  string         `json:"path"`
		Stage string         `json:"root_stage"`
		State map[string]any `json:"state"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&put); err != nil {
		return err
	}
	names, err := state.ParsePath(put.Path)
	switch {
	case err != nil:
		return err
	case names[0] != root:
		return fmt.Errorf("path %q is not below deployment %q", put.Path, root)
	case put.State == nil:
		return errors.New("no state")
	case (put.Stage == "") != (len(names) == 1):
		return fmt.Errorf("path %q with root stage %q", put.Path, put.Stage)
	}
	stage := put.Stage
	for i, name := range names[:len(names)-1] {
		node := child(deployments, name)
		if i > 0 {
			stage = "deploy"
		}
		deployments = child(child(child(node, "stages"), stage), "deployments")
	}
	deployments[names[len(names)-1]] = put.State
	s.put(key, env)
	return nil
}

// child returns the object under a key, made if need be.
func child(m map[string]any, key string) map[string]any {
	c, ok := m[key].(map[string]any)
	if !ok {
		c = map[string]any{}
		m[key] = c
	}
	return c
}

func decode(text []byte) (map[string]any, error) {
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return doc, d.Decode(&doc)
}
