package state

import (
	"fmt"
	"strings"
)

// A NameError says that a name may not be used. Its text is that of the original Escape.
type NameError struct {
	Kind string // "project", "environment", "deployment" or "stage"
	Name string
}

// Error returns the sentence the original prints.
func (e *NameError) Error() string {
	if e.Kind == "stage" {
		return "Invalid stage name '" + e.Name + "'. Expecting 'build' or 'deploy'."
	}
	return "The " + e.Kind + " name '" + e.Name + "' is not allowed. Expected a string matching /" + namePatterns[e.Kind] + "/"
}

var namePatterns = map[string]string{
	"project":     "^[a-zA-Z0-9]+[a-zA-Z0-9-_]+$",
	"environment": "^[a-z]+[a-z0-9-_]*$",
	"deployment":  "^[a-zA-Z_]+[a-zA-Z0-9-_/]*$",
}

// Classes of name characters. They are spelt out because names are checked in the hot loop of loading.
const (
	lower = 1 << iota
	upper
	digit
	dash
	underscore
	slash
)

var classes = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c] = lower
	}
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = upper
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = digit
	}
	t['-'], t['_'], t['/'] = dash, underscore, slash
	return t
}()

func matches[T string | []byte](name T, first, rest uint8) bool {
	if len(name) == 0 || classes[name[0]]&first == 0 {
		return false
	}
	for i := 1; i < len(name); i++ {
		if classes[name[i]]&rest == 0 {
			return false
		}
	}
	return true
}

// CheckProjectName returns a *NameError unless name may name a project.
func CheckProjectName(name string) error {
	if len(name) < 2 || !matches(name, lower|upper|digit, lower|upper|digit|dash|underscore) {
		return &NameError{"project", name}
	}
	return nil
}

// CheckEnvironmentName returns a *NameError unless name may name an environment.
func CheckEnvironmentName(name string) error {
	if !matches(name, lower, lower|digit|dash|underscore) {
		return &NameError{"environment", name}
	}
	return nil
}

func validDeploymentName[T string | []byte](name T) bool {
	return matches(name, lower|upper|underscore, lower|upper|digit|dash|underscore|slash)
}

// CheckDeploymentName returns a *NameError unless name may name a deployment.
func CheckDeploymentName(name string) error {
	if !validDeploymentName(name) {
		return &NameError{"deployment", name}
	}
	return nil
}

// A StageName is what state records separately for a deployment: building it or deploying it.
type StageName string

// The stages. Only root deployments have a build stage.
const (
	BuildStage  StageName = "build"
	DeployStage StageName = "deploy"
)

// Check returns a *NameError unless s is BuildStage or DeployStage.
func (s StageName) Check() error {
	if s != BuildStage && s != DeployStage {
		return &NameError{"stage", string(s)}
	}
	return nil
}

// A Path names a deployment from its root: ["shop", "db"] is the sub-deployment "db" of the root deployment "shop".
type Path []string

// ParsePath splits text at the colons. It returns a *NameError for the first name that is not allowed.
func ParsePath(text string) (Path, error) {
	p := Path(strings.Split(text, ":"))
	return p, p.Check()
}

// Check returns a *NameError for the first name of p that is not allowed; an empty path is not allowed either.
func (p Path) Check() error {
	if len(p) == 0 {
		return &NameError{"deployment", ""}
	}
	for _, name := range p {
		if err := CheckDeploymentName(name); err != nil {
			return err
		}
	}
	return nil
}

// String joins the names with colons, as state files and scripts see it.
func (p Path) String() string { return strings.Join(p, ":") }

// Root returns the name of the root deployment.
func (p Path) Root() string { return p[0] }

// Child returns the path of the sub-deployment name of p. It shares no memory with p.
func (p Path) Child(name string) Path {
	return append(append(make(Path, 0, len(p)+1), p...), name)
}

// An Address names one deployment of a project.
type Address struct {
	Environment string
	Path        Path
	// RootStage is the stage of the root deployment below which the rest of the path lies; every deeper name lies
	// in the stage "deploy". It counts only for paths of two names and more, where "" means "deploy".
	RootStage StageName
}

// rootStage returns the stage of the root deployment that leads to the second name.
func (a Address) rootStage() StageName {
	if a.RootStage == "" {
		return DeployStage
	}
	return a.RootStage
}

// maxNames is how many names the path of a deployment may have. Each one but the first nests what is recorded by four levels,
// which has to leave room for values below maxDepth: a document with more could be written, but not be read again.
const maxNames = 400

// Check returns a *NameError for the first name in a that is not allowed, and an error if there are so many names that a
// document which holds the deployment could not be read.
func (a Address) Check() error {
	if err := CheckEnvironmentName(a.Environment); err != nil {
		return err
	}
	if err := a.checkDepth(len(a.Path)); err != nil {
		return err
	}
	if err := a.Path.Check(); err != nil {
		return err
	}
	return a.rootStage().Check()
}

// checkDepth refuses a deployment at a, or below it, whose path has so many names that a document with it could not be read.
func (a Address) checkDepth(names int) error {
	if names <= maxNames {
		return nil
	}
	return fmt.Errorf("dependencies of the deployment '%s' in environment '%s' lie %d levels below it; %d levels are allowed",
		a.Path.Root(), a.Environment, names-1, maxNames-1)
}

// String returns the address as "environment/path", for messages.
func (a Address) String() string { return a.Environment + "/" + a.Path.String() }
