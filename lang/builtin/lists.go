package builtin

import (
	"fmt"
	"strconv"

	"github.com/zclconf/go-cty/cty"
)

// elemSize is what an element of a list costs besides its content.
const elemSize = 64

func identity(c *call) (value, error) { return c.args[0], nil }

func length(c *call) (value, error) {
	v := c.args[0]
	if v.Type() == cty.String {
		return cty.NumberIntVal(int64(len(v.AsString()))), nil
	}
	return cty.NumberIntVal(int64(v.LengthInt())), nil
}

func listIndex(c *call) (value, error) {
	list, i := c.args[0].AsValueSlice(), c.int(1)
	if i < 0 || i >= int64(len(list)) {
		return cty.NilVal, &ArgError{Value: true, Index: 1, Msg: fmt.Sprintf("Index '%s' out of range (len: %s)",
			c.show(1, strconv.FormatInt(i, 10)), c.show(0, strconv.Itoa(len(list))))}
	}
	return list[i], nil
}

func listSlice(c *call) (value, error) {
	list, start := c.args[0].AsValueSlice(), c.int(1)
	n := int64(len(list))
	end, shown := n, c.show(1, strconv.FormatInt(start, 10))+":"
	if len(c.args) == 3 {
		end = c.int(2)
		shown += c.show(2, strconv.FormatInt(end, 10))
		if end < 0 {
			end += n
		}
	}
	if start < 0 || start > end || end > n {
		return cty.NilVal, &ArgError{Value: true, Index: 1, Msg: fmt.Sprintf("Slice '%s' out of range (len: %s)", shown, c.show(0, strconv.FormatInt(n, 10)))}
	}
	if err := c.Charge(int(end-start) * elemSize); err != nil {
		return cty.NilVal, err
	}
	return cty.TupleVal(list[start:end]), nil
}

func add(c *call) (value, error) { return cty.NumberIntVal(c.int(0) + c.int(1)), nil }

func equals(c *call) (value, error) { return boolVal(same(c.args[0], c.args[1])), nil }

// same compares two wholly known values: type and content. Functions equal nothing, not even themselves.
func same(a, b value) bool {
	ka, kb := Kind(a), Kind(b)
	if ka != kb || ka == "lambda" {
		return false
	}
	switch ka {
	case "list":
		as, bs := a.AsValueSlice(), b.AsValueSlice()
		if len(as) != len(bs) {
			return false
		}
		for i := range as {
			if !same(as[i], bs[i]) {
				return false
			}
		}
		return true
	case "map":
		am, bm := a.AsValueMap(), b.AsValueMap()
		if len(am) != len(bm) {
			return false
		}
		for k, v := range am {
			if w, ok := bm[k]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	}
	return a.RawEquals(b)
}
