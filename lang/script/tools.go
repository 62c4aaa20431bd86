package script

import (
	"strings"
	"sync"
)

// isTool reports whether a command is one that many have and that reads no variables of Escape.
func isTool(name string) bool { return tools()[name] }

var tools = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`
		: alias apk apt apt-get argocd awk aws az base64 basename bc bq break bunzip2 bzip2 cat cd chgrp chmod chown cksum cmp
		column comm consul continue cosign cp cpio crane createdb crictl curl cut dash date dd df diff dig dirname dnf doctl
		dropdb du echo egrep etcdctl exit export expr false fgrep file find flux flyctl fold gcloud gh git gofmt gpg grep gsutil
		gunzip gzip hadolint hash head helm heroku host hostname iconv id install ip istioctl java jobs jq keytool kill kind
		kubectl kustomize less let ln local ls md5sum minikube mkdir mktemp mongo mongodump mongosh mv mysql mysqldump nc nl
		nomad nproc nslookup oc od openssl paste pg_dump pg_isready pg_restore ping pip pip3 popd ps psql pushd pwd readlink
		readonly realpath redis-cli return rm rmdir rsync scp sed seq service sha1sum sha256sum shasum shellcheck shift shopt
		skopeo sleep sops sort split sqlite3 ssh ssh-add ssh-keygen ssh-keyscan stat su systemctl tac tail tar tee terraform
		tofu touch tput tr trap true truncate tty type ulimit umask uname uniq unzip uuidgen vault wait wc wget which who whoami
		xxd xz yamllint yes yq yum zcat zip
	`) {
		m[name] = true
	}
	return m
})
