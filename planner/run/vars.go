package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// ParseVars reads the values of --extra-vars: "key=value", "key=", "key", "key=@file" (the content of the file as text)
// and "@file" (a JSON object whose members keep their types). A later value wins over an earlier one of the same key. The
// error says which file could not be read.
func ParseVars(args []string, readFile func(string) ([]byte, error)) (map[string]any, error) {
	vars := map[string]any{}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch {
		case strings.HasPrefix(key, "@") && value == "":
			name := key[1:]
			data, err := readFile(name)
			if err != nil {
				return nil, fmt.Errorf("Coulnd't read file '%s': %w", name, err)
			}
			members, err := decodeObject(data)
			if err != nil {
				return nil, fmt.Errorf("Coulnd't read file '%s' into JSON map: %w", name, err)
			}
			maps.Copy(vars, members)
		case strings.HasPrefix(value, "@"):
			data, err := readFile(value[1:])
			if err != nil {
				return nil, fmt.Errorf("Coulnd't read file '%s': %w", value[1:], err)
			}
			vars[key] = string(data)
		default:
			vars[key] = value
		}
	}
	return vars, nil
}

// ParseProviders reads the values of --extra-providers, which are written like those of --extra-vars but must be texts:
// the paths of deployments by consumer variable.
func ParseProviders(args []string, readFile func(string) ([]byte, error)) (map[string]string, error) {
	vars, err := ParseVars(args, readFile)
	if err != nil {
		return nil, err
	}
	providers := make(map[string]string, len(vars))
	for _, key := range sortedKeys(vars) {
		text, ok := vars[key].(string)
		if !ok {
			return nil, fmt.Errorf("Expecting a string value for extra provider '%s' got %v", key, vars[key])
		}
		providers[key] = text
	}
	return providers, nil
}

// decodeObject reads a JSON object into plain Go values: whole numbers become int64 or uint64, others float64. The error
// is that of the JSON library.
func decodeObject(data []byte) (map[string]any, error) {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	raw = nil
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	for k, v := range raw {
		raw[k] = exact(v)
	}
	return raw, nil
}

// exact replaces the numbers in a decoded JSON value by the narrowest Go type that holds them exactly.
func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return u
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exact(v[k])
		}
	}
	return v
}
