#!/bin/sh
# Releases the four layers, deploys them into an environment one on the other, upgrades the topmost, and takes all away.
set -eu
. "$(dirname "$0")/../tools.sh"

# Secrets are read from files, so that they stand in no list of processes and in no history.
printf '%s' "${AWS_SECRET_ACCESS_KEY:-not-so-secret-key}" > secret_access_key
printf '%s' "${REGISTRY_PASSWORD:-not-so-secret-password}" > registry_password

# 1. Each layer becomes a release in the Inventory, here a folder below the home. The check by a trial deployment is left
#    out, because each layer needs the ones below.
for layer in aws kubernetes helm storefront; do
	(cd "$layer" && escape run release --skip-deploy)
done
escape inventory query -p platform

# 2. An environment is where deployments meet. Whoever consumes something is linked to the deployment that provides it.
mkdir environments
cd environments
escape run deploy platform/aws-latest -e demo -v account=123456789012 \
	-v access_key_id=AKIAEXAMPLE -v secret_access_key=@../secret_access_key
escape run deploy platform/kubernetes-latest -e demo -v terraform_state="$work/terraform"
escape run deploy platform/helm-latest -e demo -v registry_password=@../registry_password
escape run deploy shop/storefront-latest -e demo > first.log
escape state show-providers -e demo > providers.txt
cat first.log providers.txt

holds providers.txt "kubernetes:"
lacks first.log "token-of-demo" # what is sensitive is masked
asked 'helm values: release: "shop/storefront-v1.0.0"'
asked "docker push registry.example.com/shop/storefront:1.0.0"
asked "kubectl config use-context demo"
asked "helm registry login registry.example.com --username escape --password-stdin"
asked "helm upgrade storefront chart --install --wait --namespace shop --values values.yaml"
asked "helm registry logout registry.example.com"
[ ! -e "$HOME/.aws/123456789012" ] || fail "the credentials are still there"
[ ! -e "$HOME/.kube/demo" ] || fail "the configuration of kubectl is still there"

# 3. Is the page there?
escape apply --step smoke --yes shop/storefront-latest -e demo
asked "curl --fail --silent --show-error --retry 5 https://shop.example.com/"

# 4. The next version: released under the next free number and deployed over the old one.
echo '<h1>Hello</h1>' > ../storefront/index.html
(cd ../storefront && escape run release --skip-deploy)
escape plan shop/storefront-latest -e demo -v greeting=Hello > plan.txt
escape run deploy shop/storefront-latest -e demo -v greeting=Hello > second.log
cat plan.txt second.log
holds second.log "upgrading from registry.example.com/shop/storefront:1.0.0"
asked 'helm values: greeting: "Hello"'

# 5. Operations on what is deployed.
escape errands list -e demo -d shop/storefront
escape errands run scale -e demo -d shop/storefront -v count=5
escape errands run logs -e demo -d shop/storefront
asked "kubectl scale deployment/storefront --namespace shop --replicas=5"
asked "kubectl logs deployment/storefront --namespace shop --tail=20"

# 6. Down again, from the top.
for release in shop/storefront platform/helm platform/kubernetes platform/aws; do
	escape apply --destroy --yes "$release-latest" -e demo
done
asked "helm uninstall storefront --namespace shop --wait"
asked "kubectl delete namespace shop --ignore-not-found"
escape state show-providers -e demo > providers.txt
holds providers.txt "No providers found"
