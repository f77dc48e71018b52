package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"sallyport/law"
	"sallyport/venue/tape"
)

// movementDigest is what binds a decision to one movement of value: the SHA-256 of
// "sallyport movement 1" and then the kind, account (eight bytes, big-endian), asset,
// amount, address, network and reference, each of them after its length in eight bytes,
// big-endian (gate.Movement).
func movementDigest(kind law.Action, account uint64, asset, amount, address, network, ref string) string {
	b := []byte("sallyport movement 1")
	for _, field := range []string{
		string(kind), string(binary.BigEndian.AppendUint64(nil, account)), asset, amount, address, network, ref,
	} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(field)))
		b = append(b, field...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// depositMovement is the movement of a deposit: the asset by its code, the address it
// came from, and as reference the transaction, a colon and the index.
func depositMovement(g *tape.Genesis, c *tape.Deposit) string {
	return movementDigest(law.Deposit, c.Account, g.Assets[c.Asset].Code, c.Amount.String(), c.From, c.Network, fmt.Sprintf("%s:%d", c.TxID, c.Index))
}

// withdrawMovement is the movement of a withdrawal: the asset by its code, the address
// it goes to, and as reference the customer's own.
func withdrawMovement(g *tape.Genesis, c *tape.Withdraw) string {
	return movementDigest(law.Withdraw, c.Account, g.Assets[c.Asset].Code, c.Amount.String(), c.Address, c.Network, c.Ref)
}

// permits reports whether a decision on a movement of this verdict lets it go
// (gate.Grant): "its verdict is allow. A verdict of exit or cap does as well".
func permits(v law.Verb) bool { return v == law.Allow || v == law.Cap || v == law.Exit }
