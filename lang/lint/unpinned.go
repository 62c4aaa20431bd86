package lint

import (
	"fmt"
	"strings"
)

// dependencyLatest reports dependencies whose version is whatever was released last.
func dependencyLatest(p *Pass) {
	for _, d := range p.Plan.Depends {
		if d != nil && strings.HasSuffix(d.Release.Value, "-latest") {
			p.Report(d.Release.Span(), fmt.Sprintf("%q is another release whenever somebody publishes one", d.Release.Value))
		}
	}
}
