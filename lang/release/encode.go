package release

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Encode returns the document as files hold it: indented by three blanks, keys in their fixed order, maps sorted by
// bytes, "<", ">" and "&" escaped, no line break at the end. What cannot be in JSON (infinite numbers, values of other
// types) is written as null; Validate reports it.
func (m *Metadata) Encode() []byte {
	e := encoder{indent: true, out: make([]byte, 0, 4096)}
	e.metadata(m)
	return e.out
}

// EncodeCompact returns the document in one line without blanks, as servers are sent it.
func (m *Metadata) EncodeCompact() []byte {
	e := encoder{out: make([]byte, 0, 2048)}
	e.metadata(m)
	return e.out
}

// Digest returns "sha256:" and the hash of the compact document. Equal documents have equal digests.
func (m *Metadata) Digest() string {
	sum := sha256.Sum256(m.EncodeCompact())
	return "sha256:" + hex.EncodeToString(sum[:])
}

// encoder writes JSON the way encoding/json of the original client does.
type encoder struct {
	out    []byte
	depth  int
	indent bool
	filled bool // something stands in the open object or array
}

func (e *encoder) metadata(m *Metadata) {
	e.open('{')
	e.key("api_version")
	e.out = strconv.AppendInt(e.out, int64(m.APIVersion), 10)
	e.text("built_with_core_version", m.BuiltWithCoreVersion)
	e.text("built_with_escape_version", m.BuiltWithEscapeVersion)
	e.text("description", m.Description)
	e.texts("files", m.Files)
	e.text("license", m.License)
	e.text("logo", m.Logo)
	e.text("name", m.Name)
	e.text("repository", m.Repository)
	e.text("branch", m.Branch)
	e.text("git_revision", m.Revision)
	e.text("revision_message", m.RevisionMessage)
	e.text("revision_author", m.RevisionAuthor)
	e.texts("metadata", m.Metadata)
	e.text("version", m.Version)
	e.list("generates", m.Generates)
	e.key("consumes")
	items(e, m.Consumes, e.consumer)
	e.key("downloads")
	if m.Downloads == nil {
		e.raw("null")
	} else {
		items(e, m.Downloads, e.download)
	}
	e.key("depends")
	items(e, m.Depends, e.dependency)
	e.key("errands")
	entries(e, m.Errands, e.errand)
	e.key("extends")
	items(e, m.Extends, func(x *Extension) { e.open('{'); e.text("release_id", x.ReleaseID); e.close('}') })
	e.key("inputs")
	items(e, m.Inputs, e.variable)
	e.key("outputs")
	items(e, m.Outputs, e.variable)
	e.text("project", m.Project)
	e.key("provides")
	items(e, m.Provides, func(p *Provider) { e.open('{'); e.text("name", p.Name); e.close('}') })
	e.key("stages")
	entries(e, m.Stages, e.stage)
	e.key("templates")
	items(e, m.Templates, e.template)
	e.texts("variable_context", m.VariableContext)
	e.close('}')
}

func (e *encoder) consumer(c *Consumer) {
	e.open('{')
	e.text("name", c.Name)
	e.list("scopes", c.Scopes)
	e.text("variable", c.Variable)
	e.bool("skip_activate", c.SkipActivate)
	e.bool("skip_deactivate", c.SkipDeactivate)
	e.close('}')
}

func (e *encoder) download(d *Download) {
	e.open('{')
	e.text("url", d.URL)
	e.text("dest", d.Dest)
	e.bool("overwrite", d.Overwrite)
	if d.IfNotExists == nil {
		e.key("if_not_exists")
		e.raw("null")
	} else {
		e.list("if_not_exists", d.IfNotExists)
	}
	e.bool("unpack", d.Unpack)
	e.text("platform", d.Platform)
	e.text("arch", d.Arch)
	e.list("scopes", d.Scopes)
	e.close('}')
}

func (e *encoder) dependency(d *Dependency) {
	e.open('{')
	e.text("release_id", d.ReleaseID)
	e.values("mapping", d.Mapping)
	e.values("build_mapping", d.BuildMapping)
	e.values("deploy_mapping", d.DeployMapping)
	e.texts("consumes", d.Consumes)
	e.text("deployment_name", d.DeploymentName)
	e.text("variable", d.Variable)
	e.list("scopes", d.Scopes)
	e.close('}')
}

func (e *encoder) errand(x *Errand) {
	e.open('{')
	e.text("name", x.Name)
	e.text("description", x.Description)
	e.text("script", x.Script)
	e.key("exec_stage")
	if x.Run == nil {
		e.raw("null")
	} else {
		e.stage(x.Run)
	}
	e.key("inputs")
	items(e, x.Inputs, e.variable)
	e.close('}')
}

func (e *encoder) variable(v *Variable) {
	e.open('{')
	e.text("id", v.ID)
	e.text("type", v.Type)
	if v.Default != nil {
		e.key("default")
		e.value(v.Default)
	}
	if v.Description != "" {
		e.text("description", v.Description)
	}
	if v.Friendly != "" {
		e.text("friendly", v.Friendly)
	}
	e.bool("visible", v.Visible)
	if len(v.Options) > 0 {
		e.values("options", v.Options)
	}
	if v.Sensitive {
		e.bool("sensitive", true)
	}
	e.key("items")
	e.value(v.Items)
	e.bool("eval_before_dependencies", v.EvalBeforeDependencies)
	e.list("scopes", v.Scopes)
	e.close('}')
}

func (e *encoder) stage(s *Stage) {
	e.open('{')
	if s.Cmd != "" {
		e.text("cmd", s.Cmd)
	}
	if len(s.Args) > 0 {
		e.list("args", s.Args)
	}
	if s.Inline != "" {
		e.text("inline", s.Inline)
	}
	if s.Script != "" {
		e.text("script", s.Script)
	}
	e.close('}')
}

func (e *encoder) template(t *Template) {
	e.open('{')
	e.text("file", t.File)
	e.text("target", t.Target)
	e.list("scopes", t.Scopes)
	e.values("mapping", t.Mapping)
	e.close('}')
}

func (e *encoder) raw(s string) { e.out = append(e.out, s...) }

func (e *encoder) open(c byte) {
	e.out = append(e.out, c)
	e.depth++
	e.filled = false
}

func (e *encoder) close(c byte) {
	e.depth--
	if e.filled {
		e.newline()
	}
	e.out = append(e.out, c)
	e.filled = true
}

func (e *encoder) newline() {
	if !e.indent {
		return
	}
	e.out = append(e.out, '\n')
	for range e.depth {
		e.out = append(e.out, "   "...)
	}
}

// next starts an element of the open object or array.
func (e *encoder) next() {
	if e.filled {
		e.out = append(e.out, ',')
	}
	e.newline()
	e.filled = true
}

func (e *encoder) key(k string) {
	e.next()
	e.out = appendQuoted(e.out, k)
	e.out = append(e.out, ':')
	if e.indent {
		e.out = append(e.out, ' ')
	}
}

func (e *encoder) text(key, s string) {
	e.key(key)
	e.out = appendQuoted(e.out, s)
}

func (e *encoder) bool(key string, b bool) {
	e.key(key)
	e.out = strconv.AppendBool(e.out, b)
}

func (e *encoder) list(key string, l []string) {
	e.key(key)
	e.open('[')
	for _, s := range l {
		e.next()
		e.out = appendQuoted(e.out, s)
	}
	e.close(']')
}

func (e *encoder) texts(key string, m map[string]string) {
	e.key(key)
	e.open('{')
	for _, k := range sortedKeys(m) {
		e.text(k, m[k])
	}
	e.close('}')
}

func (e *encoder) values(key string, m map[string]any) {
	e.key(key)
	e.object(m)
}

func (e *encoder) object(m map[string]any) {
	e.open('{')
	for _, k := range sortedKeys(m) {
		e.key(k)
		e.value(m[k])
	}
	e.close('}')
}

func items[T any](e *encoder, l []*T, write func(*T)) {
	e.open('[')
	for _, x := range l {
		e.next()
		if x == nil {
			e.raw("null")
			continue
		}
		write(x)
	}
	e.close(']')
}

func entries[T any](e *encoder, m map[string]*T, write func(*T)) {
	e.open('{')
	for _, k := range sortedKeys(m) {
		e.key(k)
		if m[k] == nil {
			e.raw("null")
			continue
		}
		write(m[k])
	}
	e.close('}')
}

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case string:
		e.out = appendQuoted(e.out, v)
	case bool:
		e.out = strconv.AppendBool(e.out, v)
	case int64:
		e.out = strconv.AppendInt(e.out, v, 10)
	case int:
		e.out = strconv.AppendInt(e.out, int64(v), 10)
	case uint64:
		e.out = strconv.AppendUint(e.out, v, 10)
	case float64:
		e.float(v)
	case []any:
		e.open('[')
		for _, x := range v {
			e.next()
			e.value(x)
		}
		e.close(']')
	case map[string]any:
		e.object(v)
	default:
		e.raw("null")
	}
}

// float writes like encoding/json: plain digits in the usual range, an exponent outside.
func (e *encoder) float(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		e.raw("null")
		return
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	e.out = strconv.AppendFloat(e.out, f, format, -1, 64)
	if n := len(e.out); format == 'e' && n >= 4 && e.out[n-4] == 'e' && e.out[n-3] == '-' && e.out[n-2] == '0' {
		e.out[n-2] = e.out[n-1] // e-09 is written e-9
		e.out = e.out[:n-1]
	}
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string with the escapes of encoding/json, those for HTML included.
func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
				i++
				continue
			}
			out = append(out, s[start:i]...)
			switch c {
			case '"', '\\':
				out = append(out, '\\', c)
			case '\n':
				out = append(out, `\n`...)
			case '\r':
				out = append(out, `\r`...)
			case '\t':
				out = append(out, `\t`...)
			case '\b':
				out = append(out, `\b`...)
			case '\f':
				out = append(out, `\f`...)
			default:
				out = append(out, `\u00`...)
				out = append(out, hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(append(out, s[start:i]...), `\ufffd`...)
			start = i + n
		case r == '\u2028' || r == '\u2029':
			out = append(append(out, s[start:i]...), `\u202`...)
			out = append(out, hexDigits[r&15])
			start = i + n
		}
		i += n
	}
	out = append(out, s[start:]...)
	return append(out, '"')
}
