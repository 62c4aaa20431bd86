package servertest

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Server is an http.Handler; tests start it with httptest.NewServer. Its fields are set before it serves. The zero
// value holds nothing and asks for no login.
type Server struct {
	// Username and Password, if the latter is not empty, are asked for by every route.
	Username, Password string
	// Token, if it is not empty, is asked for by all routes of the Inventory.
	Token string
	// Methods are what "login-methods" answers with. It is not there if they are nil, which means that no login is needed.
	// "$URL" in an address stands for that of the server.
	Methods map[string]Method
	// Secrets are the passwords of users who get the Token at /auth/secret.
	Secrets map[string]string
	// Redeem is the word for which /auth/redeem gives the Token, after it answered Unready times that it has none yet.
	Redeem  string
	Unready int
	// Hook sees every request first, and reports whether it has answered it.
	Hook func(w http.ResponseWriter, r *http.Request) bool

	once sync.Once
	mux  *http.ServeMux

	mu       sync.Mutex // guards what follows, and Unready
	requests []Request
	units    map[string]map[string]*unit
}

// A Method is a way to log in.
type Method struct {
	Type        string `json:"type"`
	URL         string `json:"url"`
	RedeemToken string `json:"redeem-token,omitempty"`
	RedeemURL   string `json:"redeem-url,omitempty"`
}

// A Request is what a test wants to know of one.
type Request struct {
	Method string
	URI    string // path and query as they were sent
	Header http.Header
}

// Requests returns what was asked up to now, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(s.routes)
	s.mu.Lock()
	s.requests = append(s.requests, Request{Method: r.Method, URI: r.URL.RequestURI(), Header: r.Header.Clone()})
	s.mu.Unlock()
	if s.Hook != nil && s.Hook(w, r) {
		return
	}
	if user, password, _ := r.BasicAuth(); s.Password != "" && !(equal(user, s.Username) && equal(password, s.Password)) {
		w.Header().Set("WWW-Authenticate", `Basic realm="escape"`)
		http.Error(w, "Not Authorized", http.StatusUnauthorized)
		return
	}
	if s.Token != "" && strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/api/v1/auth/") &&
		!equal(r.Header.Get("X-Escape-Token"), s.Token) {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	// The original answers 404 to a method that a route does not know, and to a path that lacks its last slash.
	if _, pattern := s.mux.Handler(r); pattern == "" || strings.HasSuffix(pattern, "/{$}") && !strings.HasSuffix(r.URL.Path, "/") {
		http.NotFound(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Server) routes() {
	s.units = map[string]map[string]*unit{}
	s.mux = http.NewServeMux()
	for pattern, handle := range map[string]func(w http.ResponseWriter, r *http.Request){
		"GET /{$}":                       s.banner,
		"GET /api/v1/auth/login-methods": s.loginMethods,
		"POST /auth/secret":              s.secret,
		"GET /auth/redeem":               s.redeem,

		"GET /api/v1/inventory/{$}":                                                  s.namespaces,
		"GET /api/v1/inventory/{namespace}/units/{$}":                                s.applications,
		"GET /api/v1/inventory/{namespace}/units/{name}/{$}":                         s.application,
		"GET /api/v1/inventory/{namespace}/units/{name}/next-version":                s.nextVersion,
		"GET /api/v1/inventory/{namespace}/units/{name}/versions/{version}/{$}":      s.metadata,
		"GET /api/v1/inventory/{namespace}/units/{name}/versions/{version}/download": s.download,
		"POST /api/v1/inventory/{namespace}/units/{name}/versions/{version}/upload":  s.upload,
		"POST /api/v1/inventory/{namespace}/register":                                s.register,
		"POST /api/v1/inventory/{namespace}/units/{name}/tags/{$}":                   s.tag,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			handle(w, r)
		})
	}
}

func (s *Server) banner(w http.ResponseWriter, _ *http.Request) {
	w.Write([]byte("Escape Release Inventory Server\n"))
}

// answer writes a result as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// refuse writes an error that is the caller's fault.
func refuse(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	w.Write([]byte(message))
}

// missing says that the object of a known route does not exist.
func missing(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }

// conflict says that something is there already.
func conflict(w http.ResponseWriter) {
	w.WriteHeader(http.StatusConflict)
	w.Write([]byte("Resource already exists"))
}
