package state

import (
	"fmt"
	"hash/crc32"
	"sync"
)

// checksumText is what tells whether a document changed. It detects accidents, not forgery.
func checksumText(crc uint32, size int64) string { return fmt.Sprintf("crc32c-%08x-%d", crc, size) }

// castagnoli makes its table on first use: most commands never touch a state.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// sumBlock is how much lies between two checksums that are kept.
const sumBlock = 128 << 10

// sums keeps checksums of a document along its length, so that the one of a part of it that goes into the next document
// need not be computed again.
type sums struct {
	size   int
	total  uint32
	blocks []uint32 // of the document up to the end of each whole block
}

func newSums(data []byte) *sums {
	s := &sums{}
	s.add(data)
	return s
}

// add takes in what comes next in the document.
func (s *sums) add(b []byte) {
	for len(b) > 0 {
		n := min(len(b), sumBlock-s.size%sumBlock)
		s.total = crc32.Update(s.total, castagnoli(), b[:n])
		if s.size += n; s.size%sumBlock == 0 {
			s.blocks = append(s.blocks, s.total)
		}
		b = b[n:]
	}
}

// upTo returns the checksum of the first n bytes of data, which is the document.
func (s *sums) upTo(data []byte, n int) uint32 {
	var sum uint32
	whole := n / sumBlock
	if whole > 0 {
		sum = s.blocks[whole-1]
	}
	return crc32.Update(sum, castagnoli(), data[whole*sumBlock:n])
}

// extend returns the checksum of something that has the checksum sum with data[from:to] behind it.
func (s *sums) extend(sum uint32, data []byte, from, to int) uint32 {
	if s == nil || to-from < 4*sumBlock {
		return crc32.Update(sum, castagnoli(), data[from:to])
	}
	// The checksum of AB is that of A, moved by the length of B, plus that of B; addition is exclusive or. What is wanted
	// is that of CB, and those of A and AB are known.
	return moved(sum^s.upTo(data, from), to-from) ^ s.upTo(data, to)
}

// moved returns what a checksum contributes to the one of n bytes more: its product with x to the power of 8n, as polynomials
// over two elements modulo that of the checksum, the lowest power in the highest bit.
func moved(sum uint32, n int) uint32 {
	power := uint32(1) << (31 - 8) // x to the power of 8
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			sum = product(sum, power)
		}
		power = product(power, power)
	}
	return sum
}

func product(a, b uint32) uint32 {
	var p uint32
	for bit := uint32(1) << 31; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			p ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.Castagnoli
		} else {
			b >>= 1
		}
	}
	return p
}
