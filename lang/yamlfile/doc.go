// Package yamlfile reads plans written in YAML into the neutral tree of package syntax. It is tolerant of mistakes: one
// broken line costs that line and nothing else, and gives one finding, or two.
//
// It reads the YAML of plans: block and flow collections, five scalar styles, comments, anchors, aliases, tags, merge
// keys; of a stream only the first document. It is not a general YAML library: it does not decode into Go values (see
// lang/plan), and everything which is not a plan is read by another library.
//
// On every document that gopkg.in/yaml.v3 accepts, both give the same values in the same order; the few deliberate
// differences are listed in differential_test.go and fuzz_test.go.
//
// How it works. A parser walks over the text once, by recursive descent. Lines and their indentation give the structure
// and are where it finds its feet again after a mistake: an unclosed quote or bracket ends before the first line that
// reads like an entry of an enclosing collection. Read parse.go (entry point), lines.go, block.go, entry.go, leaf.go,
// flow.go, quoted.go, plain.go, blockscalar.go, then recover.go (lines that are wrong), limits.go and memory.go.
package yamlfile
