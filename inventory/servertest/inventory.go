package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"escape.build/escape/lang/release"
)

// A unit is a package with its releases.
type unit struct {
	versions []release.Version // in the order of their registration
	releases map[release.Version]*stored
	tags     map[string]release.Version
}

// A stored release. The package comes after the metadata, or never.
type stored struct {
	metadata *release.Metadata
	archive  []byte // nil if there is none
}

// Add puts a release there, as register and upload do. A nil archive leaves it without package.
func (s *Server) Add(m *release.Metadata, archive []byte) {
	s.once.Do(s.routes)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(m.ID().Namespace, m).archive = archive
}

// Archive returns the package of a release, nil if it has none.
func (s *Server) Archive(id release.ID) []byte {
	s.once.Do(s.routes)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(id)
	if r == nil {
		return nil
	}
	return bytes.Clone(r.archive)
}

func (s *Server) add(namespace string, m *release.Metadata) *stored {
	units := s.units[namespace]
	if units == nil {
		units = map[string]*unit{}
		s.units[namespace] = units
	}
	u := units[m.Name]
	if u == nil {
		u = &unit{releases: map[release.Version]*stored{}, tags: map[string]release.Version{}}
		units[m.Name] = u
	}
	v := release.Version(m.Version)
	r := &stored{metadata: m}
	u.versions = append(u.versions, v)
	u.releases[v] = r
	return r
}

// find returns the release that id means, or nil.
func (s *Server) find(id release.ID) *stored {
	u := s.units[id.Namespace][id.Name]
	if u == nil {
		return nil
	}
	v, ok := id.Constraint.Select(u.versions)
	if tag, isTag := id.Constraint.Tag(); isTag {
		v, ok = u.tags[tag]
	}
	if !ok {
		return nil
	}
	return u.releases[v]
}

// named returns the release of a path.
func (s *Server) named(r *http.Request) *stored {
	c, err := release.ParseConstraint(r.PathValue("version"))
	if err != nil {
		return nil
	}
	return s.find(release.ID{Namespace: r.PathValue("namespace"), Name: r.PathValue("name"), Constraint: c})
}

func (s *Server) namespaces(w http.ResponseWriter, _ *http.Request) {
	list := map[string]any{}
	for name := range s.units {
		list[name] = map[string]any{"name": name, "description": "", "org_url": "", "logo": "", "permission": "admin", "is_public": false}
	}
	answer(w, list)
}

func (s *Server) applications(w http.ResponseWriter, r *http.Request) {
	namespace := r.PathValue("namespace")
	units, ok := s.units[namespace]
	if !ok {
		missing(w)
		return
	}
	list := map[string]any{}
	for name, u := range units {
		list[name] = u.describe(namespace, name)
	}
	answer(w, list)
}

func (u *unit) describe(namespace, name string) map[string]any {
	last := u.versions[len(u.versions)-1]
	m := u.releases[last].metadata
	return map[string]any{"name": name, "project": namespace, "description": m.Description, "latest_version": last, "logo": m.Logo,
		"uploaded_by": "", "uploaded_at": "2026-11-21T20:50:45Z", "hooks": nil}
}

func (s *Server) application(w http.ResponseWriter, r *http.Request) {
	namespace, name := r.PathValue("namespace"), r.PathValue("name")
	u := s.units[namespace][name]
	if u == nil {
		missing(w)
		return
	}
	object := u.describe(namespace, name)
	object["versions"] = u.versions
	answer(w, object)
}

func (s *Server) nextVersion(w http.ResponseWriter, r *http.Request) {
	var known []release.Version
	if u := s.units[r.PathValue("namespace")][r.PathValue("name")]; u != nil {
		known = u.versions
	}
	io.WriteString(w, string(release.Pattern(r.URL.Query().Get("prefix")).Next(known)))
}

func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	found := s.named(r)
	if found == nil {
		missing(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(found.metadata.EncodeCompact(), '\n'))
}

func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	found := s.named(r)
	if found == nil || found.archive == nil {
		missing(w)
		return
	}
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", r.PathValue("name")+"-"+r.PathValue("version")+".tgz"))
	w.Write(found.archive)
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	namespace := r.PathValue("namespace")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err.Error())
		return
	}
	m, err := release.Decode(body)
	if err != nil {
		refuse(w, err.Error())
		return
	}
	if s.find(release.ID{Namespace: namespace, Name: m.Name, Constraint: release.Exact(release.Version(m.Version))}) != nil {
		refuse(w, fmt.Sprintf("Release %s already exists", m.ReleaseID()))
		return
	}
	if namespace != "_" {
		if err := release.CheckName(namespace); err != nil {
			refuse(w, err.Error())
			return
		}
	}
	s.add(namespace, m)
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		refuse(w, err.Error())
		return
	}
	defer file.Close()
	id, err := release.ParseID(r.PathValue("namespace") + "/" + r.PathValue("name") + "-" + r.PathValue("version"))
	if err != nil {
		refuse(w, err.Error())
		return
	}
	if id.NeedsResolving() {
		refuse(w, fmt.Sprintf("Can't upload package against unresolved version '%s'", id))
		return
	}
	found := s.find(id)
	if found == nil {
		missing(w)
		return
	}
	archive, err := io.ReadAll(file)
	if err != nil {
		refuse(w, err.Error())
		return
	}
	if archive == nil {
		archive = []byte{}
	}
	again := found.archive != nil
	found.archive = archive // also if it is refused, as in the original
	if again {
		conflict(w)
	}
}

func (s *Server) tag(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Release string `json:"release_id"`
		Tag     string `json:"tag"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, "Invalid JSON")
		return
	}
	id, err := release.ParseID(body.Release)
	switch {
	case err != nil:
		refuse(w, err.Error())
	case !release.IsTag(body.Tag):
		refuse(w, fmt.Sprintf("The tag '%s' is invalid/not supported.", body.Tag))
	case id.Namespace != r.PathValue("namespace"):
		refuse(w, "Mismatch between namespace from URL and namespace from release_id.")
	case id.Name != r.PathValue("name"):
		refuse(w, "Mismatch between application from URL and application from release_id.")
	default:
		found := s.find(id)
		if found == nil {
			missing(w)
			return
		}
		s.units[id.Namespace][id.Name].tags[body.Tag] = release.Version(found.metadata.Version)
	}
}
