package logs

// A row says how the entries with one key are shown. A row that collapses may be overwritten by the next one.
type row struct {
	key      string
	level    Level
	collapse bool
	text     string
}

// catalog is the table of everything a command can log. Keys and texts are read by programs: they are the original's
// where it has them.
// A test keeps the keys unique.
var catalog = [...]row{
	{"error", Error, false, "Error: {error}"},
	{"warning", Warn, false, "Warning: {warning}"},
	{"state.waiting", Info, false, "Waiting up to {timeout} for the state, which is held by {holder}."},

	{"config.overridden", Info, false, "{key} is that of {variable}, for this run."},
	{"config.changed", Info, false, "Profile '{profile}': {key}: {from} → {to}"},
	{"config.current", Info, false, "The current profile is now '{profile}'."},

	{"build.start", Info, true, "Starting build."},
	{"build.step", Info, true, "Running {step} step {script}."},
	{"build.script_output", Info, false, "{cmd}: {line}"},
	{"build.finished", Success, true, "Completed build"},
	{"build.build_dependency", Info, true, "Building dependency {dependency}."},
	{"build.build_dependency_finished", Success, true, "Built dependency {release}"},

	{"deploy.start", Info, true, "Deploying."},
	{"deploy.step", Info, true, "Running {step} step {script}."},
	{"deploy.deploy_dependency", Info, true, "Deploying dependency {dependency}."},
	{"deploy.deploy_dependency_finished", Success, true, "Deployed dependency {release}"},
	{"deploy.finished", Success, true, "Successfully deployed {release} with deployment name {deployment} in the {environment} environment."},

	{"test.start", Info, true, "Running tests."},
	{"test.finished", Success, true, "Tests passed."},
	{"smoke.start", Info, true, "Running smoke tests."},
	{"smoke.finished", Success, true, "Smoke tests passed."},

	{"destroy.start", Info, true, "Destroying deployment."},
	{"destroy.finished", Success, true, "Destruction complete"},
	{"destroy.destroy_dependency", Info, true, "Destroying dependency {dependency}."},
	{"destroy.destroy_dependency_finished", Success, true, "Destroying dependency {release}"},

	{"package.start", Info, true, "Started packaging."},
	{"package.finished", Success, true, "Packaged {release} at {path}"},

	{"upload.start", Info, true, "Uploading release."},
	{"upload.finished", Success, true, "Upload finished."},
	{"push.finished", Success, true, "Push successful."},
	{"release.start", Info, true, "Releasing {release}"},
	{"release.finished", Success, true, "Successfully released {release}"},
	{"release.skip_existing", Success, true, "Skipping release, because version v{version} already exists in the Inventory and --skip-if-exists is set."},
	{"release.tag", Info, true, "Tagging current git commit with '{release}'."},
	{"release.tag_push", Info, true, "Pushing git tags."},

	{"promote.state_info", Info, false, "Deployment {deployment} in environment {environment} has {releaseId}."},
	{"promote.state_info_missing", Info, false, "Deployment {deployment} in environment {environment} is not present."},
	{"promote.promoting", Info, false, "Promoting {releaseId} from {fromEnvironment} to {toEnvironment}."},

	{"converge", Info, true, "Converging deployment of {release} for deployment {deployment}"},
	{"converge.skip_ok", Debug, true, "Skipping deployment {deployment}; already deployed (use --refresh to redeploy)"},
	{"converge.skip_other", Info, true, "Skipping deployment {deployment}, because its status is set to '{status}'."},
	{"converge.skip_retry_later", Info, true, "Skipping deployment {deployment}; will be retried in {retriedIn}."},
	{"converge.mark_retry", Info, true, "Marking deployment {deployment} to retry in {backoff}."},
	{"converge.test_pending", Info, true, "Performing user's request to run smoke tests from {release} against deployment {deployment}."},
	{"converge.destroy_pending", Info, true, "Performing user's request to run the destroy steps from {release} on deployment {deployment}"},
	{"converge.deploy_retry", Info, true, "Retrying deployment of {release} in deployment {deployment}."},
	{"converge.test_retry", Info, true, "Retrying smoke tests from {release} against deployment {deployment}."},
	{"converge.destroy_retry", Info, true, "Retrying destroy steps from {release} against deployment {deployment}."},

	{"fetch.start", Info, true, "Fetching dependency {dependency}."},
	{"fetch.finished", Success, true, "Dependencies have been fetched."},

	{"download.start", Info, true, "Downloading {URL} to {dest}"},
	{"download.finished", Success, true, "Finished downloading {URL}"},
	{"download.skip_overwrite", Success, true, "Skipping {URL}, because destination file '{dest}' already exists."},
	{"download.skip_platform", Debug, true, "Skipping {URL}, because download requires '{platform}' platform (have: '{actual}')"},
	{"download.skip_arch", Debug, true, "Skipping {URL}, because download requires '{arch}' architecture (have: '{actual}')"},
	{"download.unpack", Info, true, "Unpacking {dest}"},
	{"download.unpack_finished", Success, true, "Finished unpacking {file}"},

	{"provider.activate", Info, true, "Activating provider {consumes} (${variable})"},
	{"provider.activate.finished", Success, true, "Activated provider {consumes} (${variable})"},
	{"provider.deactivate", Info, true, "Deactivating provider {consumes} (${variable})"},
	{"provider.deactivate.finished", Success, true, "Deactivated provider {consumes} (${variable})"},
}

var unknown = row{level: Info, text: "{message}"}

// lookup finds the row of a key by search: the table is short, and a map would be built at every start.
func lookup(key string) *row {
	for i := range catalog {
		if catalog[i].key == key {
			return &catalog[i]
		}
	}
	return &unknown
}

// Known reports whether the catalogue has a row for key. Entries with other keys show their value "message".
func Known(key string) bool { return lookup(key) != &unknown }
