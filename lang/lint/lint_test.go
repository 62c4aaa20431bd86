package lint

import "testing"

func TestSecretName(t *testing.T) {
	for _, id := range []string{"password", "db_password", "DB-PASSWORD", "dbPassword", "token", "github_token", "api_key", "apikey", "apiKey",
		"client_secret", "private_key", "secret_access_key", "encryption_key", "passphrase", "db_pass", "auth_token", "ssh_private_key"} {
		if !IsSecretName(id) {
			t.Errorf("%q is no secret", id)
		}
	}
	for _, id := range []string{"", "region", "password_file", "password_length", "token_ttl", "token_url", "secret_name", "secret_arn", "key", "key_name",
		"ssh_key", "public_key", "access_key_id", "kms_key", "partition_key", "use_token", "image_pull_secret", "tls_secret", "pass", "first_pass",
		"compass", "keyboard", "monkey", "tokens", "secrets_manager", "no_password", "_", "-", "primary_key", "sort_key"} {
		if IsSecretName(id) {
			t.Errorf("%q is a secret", id)
		}
	}
}

func TestSecretValue(t *testing.T) {
	for _, s := range []string{"hunter2", "correct horse", "changeme", "password", "S3cr3t/with+slash=", "12345678", "a", "abc/def"} {
		if !isSecretValue(s) {
			t.Errorf("%q is no secret", s)
		}
	}
	for _, s := range []string{"", "  ", "none", "null", "true", "random", "$this.inputs.password", "$$HOME", "${PASSWORD}", "{{ password }}", "$(cat x)",
		"/run/secrets/password", "./key.pem", "../x", "~/.ssh/id_rsa", "secrets/db.txt", "https://vault.example.com/v1/x", "<password>", "****", "xxxx", "...",
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", "vault:secret/data/x#y", "ssm:/prod/db", "env:PASSWORD", "file:x", "ENC[AES256,data:x]"} {
		if isSecretValue(s) {
			t.Errorf("%q is a secret", s)
		}
	}
}

// fake joins what would look like a credential in this file too.
func fake(prefix, rest string) string { return prefix + rest }

func TestCredential(t *testing.T) {
	for _, word := range []string{
		fake("AKIA", "QJ3ZRWV7TNXKPL5M"), fake("ASIA", "QJ3ZRWV7TNXKPL5M"), fake("ghp_", "q7Rk2mZs9XbT4vLc8NwJ1yHd6PfG3aEu5oKi"),
		fake("github_pat_", "11ABCDEFG0q7Rk2mZs9XbT_4vLc8NwJ1yHd6PfG3aEu5oKiWq7Rk2mZs9XbT4vLc8NwJ1y"), fake("glpat-", "q7Rk2mZs9XbT4vLc8NwJ"),
		fake("xoxb-", "123456789012-q7Rk2mZs9XbT4vLc"), fake("AIza", "Syq7Rk2mZs9XbT4vLc8NwJ1yHd6PfG3aEu5"), fake("sk_live_", "q7Rk2mZs9XbT4vLc8NwJ"),
		fake("hvs.", "q7Rk2mZs9XbT4vLc8NwJ1yHd6PfG"), fake("npm_", "q7Rk2mZs9XbT4vLc8NwJ1yHd6PfG3aEu5oKi"),
		fake("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.q7Rk2mZs9XbT4vLc8NwJ1yHd6PfG3aEu5oKi"),
	} {
		if credential(word) == "" {
			t.Errorf("%q is no credential", word)
		}
	}
	for _, word := range []string{
		"", "AKIA", "AKIAIOSFODNN7EXAMPLE", "AKIAXXXXXXXXXXXXXXXX", "akiaqj3zrwv7tnxkpl5m", "AKIAqj3zrwv7tnxkpl5m", "AKIA-not-a-key-at-all", "ghp_short",
		"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "ghp_yourtokengoeshereyourtokengoeshere1", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "d670460b4b4aece5915caf5c68d12f560a9fe3e4", "eyJ.a.b",
		"eyeballs.example.com", "npm_config_nodedir", "sk_live_", "SG.eu-west-1.example.com", "registry.example.com", "4f8e2c1a-9b7d-4e6f-8a3c-2d1b0e9f7a6c",
		"arn", "AIza", "pypi-package-name", "xoxb-bot-token-goes-here-xxxx",
	} {
		if what := credential(word); what != "" {
			t.Errorf("%q is %s", word, what)
		}
	}
}

func TestPasswordIn(t *testing.T) {
	for s, want := range map[string]string{
		"shop:tru3@db.example.com/shop": "tru3", "u:p%40ss@host": "p%40ss", "u:a@b@host": "a@b", "db.example.com/shop": "", "db:5432/x@y": "",
		"user@host": "", "u:@host": "", "u:$PASSWORD@host": "", "u:${x}@host": "", "u:<password>@host": "", "u:password@host": "", "u:xxx@host": "",
		"u:***@host": "", "u:p@localhost:5432": "", "u:p@127.0.0.1": "", "u:%s@host": "", "host/path:with@sign": "", "": "", "@": "", ":@": "",
	} {
		start, end, ok := passwordIn(s)
		got := ""
		if ok {
			got = s[start:end]
		}
		if got != want {
			t.Errorf("the password of %q is %q, want %q", s, got, want)
		}
	}
}

func TestSecretFile(t *testing.T) {
	for _, name := range []string{".env", ".env.production", "id_rsa", "keys/id_ed25519", "*.pem", "server.pem", "tls.key", "*.key", "terraform.tfstate",
		"terraform.tfstate.backup", "a.p12", ".npmrc", ".aws", "kubeconfig", "secrets.tfvars", "conf/secrets.yml"} {
		if secretFile(name) == "" {
			t.Errorf("%q holds no secrets", name)
		}
	}
	for _, name := range []string{"", ".env.example", "env.sh", "id_rsa.pub", "ca.pem", "ca-chain.pem", "cert.pem", "public.pem", "README.md", "keys.md",
		"keyboard.key.md", "prod.tfvars", "main.tf", "chart", "src/", "values.yaml.tpl", "settings.env"} {
		if what := secretFile(name); what != "" {
			t.Errorf("%q is %s", name, what)
		}
	}
}

func TestMovingWord(t *testing.T) {
	for address, want := range map[string]string{
		"https://x.example/releases/latest/download/tool.tgz":   "latest",
		"https://x.example/shop/app/raw/master/install.sh":      "master",
		"https://x.example/archive/refs/heads/main.zip":         "main.zip",
		"https://x.example/pool/main/c/curl_7.88.1_amd64.deb":   "",
		"https://x.example/latest/tool-1.2.tgz?x=main":          "",
		"https://x.example/a?ref=main":                          "main",
		"https://x.example/tool-latest.tgz":                     "latest",
		"https://x.example/tool-latest-1.2.tgz":                 "",
		"https://x.example/v1.2/tool.tgz":                       "",
		"https://latest.example/v1.2/tool.tgz":                  "",
		"https://x.example/masters/tool.tgz":                    "",
		"https://x.example":                                     "",
		"latest/x":                                              "",
		"https://x.example/HEAD/tool.tgz":                       "HEAD",
		"https://x.example/head-first.pdf":                      "",
		"https://x.example/a/a/nightly/a":                       "nightly",
		"https://x.example/latest-news/latest-news-2024.tar.gz": "latest",
	} {
		got, at := movingWord(address)
		if got != want || got != "" && address[at:at+len(got)] != got {
			t.Errorf("the word of %q is %q at %d, want %q", address, got, at, want)
		}
	}
}

func TestVersionIn(t *testing.T) {
	for address, want := range map[string]string{
		"https://x.example/tool-1.2.3.tgz": "1.2.3", "https://x.example/v2.0/tool": "2.0", "https://10.0.0.1/tool": "", "https://x.example/tool-12.tgz": "",
		"https://x.example/amd64/tool": "", "x": "", "https://x.example/1.2.": "1.2", "https://x.example/a.1.2": "1.2",
	} {
		if got := versionIn(address); got != want {
			t.Errorf("the version in %q is %q, want %q", address, got, want)
		}
	}
}

func TestIsImage(t *testing.T) {
	for _, s := range []string{"nginx", "nginx:latest", "registry.example.com:5000/shop/web:latest", "shop/web"} {
		if !isImage(s) {
			t.Errorf("%q is no image", s)
		}
	}
	for _, s := range []string{"/images/logo", "./logo", "logo.png", "disk.qcow2", "https://x.example/a", "a b", "a@sha256:00", "x/", "a:b:c"} {
		if isImage(s) {
			t.Errorf("%q is an image", s)
		}
	}
}

func TestReadsAll(t *testing.T) {
	for _, s := range []string{"env", "env | sort", "x=$(env)", "printenv", "os.environ", "process.env", "eval \"$x\"", "${!x}", "export -p", "declare -x", "envsubst < a"} {
		if !readsAll(s) {
			t.Errorf("%q does not", s)
		}
	}
	for _, s := range []string{"", "#!/usr/bin/env bash", "environment", "my_env=1", "medieval", "--env x", "env: prod", "export X=1", "evaluate"} {
		if readsAll(s) {
			t.Errorf("%q does", s)
		}
	}
}

func TestWords(t *testing.T) {
	for id, want := range map[string]int{"": 0, "a": 1, "a_b": 2, "aB": 2, "AB": 1, "a--b": 2, "_a_": 1, "dbSizeMax": 3} {
		if got := words(id); len(got) != want {
			t.Errorf("words(%q) = %q, want %d", id, got, want)
		}
	}
}
