package diag

// Findings that need more than the plan's own text: other releases, files, and the values of expressions when the plan
// is compiled. 40xx.
var (
	ReleaseUnresolved = add(Entry{Code: "ESC4001", Name: "release-unresolved", Summary: "a dependency or extension cannot be resolved here"})
	ReleaseNotFound   = add(Entry{Code: "ESC4002", Name: "release-not-found", Summary: "no release matches a dependency or extension"})
	VersionFailed     = add(Entry{Code: "ESC4003", Name: "version-expression", Summary: "the expression of the version fails or gives no version"})
	MetadataFailed    = add(Entry{Code: "ESC4004", Name: "metadata-expression", Summary: "the expression of a metadata value fails or gives no text"})
	FileMissing       = add(Entry{Code: "ESC4005", Name: "file-missing", Summary: "a file that the plan refers to does not exist"})
	OutsidePackage    = add(Entry{Code: "ESC4006", Name: "outside-package", Summary: "a file to be packed lies outside the folder of the package"})
	FileSkipped       = add(Entry{Code: "ESC4007", Name: "file-skipped", Severity: Warning, Summary: "a file that matches an include cannot be packed and is left out"})
	InvalidRelease    = add(Entry{Code: "ESC4008", Name: "invalid-release", Summary: "the compiled release breaks a rule of release metadata"})
)
