package script_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// BenchmarkParse reads scripts of some 50 KB.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"deploy.sh", "if [ -n \"$INPUT_who\" ]; then helm upgrade \"${INPUT_who:-x}\" ./chart --wait > \"$out\"; fi # why\n"},
		{"deploy.py", "if os.environ.get(\"INPUT_who\"): run([\"helm\", \"upgrade\", os.environ[\"INPUT_who\"]]) # why\n"},
		{"deploy.js", "if (process.env.INPUT_who) { run(`helm upgrade ${process.env.INPUT_who}`); } // why\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := source.NewFile(c.name, strings.Repeat(c.line, 50<<10/len(c.line)))
			b.SetBytes(int64(len(f.Text())))
			b.ReportAllocs()
			for b.Loop() {
				script.ParseAs(f, script.Unknown)
			}
		})
	}
}
