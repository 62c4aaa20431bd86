package servertest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// An environment is what is recorded for one, a document as in a state file.
type environment struct {
	Name        string                `json:"name"`
	Inputs      map[string]any        `json:"inputs,omitempty"`
	Deployments map[string]deployment `json:"deployments,omitempty"`
}

// A deployment is a document whose stages hold further deployments.
type deployment = map[string]any

// State returns the document of an environment as JSON, "null" if there is none.
func (s *Server) State(project, name string) []byte {
	s.once.Do(s.routes)
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.Marshal(s.state[project][name])
	if err != nil {
		panic(err) // it came from JSON
	}
	return text
}

func (s *Server) environment(w http.ResponseWriter, r *http.Request) {
	answer(w, s.state[r.PathValue("project")][r.PathValue("environment")])
}

// putDeployment replaces the node at a path, or the deployment as a whole. What is missing on the way is made.
func (s *Server) putDeployment(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Path      string     `json:"path"`
		RootStage string     `json:"root_stage"`
		State     deployment `json:"state"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.State == nil {
		refuse(w, "Invalid JSON")
		return
	}
	root := r.URL.Query().Get("deployment")
	path := strings.Split(body.Path, ":")
	if root == "" || path[0] != root {
		refuse(w, "Mismatch between deployment from URL and path.")
		return
	}
	if len(path) > 1 && body.RootStage != "build" && body.RootStage != "deploy" {
		refuse(w, "Invalid stage name '"+body.RootStage+"'. Expecting 'build' or 'deploy'.")
		return
	}
	env := s.makeEnvironment(r.PathValue("project"), r.PathValue("environment"))
	if len(path) == 1 {
		env.Deployments[root] = body.State
		return
	}
	node, ok := env.Deployments[root]
	if !ok {
		node = deployment{"name": root, "release": root}
		env.Deployments[root] = node
	}
	stage := body.RootStage
	for i, name := range path[1:] {
		below := object(object(object(node, "stages"), stage), "deployments")
		if i == len(path)-2 {
			below[name] = body.State
			return
		}
		child, ok := below[name].(deployment)
		if !ok {
			child = deployment{"name": name, "release": name}
			below[name] = child
		}
		node, stage = child, "deploy"
	}
}

func (s *Server) makeEnvironment(project, name string) *environment {
	if s.state[project] == nil {
		s.state[project] = map[string]*environment{}
	}
	env := s.state[project][name]
	if env == nil {
		env = &environment{Name: name, Deployments: map[string]deployment{}}
		s.state[project][name] = env
	}
	return env
}

// object returns the object below a key, and makes it if it is not there.
func object(in map[string]any, key string) map[string]any {
	o, ok := in[key].(map[string]any)
	if !ok {
		o = map[string]any{}
		in[key] = o
	}
	return o
}

func (s *Server) deleteDeployment(_ http.ResponseWriter, r *http.Request) {
	if env := s.state[r.PathValue("project")][r.PathValue("environment")]; env != nil {
		delete(env.Deployments, r.URL.Query().Get("deployment"))
	}
}
