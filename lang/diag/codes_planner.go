package diag

// Findings about a request as it meets the state: 50xx to 54xx.
var (
	DeploymentTaken        = add(Entry{Code: "ESC5001", Name: "deployment-taken", Summary: "the deployment holds another package"})
	MissingProvider        = add(Entry{Code: "ESC5003", Name: "missing-provider", Summary: "no deployment of the environment offers an interface that is consumed"})
	AmbiguousProvider      = add(Entry{Code: "ESC5004", Name: "ambiguous-provider", Summary: "several deployments offer an interface, and none is chosen"})
	ProviderMismatch       = add(Entry{Code: "ESC5005", Name: "provider-mismatch", Summary: "the chosen provider does not offer the interface"})
	NotDeployed            = add(Entry{Code: "ESC5006", Name: "not-deployed", Summary: "a test or destroy asks for a stage that is not there"})
	UnknownConsumer        = add(Entry{Code: "ESC5007", Name: "unknown-consumer", Severity: Warning, Summary: "a provider was given for a consumer that does not exist"})
	ProviderMissing        = add(Entry{Code: "ESC5008", Name: "provider-not-deployed", Summary: "the chosen provider does not exist or is not deployed"})
	DependenciesNotPlanned = add(Entry{Code: "ESC5009", Name: "dependencies-not-planned", Retired: true, Summary: "the release has dependencies"})
	DependencyCycle        = add(Entry{Code: "ESC5011", Name: "dependency-cycle", Summary: "dependencies of a release need values of each other"})
	NothingToDestroy       = add(Entry{Code: "ESC5010", Name: "nothing-to-destroy", Severity: Warning, Summary: "a stage that never got so far is to be destroyed"})
)
