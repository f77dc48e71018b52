// Package memory is a chain that lives in this process: a stand-in, and a fake.
//
// No node, no block and no signature is behind it. It gives each customer an address,
// carries transfers at once and forgets everything when the process ends, which is
// enough for a demonstration and for tests of what a venue does with deposits and
// withdrawals. Real chains take its place in packages of their own.
package memory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"sallyport/money"
)

// A Transfer is an amount of an asset that went from one address to another.
type Transfer struct {
	Network string
	TxID    string // 64 hexadecimal digits
	Index   uint32 // of the transfer within its transaction; here always 0
	Asset   string
	Amount  money.Amount
	From    string
	To      string
}

// A Chain carries transfers. The zero value is not usable; call [New].
type Chain struct {
	mu    sync.Mutex
	seen  map[string]Transfer // by idempotency key
	count uint64
	seed  string
}

// New is an empty chain. The seed keeps its transaction ids apart from those of another run.
func New(seed string) *Chain { return &Chain{seen: map[string]Transfer{}, seed: seed} }

// DepositAddress is the address at which an account receives on a network. It is the same
// in every run.
func DepositAddress(network string, account uint64) string {
	h := sha256.Sum256(fmt.Appendf(nil, "deposit address\n%s\n%d\n", network, account))
	return "mem1" + hex.EncodeToString(h[:20])
}

// Send carries a transfer and returns it with its transaction id. The same key carries it
// once, however often it is asked.
func (c *Chain) Send(key string, t Transfer) Transfer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.seen[key]; ok {
		return done
	}
	c.count++
	h := sha256.Sum256(fmt.Appendf(nil, "transaction\n%s\n%s\n%d\n", c.seed, key, c.count))
	t.TxID = hex.EncodeToString(h[:])
	c.seen[key] = t
	return t
}
