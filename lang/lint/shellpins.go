package lint

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/script"
)

// imageOptions are the options of docker that take a value.
var imageOptions = []string{"-a", "-c", "-e", "-h", "-l", "-m", "-p", "-u", "-v", "-w", "--add-host", "--cap-add", "--cap-drop", "--cidfile", "--cpus",
	"--device", "--dns", "--entrypoint", "--env", "--env-file", "--expose", "--gpus", "--health-cmd", "--hostname", "--ip", "--label", "--link", "--log-driver",
	"--log-opt", "--memory", "--mount", "--name", "--net", "--network", "--network-alias", "--pid", "--platform", "--publish", "--pull", "--restart",
	"--runtime", "--security-opt", "--shm-size", "--stop-signal", "--tmpfs", "--ulimit", "--user", "--userns", "--volume", "--volumes-from", "--workdir"}

// unpinnedImage reports images of containers that are whatever was pushed last.
func unpinnedImage(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if len(c.args) < 2 {
			return
		}
		switch c.args[0].Lit() {
		case "run", "pull", "create":
		default:
			return
		}
		inner := *c
		inner.args = c.args[1:]
		operands := inner.operands(imageOptions...)
		if len(operands) == 0 {
			return
		}
		image := operands[0]
		text := tail(image)
		name, isWhole := script.Literal(image)
		if isWhole && built(s, name) {
			return
		}
		switch {
		case strings.Contains(text, "@"):
		case strings.HasSuffix(text, ":latest"):
			p.ReportScript(s.Script, s.span(image), "the tag \"latest\" is another image tomorrow").Hint = "write a version, or a digest"
		case isWhole && name != "" && !strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":"):
			p.ReportScript(s.Script, s.span(image), fmt.Sprintf("%q without a tag is another image tomorrow", name)).Hint = "write a version, or a digest"
		}
	}, "docker", "podman", "nerdctl")
}

// tail is the text that a word ends with.
func tail(w *syntax.Word) string {
	if text, ok := script.Literal(w); ok {
		return text
	}
	parts := w.Parts
	if q, ok := parts[len(parts)-1].(*syntax.DblQuoted); ok && len(q.Parts) > 0 {
		parts = q.Parts
	}
	if lit, ok := parts[len(parts)-1].(*syntax.Lit); ok {
		return lit.Value
	}
	return ""
}

// built reports whether a script builds an image itself.
func built(s *shellScript, image string) bool {
	for i := range s.calls {
		c := &s.calls[i]
		if len(c.args) == 0 || c.args[0].Lit() != "build" && c.args[0].Lit() != "buildx" && c.args[0].Lit() != "tag" && c.args[0].Lit() != "load" {
			continue
		}
		for _, w := range c.args[1:] {
			text, _ := script.Literal(w)
			if text == image || text == image+":latest" || text+":latest" == image || strings.TrimPrefix(text, "--tag=") == image {
				return true
			}
		}
	}
	return false
}

// unpinnedPackage reports packages of languages that are installed in whatever version is the newest.
func unpinnedPackage(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		args := c.args
		name := c.name
		if strings.HasPrefix(name, "python") {
			if len(args) < 2 || args[0].Lit() != "-m" || args[1].Lit() != "pip" {
				return
			}
			name, args = "pip", args[2:]
		}
		if len(args) < 2 {
			return
		}
		inner := *c
		verb := args[0].Lit()
		inner.args = args[1:]
		for _, w := range inner.operands("-r", "-c", "-i", "-t", "--index-url", "--extra-index-url", "--target", "--prefix", "--registry", "-v", "--version", "--requirement") {
			text, ok := script.Literal(w)
			if !ok || text == "" || strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/") || strings.Contains(text, "://") || strings.HasSuffix(text, ".whl") || strings.HasSuffix(text, ".tgz") {
				continue
			}
			loose, how := false, ""
			switch name {
			case "pip", "pip3":
				loose, how = verb == "install" && !strings.ContainsAny(text, "=<>~@"), text+"==1.2.3"
			case "npm":
				loose = (verb == "install" || verb == "i") && inner.flag('g', "--global") && (strings.LastIndexByte(text, '@') <= 0 || strings.HasSuffix(text, "@latest"))
				how = strings.TrimSuffix(text, "@latest") + "@1.2.3"
			case "gem":
				loose = verb == "install" && !inner.flag('v', "--version") && !strings.Contains(text, ":")
				how = text + " -v 1.2.3"
			case "go":
				loose, how = verb == "install" && strings.HasSuffix(text, "@latest"), strings.TrimSuffix(text, "@latest")+"@v1.2.3"
			}
			if loose {
				p.ReportScript(s.Script, s.span(w), fmt.Sprintf("the newest version of %q is installed, which changes", text)).Hint = "write the version: " + how
			}
		}
	}, "pip", "pip3", "python", "python3", "npm", "gem", "go")
}

// unpinnedSystemPackage reports packages of the system without a version.
func unpinnedSystemPackage(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		operands := c.operands("-o", "-t", "-c")
		if len(operands) < 2 || operands[0].Lit() != "install" && operands[0].Lit() != "add" {
			return
		}
		for _, w := range operands[1:] {
			if text, ok := script.Literal(w); ok && !strings.ContainsAny(text, "=/~<>") && !strings.HasSuffix(text, ".deb") {
				p.ReportScript(s.Script, s.span(w), fmt.Sprintf("the newest version of %q is installed, which changes", text))
				return
			}
		}
	}, "apt-get", "apt", "apk")
}

// unpinnedClone reports repositories of which the newest commit is taken.
func unpinnedClone(p *Pass) {
	p.eachCall(func(s *shellScript, c *shellCall) {
		if len(c.args) < 2 || c.args[0].Lit() != "clone" || c.flag('b', "--branch", "--revision") {
			return
		}
		for i := range s.calls {
			if other := &s.calls[i]; other.name == "git" {
				for _, w := range other.args {
					if word := w.Lit(); word == "checkout" || word == "reset" || word == "switch" {
						return
					}
				}
			}
		}
		p.ReportScript(s.Script, s.span(c.word).To(s.span(c.args[0])), "the newest commit is taken, which changes").Hint = "write --branch with a tag, or check out a commit"
	}, "git")
}
