package builtin

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

type value = cty.Value

func boolVal(b bool) value { return cty.BoolVal(b) }

// text returns argument i, which is a string.
func (c *call) text(i int) string { return c.args[i].AsString() }

// int returns argument i, which is a number; a fraction is cut off.
func (c *call) int(i int) int64 { return Int(c.args[i]) }

// Int returns a known number without its fraction, cut to 64 bits.
func Int(v value) int64 {
	n, _ := v.AsBigFloat().Int64()
	return n
}

// made returns s as a value, after paying for it.
func (c *call) made(s string) (value, error) {
	if err := c.Charge(len(s)); err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(s), nil
}

// failed is the error for something that went wrong inside a function because of argument i.
func (c *call) failed(i int, cause string) error {
	return &ArgError{Value: true, Index: i, Msg: fmt.Sprintf("Error in call to %s: %s", c.b.shown(), cause)}
}

func mapText(f func(string) string) func(*call) (value, error) {
	return func(c *call) (value, error) { return c.made(f(c.text(0))) }
}

func concat(c *call) (value, error) {
	var b strings.Builder
	for i, v := range c.args {
		if v.Type() == cty.Number {
			b.WriteString(strconv.FormatInt(c.int(i), 10))
			continue
		}
		s := v.AsString()
		if err := c.Charge(len(s)); err != nil {
			return cty.NilVal, err
		}
		if b.Len() == 0 && i+1 < len(c.args) {
			b.Grow(2 * (len(s) + 16))
		}
		b.WriteString(s)
	}
	return cty.StringVal(b.String()), nil
}

func split(c *call) (value, error) {
	text, sep := c.text(0), c.text(1)
	n := len(text) + 1
	if sep != "" {
		n = strings.Count(text, sep) + 1
	}
	if err := c.Charge(len(text) + n*elemSize); err != nil {
		return cty.NilVal, err
	}
	parts := strings.Split(text, sep)
	list := make([]value, len(parts))
	for i, p := range parts {
		list[i] = cty.StringVal(p)
	}
	return cty.TupleVal(list), nil
}

func join(c *call) (value, error) {
	list := c.args[0].AsValueSlice()
	size := len(c.text(1)) * max(len(list)-1, 0)
	parts := make([]string, len(list))
	for i, v := range list {
		if v.Type() != cty.String {
			// The original always says "list", whatever the element is.
			return cty.NilVal, &ArgError{Index: 0, Msg: fmt.Sprintf("Expecting string value in list in call to %s, but got list", c.b.shown())}
		}
		parts[i] = v.AsString()
		size += len(parts[i])
	}
	if err := c.Charge(size); err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(strings.Join(parts, c.text(1))), nil
}

func replace(c *call) (value, error) {
	text, old, with, count := c.text(0), c.text(1), c.text(2), c.int(3)
	found := int64(strings.Count(text, old))
	if count >= 0 && count < found {
		found = count
	}
	// Both factors are lengths of real strings, so the product stays far below 2^63.
	if err := c.Charge(len(text) + int(found)*max(len(with)-len(old), 0)); err != nil {
		return cty.NilVal, err
	}
	n := -1
	if count >= 0 {
		n = int(found)
	}
	return cty.StringVal(strings.Replace(text, old, with, n)), nil
}

func base64Encode(c *call) (value, error) {
	if err := c.Charge(base64.StdEncoding.EncodedLen(len(c.text(0)))); err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(base64.StdEncoding.EncodeToString([]byte(c.text(0)))), nil
}

func base64Decode(c *call) (value, error) {
	b, err := base64.StdEncoding.DecodeString(c.text(0))
	if err != nil {
		return cty.NilVal, c.failed(0, err.Error())
	}
	return c.made(string(b))
}

// track returns the pattern for the first parts of a version.
func track(parts int) func(*call) (value, error) {
	return func(c *call) (value, error) {
		all := strings.SplitN(c.text(0), ".", parts+1)
		if len(all) < parts {
			return cty.NilVal, &ArgError{Value: true, Index: 0, Msg: fmt.Sprintf("Version '%s' has fewer than %d parts", c.show(0, c.text(0)), parts)}
		}
		return c.made(strings.Join(all[:parts], ".") + trackSuffix)
	}
}

// trackSuffix makes a version a pattern: the next release below it.
const trackSuffix = ".@"

func trackAll(c *call) (value, error) {
	return concat(&call{World: c.World, b: c.b, args: append(c.args[:1:1], cty.StringVal(trackSuffix))})
}
