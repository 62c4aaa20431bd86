package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/eval"
)

// outputsFile is where scripts write their outputs, relative to the directory of the package.
const outputsFile = ".escape/outputs.json"

// writeOutputs writes the outputs file that a script finds. It may hold secrets, so only the owner can read it.
func writeOutputs(dir string, outputs map[string]any) error {
	if outputs == nil {
		outputs = map[string]any{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	if err := enc.Encode(outputs); err != nil {
		return fmt.Errorf("write outputs for the script: %w", err)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	file := filepath.Join(dir, outputsFile)
	if overwrite(file, text) {
		return nil
	}
	// A file of another run may be readable by others, or be a link to elsewhere.
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace outputs of an earlier run: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write outputs for the script: %w", err)
	}
	return nil
}

// position returns where an error of the JSON library lies, as ":line:column".
func position(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return ""
	}
	before := data[:max(min(offset, int64(len(data)))-1, 0)]
	return fmt.Sprintf(":%d:%d", bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
}

// readOutputs reads what a script left in the outputs file. A missing or empty file means no outputs. Anything but an
// object is an error with the text of the JSON library.
func readOutputs(dir string) (map[string]any, error) {
	file := filepath.Join(dir, outputsFile)
	data, err := eval.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(data)) == 0 {
		return map[string]any{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read outputs of the script: %w", err)
	}
	outputs, err := decodeObject(data)
	if err != nil {
		return nil, &stepError{error: err, details: []string{"it wrote " + outputsFile + position(data, err) + ", which has to be a JSON object"}}
	}
	if outputs == nil { // null
		outputs = map[string]any{}
	}
	return outputs, nil
}
