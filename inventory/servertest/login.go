package servertest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

func (s *Server) loginMethods(w http.ResponseWriter, r *http.Request) {
	if s.Methods == nil {
		missing(w)
		return
	}
	list := map[string]Method{}
	for name, m := range s.Methods {
		m.URL, m.RedeemURL = here(r, m.URL), here(r, m.RedeemURL)
		list[name] = m
	}
	answer(w, list)
}

// here puts the address of the server in place of "$URL".
func here(r *http.Request, address string) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return strings.ReplaceAll(address, "$URL", scheme+r.Host)
}

func (s *Server) secret(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Secret   string `json:"secret_token"`
		Username string `json:"username"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, "Invalid JSON")
		return
	}
	if secret, ok := s.Secrets[body.Username]; !ok || !equal(secret, body.Secret) {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	if s.Token != "" {
		w.Header().Set("X-Escape-Token", s.Token)
	}
}

func (s *Server) redeem(w http.ResponseWriter, r *http.Request) {
	if s.Redeem == "" || r.URL.Query().Get("redeem-token") != s.Redeem {
		refuse(w, "Unknown redeem token")
		return
	}
	if s.Unready > 0 {
		s.Unready--
		missing(w)
		return
	}
	io.WriteString(w, s.Token+"\n")
}
