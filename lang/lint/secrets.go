package lint

import (
	"fmt"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// secrets are the rules about secrets that everybody can read who can read the plan or the package.
var secrets = []Rule{
	{Code: diag.PlainSecret, Category: Security, Check: plainSecret},
	{Code: diag.LeakedKey, Category: Security, Check: leakedKey},
	{Code: diag.URLPassword, Category: Security, Check: urlPassword},
	{Code: diag.IncludeSecret, Category: Security, Check: includeSecret},
}

// IsSecretName reports whether an id is that of a secret itself: it ends in a word for one. "password_file" is the name of
// a file, "token_ttl" a time, and "access_key_id" no secret.
func IsSecretName(id string) bool {
	if end := strings.TrimRight(id, "_-."); end == "" || strings.IndexByte("detnys", end[len(end)-1]|0x20) < 0 {
		return false // it ends like none of the words below
	}
	list := words(id)
	n := len(list)
	before := ""
	if n > 1 {
		before = list[n-2]
	}
	last := list[n-1]
	if strings.HasSuffix(last, "password") {
		return before != "no" && before != "has" && before != "use"
	}
	switch last {
	case "passwd", "passphrase":
		return true
	case "pwd":
		return n > 1 // else it may be a folder
	case "secret", "token", "apikey", "apitoken", "authtoken", "accesstoken", "clientsecret", "secretkey", "privatekey":
		switch before {
		case "use", "has", "enable", "no", "tls", "pull", "kubernetes", "k8s": // the last ones are names of objects
			return false
		}
		return true
	case "key":
		switch before {
		case "api", "private", "secret", "access", "encryption", "signing", "auth", "account", "master", "license":
			return true
		}
	case "pass":
		switch before {
		case "db", "user", "admin", "root", "smtp", "mysql", "postgres", "redis", "database", "login", "mail", "registry":
			return true
		}
	}
	return false
}

// plainSecret reports secrets that have a value in the plan: by their name, or because they are sensitive.
func plainSecret(p *Pass) {
	report := func(t plan.Text, name string) *diag.Diagnostic {
		x := p.Report(t.Span(), fmt.Sprintf("%q is a secret, and everybody who has the plan or the package can read it here", name))
		x.Hint = "leave the value out, so that it has to be given"
		return x
	}
	p.ownVariables(func(v *plan.Variable) {
		if !v.Sensitive.Value && (v.Sensitive.Node != nil || !IsSecretName(v.ID.Value)) || v.Var.Name != "string" || v.Items.Set() {
			return
		}
		if t, ok := literal(&v.Default); ok && isSecretValue(t.Value) {
			report(t, v.ID.Value).Fixes = p.drop(v.Node, "default")
		}
	})
	p.mappings(func(of any, pairs []plan.ValuePair) {
		d, _ := of.(*plan.Dependency)
		for i := range pairs {
			t, ok := literal(&pairs[i].Value)
			if ok && isSecretValue(t.Value) && p.isSecretKey(d, pairs[i].Key.Value) {
				report(t, pairs[i].Key.Value)
			}
		}
	})
	for i := range p.Plan.Metadata {
		pair := &p.Plan.Metadata[i]
		if pair.Value.Expr == nil && IsSecretName(pair.Key.Value) && isSecretValue(pair.Value.Value) {
			report(pair.Value.Text, pair.Key.Value)
		}
	}
}

// isSecretKey reports whether the value for key is a secret: as the dependency says, if it is known, else by its name.
func (p *Pass) isSecretKey(d *plan.Dependency, key string) bool {
	if d != nil {
		if m := p.Deps[d.Alias()]; m != nil {
			if in, ok := m.Input(key); ok && in.Sensitive {
				return true
			}
		}
	}
	return IsSecretName(key)
}

// isSecretValue reports whether s may be a secret itself, and is not only the way to one or a word for none.
func isSecretValue(s string) bool {
	text := strings.TrimSpace(s)
	switch strings.ToLower(text) {
	case "", "none", "null", "nil", "unset", "undefined", "n/a", "-", "false", "true", "disabled", "auto", "generate", "generated", "random", "default":
		return false
	}
	for _, begin := range pointers {
		if strings.HasPrefix(text, begin) {
			return false
		}
	}
	switch {
	case strings.Contains(text, "${"), strings.Contains(text, "{{"), strings.Contains(text, "$("), strings.Contains(text, "://"):
		return false // filled in later, or kept there
	case strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">"), strings.Trim(text, "*xX.") == "":
		return false // a place to fill in
	case strings.Contains(text, "/") && !strings.ContainsAny(text, "+=") && hasFileEnd(text):
		return false
	}
	return true
}

// pointers begin values that say where a secret is kept, or that are encrypted.
var pointers = []string{"$", "/", "./", "../", "~/", "@/", "arn:", "vault:", "ssm:", "secret:", "env:", "file:", "ENC[", "AQICAH"}

// hasFileEnd reports whether a path ends in the extension of a file.
func hasFileEnd(s string) bool {
	ext := path.Ext(s)
	return len(ext) > 1 && len(ext) <= 6
}

// leakedKey reports words that have the form of a credential, wherever they stand in the text, comments too.
func leakedKey(p *Pass) {
	leakedIn(p.Plan.File.Source.Text()[:p.Plan.File.End], func(at source.Span, what string) {
		x := p.Report(at, "this looks like "+what+", which everybody who has the plan can read")
		x.Hint = "take it back where it was given out, and make it an input that is sensitive"
	})
}

// leakedIn calls found with each word of text that has the form of a credential.
func leakedIn(text string, found func(at source.Span, what string)) {
	for i := 0; i+shortest <= len(text); {
		last := i + shortest - 1 // which is in each word that begins between both and is long enough
		if !isTokenByte(text[last]) {
			i = last + 1
			continue
		}
		start, end := last, last+1
		for start > i && isTokenByte(text[start-1]) {
			start--
		}
		for end < len(text) && isTokenByte(text[end]) {
			end++
		}
		if end-start >= shortest {
			if what := credential(text[start:end]); what != "" {
				found(source.Span{Start: int32(start), End: int32(end)}, what)
			}
		}
		i = end
	}
	const begin, key = "-----BEGIN ", "PRIVATE KEY-----"
	for at := 0; strings.Contains(text[at:], "BEGIN "); { // which is found sooner than dashes
		i := strings.Index(text[at:], begin)
		if i < 0 {
			return
		}
		at += i + len(begin)
		line, _, _ := strings.Cut(text[at:min(at+64, len(text))], "\n")
		if n := strings.Index(line, key); n >= 0 {
			found(source.Span{Start: int32(at - len(begin)), End: int32(at + n + len(key))}, "a private key")
		}
	}
}

func isTokenByte(c byte) bool { return tokenBytes[c] }

// tokenBytes are the bytes of a word that may be a credential. A table, as all text goes through it.
var tokenBytes = func() (is [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") {
		is[c] = true
	}
	return is
}()

// shortest is how many bytes the shortest credential has.
const shortest = 20

// credentials are the forms of credentials that cannot be mistaken for anything else.
var credentials = []struct {
	prefix   string
	min, max int // length of what follows
	what     string
}{
	{"AKIA", 16, 16, "an access key of AWS"},
	{"ASIA", 16, 16, "an access key of AWS"},
	{"ghp_", 36, 255, "a token of GitHub"},
	{"gho_", 36, 255, "a token of GitHub"},
	{"ghu_", 36, 255, "a token of GitHub"},
	{"ghs_", 36, 255, "a token of GitHub"},
	{"ghr_", 36, 255, "a token of GitHub"},
	{"github_pat_", 60, 255, "a token of GitHub"},
	{"glpat-", 20, 255, "a token of GitLab"},
	{"xoxb-", 20, 255, "a token of Slack"},
	{"xoxp-", 20, 255, "a token of Slack"},
	{"xoxa-", 20, 255, "a token of Slack"},
	{"AIza", 35, 35, "a key of Google"},
	{"sk_live_", 16, 255, "a key of Stripe"},
	{"rk_live_", 16, 255, "a key of Stripe"},
	{"npm_", 36, 36, "a token of npm"},
	{"pypi-AgE", 50, 255, "a token of PyPI"},
	{"dckr_pat_", 20, 255, "a token of Docker"},
	{"hvs.", 24, 255, "a token of Vault"},
	{"AGE-SECRET-KEY-1", 58, 58, "a key of age"},
	{"SG.", 60, 80, "a key of SendGrid"},
	{"dop_v1_", 64, 64, "a token of DigitalOcean"},
}

// credential says whose credential the word has the form of; empty for none. Those that say they are examples are none.
func credential(word string) string {
	if word = strings.TrimRight(word, ".-"); len(word) < shortest {
		return ""
	}
	for i := range credentials {
		c := &credentials[i]
		rest, ok := strings.CutPrefix(word, c.prefix)
		if !ok || len(rest) < c.min || len(rest) > c.max {
			continue
		}
		if c.min == c.max && c.prefix[0] < 'a' && c.min == 16 && strings.ToUpper(rest) != rest {
			return ""
		}
		if isExample(rest) {
			return ""
		}
		return c.what
	}
	if strings.HasPrefix(word, "eyJ") && strings.Count(word, ".") == 2 {
		head, rest, _ := strings.Cut(word, ".")
		body, sign, _ := strings.Cut(rest, ".")
		if len(head) >= 16 && strings.HasPrefix(body, "eyJ") && len(sign) >= 20 {
			return "a JSON web token"
		}
	}
	return ""
}

// isExample reports whether a secret is one of documentation: it says so, or has hardly two different letters.
func isExample(s string) bool {
	lower := strings.ToLower(s)
	if strings.Contains(lower, "example") || strings.Contains(lower, "xxxx") || strings.Contains(lower, "your") || strings.Contains(lower, "0000000") {
		return true
	}
	seen, n := [256]bool{}, 0
	for i := 0; i < len(lower); i++ {
		if !seen[lower[i]] {
			seen[lower[i]] = true
			n++
		}
	}
	return n < 4
}

// urlPassword reports addresses with a password in them, outside of comments.
func urlPassword(p *Pass) {
	passwordsIn(p.Plan.File.Source.Text()[:p.Plan.File.End], func(at source.Span) {
		if p.inComment(at.Start) {
			return
		}
		x := p.Report(at, "this address has a password in it, which everybody who has the plan can read")
		x.Hint = "make the password an input that is sensitive"
	})
}

// passwordsIn calls found with the password of each address in text that has one.
func passwordsIn(text string, found func(at source.Span)) {
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return
		}
		at += i + len("://")
		if start, end, ok := passwordIn(text[at:min(at+512, len(text))]); ok {
			found(source.Span{Start: int32(at + start), End: int32(at + end)})
		}
	}
}

// passwordIn finds the password in "user:password@host...", and says whether it may be a real one.
func passwordIn(s string) (start, end int, ok bool) {
	if strings.IndexByte(s, '@') < 0 {
		return 0, 0, false
	}
	stop := strings.IndexAny(s, "/?# \t\r\n\"'<>`\\,;|")
	if stop < 0 {
		stop = len(s)
	}
	end = strings.LastIndexByte(s[:stop], '@')
	colon := strings.IndexByte(s[:max(end, 0)], ':')
	if end < 0 || colon < 0 {
		return 0, 0, false
	}
	start = colon + 1
	password := s[start:end]
	if password == "" || strings.ContainsAny(password, "${}()*") || password == "%s" || strings.Trim(password, "xX.") == "" {
		return 0, 0, false // to be filled in
	}
	switch strings.ToLower(password) {
	case "pass", "password", "passwd", "pw", "pwd", "secret", "token", "user", "key":
		return 0, 0, false
	}
	return start, end, !isLocal(hostOf(s[end+1 : stop]))
}

func hostOf(s string) string {
	host, _, _ := strings.Cut(s, ":")
	return host
}

// inComment reports whether an offset lies in a comment of the plan.
func (p *Pass) inComment(off int32) bool {
	i := p.firstComment(off+1) - 1
	return i >= 0 && p.Plan.File.Comments[i].Pos.End > off
}

// includeSecret reports patterns that name what is made to hold secrets.
func includeSecret(p *Pass) {
	p.patterns(func(t plan.Text, list fileList, i int) {
		what := secretFile(t.Value)
		if what == "" {
			return
		}
		x := p.Report(t.Span(), fmt.Sprintf("%s is %s: everybody who can fetch the package can read it", quoted(t.Value), what))
		x.Fixes = p.removeItem(list.node, i, false)
	})
}

// secretFile says what a file of that name holds if it is made to hold secrets; empty if it is not.
func secretFile(name string) string {
	base := strings.ToLower(path.Base(path.Clean(name)))
	for _, harmless := range []string{"example", "sample", "template", ".tpl", "dist", ".pub", "public"} {
		if strings.Contains(base, harmless) {
			return ""
		}
	}
	switch base {
	case "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519":
		return "a private key"
	case ".env", ".netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".dockercfg", ".vault-token", ".git-credentials", ".s3cfg", ".boto":
		return "a file of credentials"
	case ".aws", ".ssh", ".gnupg", ".kube", ".docker":
		return "a folder of credentials"
	case "kubeconfig", "credentials.json", "service-account.json", "service_account.json", "secrets.yml", "secrets.yaml", "secrets.json", "secrets.env", "credentials":
		return "a file of credentials"
	}
	switch {
	case strings.HasPrefix(base, ".env."):
		return "a file of settings, which are often secret"
	case strings.HasSuffix(base, ".tfstate"), strings.Contains(base, ".tfstate."):
		return "the state of terraform, which holds passwords in clear"
	case strings.HasSuffix(base, ".tfvars") && strings.Contains(base, "secret"):
		return "a file of secrets"
	case strings.HasSuffix(base, ".p12"), strings.HasSuffix(base, ".pfx"), strings.HasSuffix(base, ".jks"), strings.HasSuffix(base, ".keystore"),
		strings.HasSuffix(base, ".kdbx"), strings.HasSuffix(base, ".ppk"), strings.HasSuffix(base, ".key"):
		return "made for private keys"
	case strings.HasSuffix(base, ".pem"):
		for _, word := range words(strings.TrimSuffix(base, ".pem")) {
			switch word {
			case "ca", "cert", "certs", "certificate", "chain", "fullchain", "bundle", "cacert", "cacerts", "crt", "root", "dhparam":
				return ""
			}
		}
		return "made for private keys"
	}
	return ""
}
