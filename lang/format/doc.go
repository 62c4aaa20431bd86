// Package format brings a plan into the shape of `escape plan fmt` and `escape plan minify` without losing anything:
// comments, blank lines inside values, scripts, unknown fields, anchors, quotes, spellings of numbers, line ends, byte
// order mark and document markers stay as written, and no value changes. It does not check what a plan means.
//
// The text is cut into chunks: an entry of the document with the comments above it. Chunks are ordered by the table of
// fields, lines move to their indentation as a whole, and nothing is ever marshalled again. Read format.go (what comes
// out), then chunk.go (cutting), order.go (sorting), indent.go (moving lines), write.go (joining), verify.go (the law).
//
// # What fmt does
//
// In YAML: all fields in the order of plan.Fields, each followed by a blank line. A field that is absent, or written without a
// value, is `key: ""`, `key: []` or `key: {}`. Items of lists stand below their key, entries of mappings and lines of
// block scalars are indented by two.
//
// # What minify does
//
// The same order and indentation, but only fields that have a value; name and version always. A field has no value if
// it is null or the empty text, list or mapping of its kind. A step given as `{}` has one: it removes an inherited
// step. The lines between fields go, those of comments stay, also comments of a field that was dropped. Minify undoes
// Format: Minify(Format(x)) is Minify(x).
//
// # Plans in HCL
//
// The same order, for blocks by the field they belong to; blocks of one field keep their order. Nothing is added: fmt writes no
// empty fields there, as HCL has no use for them. Spacing is that of hclwrite: two blanks for each bracket, signs of assignments
// and comments of neighbouring lines below each other. A blank line stands around blocks, but for blocks of one kind that have
// one line each; between attributes it stays where it was. Heredocs and comments are moved as they are. Read hcl.go.
//
// # What differs from the original
//
// The original marshals the plan again. Here keys inside values keep their order, and flow style, folded style, quotes,
// numbers and unknown fields stay as they are.
//
//   - An unknown field stays behind the last field with a value that it followed, one above all of these on top.
//   - Comments above an entry move with it. So do comments below an entry, if they are indented, or follow it directly
//     and a blank line separates them from the next one. Other comments at the end of the document stay there.
//   - The comment at the top of the file stays there: all lines down to the last blank line before the first entry, and
//     lines that tools read, such as "# yaml-language-server:".
//   - Entries keep their order if an alias would come to stand before its anchor, or behind another anchor of that name.
//   - A plan with a merge key on top level, or with a key that is no text, keeps its order too; nothing is added to it or left out of it, as an
//     explicit empty field would hide a merged one.
//   - A field that is written twice is never dropped.
//   - A document in flow style, `{name: x}`, one that is no mapping, one that stands on the line of its `---`, and one
//     with lines that end in a carriage return alone stay as they are.
//   - Only the first document is formatted; what follows it stays.
package format
