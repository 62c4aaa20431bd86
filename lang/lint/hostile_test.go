package lint_test

import (
	"strings"
	"testing"
	"time"
)

// TestHostileScripts: whatever a script looks like, reading it and running all rules ends soon.
func TestHostileScripts(t *testing.T) {
	const size = 200 << 10
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"open brackets":   fill("("),
		"open braces":     fill("{ "),
		"open strings":    fill(`"$(`),
		"open expansions": fill("${a:-"),
		"arithmetic":      "echo $((" + fill("-") + "1))",
		"negations":       fill("! ") + "x",
		"tests":           "[[ " + fill("! ") + "x ]]",
		"ifs":             fill("if x; then "),
		"whiles":          fill("while "),
		"pipes":           "a" + fill(" | sh"),
		"ands":            "a" + fill(" && cd x"),
		"cases":           fill("case x in x) "),
		"backticks":       fill("`"),
		"heredocs":        fill("cat <<A\n"),
		"heredocs in one": "cat" + fill(" <<A") + "\n" + fill("A\n"),
		"variables":       fill("echo $INPUT_who$INPUT_x "),
		"names":           "x='" + fill("INPUT_a ") + "'",
		"dollars":         fill("$"),
		"assignments":     fill("a=$a/b;"),
		"calls":           fill("./x.sh;"),
		"outputs":         fill("echo '{\"a\": 1}' > \"$1\";"),
		"functions":       fill("f() "),
		"times":           fill("time "),
		"dos":             fill("for x do "),
		"tests 2":         "[[ " + fill("(") + "x",
		"quotes":          fill("'\""),
		"carriages":       fill("x\r\n"),
		"spaces":          "x=INPUT_" + fill(" "),
		"eval":            fill("eval "),
		"nested":          fill("bash -c '"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			analyze(t, "x.sh", "#!/bin/bash\n"+text)
			analyze(t, "x.py", "#!/usr/bin/python3\n"+text)
			// A second is usual; it may be thirty with the race detector on a busy machine.
			spent := time.Since(start)
			if spent > 2*time.Minute {
				t.Errorf("took %v", spent)
			}
			t.Log(spent)
		})
	}
}
