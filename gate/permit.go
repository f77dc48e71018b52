package gate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"sallyport/law"
)

// A Movement is one movement of value, described so that no other one has the same
// digest.
type Movement struct {
	Kind    law.Action `json:"kind"` // law.Deposit or law.Withdraw
	Account uint64     `json:"account"`
	Asset   string     `json:"asset"`   // its code
	Amount  string     `json:"amount"`  // in the one way in which the amount is written
	Address string     `json:"address"` // the other side's, as written
	Network string     `json:"network"`
	Ref     string     `json:"reference"` // what makes it this one: transaction and index, or the customer's own id
}

// Digest is the SHA-256, in hex, of "sallyport movement 1" and then the kind, account
// (eight bytes, big-endian), asset, amount, address, network and reference, each of them
// after its length in eight bytes, big-endian.
func (m Movement) Digest() string {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	var account [8]byte
	binary.BigEndian.PutUint64(account[:], m.Account)
	h.Write([]byte("sallyport movement 1"))
	field([]byte(m.Kind))
	field(account[:])
	for _, s := range []string{m.Asset, m.Amount, m.Address, m.Network, m.Ref} {
		field([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Permit is the gate's yes to one movement of value. Only [Grant] makes one; the zero
// permit covers nothing.
//
// It is good for one action once. That it is spent only once is for whoever moves the
// value to see: they keep the decision's identifier and take none of them twice.
type Permit struct {
	decision string
	movement string
}

// Grant gives the permit for the movement to which the decision is bound, and whether
// there is one: the decision is sealed and unaltered, names a movement that this program
// books (Decision.Asked is nil), and its verdict is allow.
//
// A verdict of exit or cap does as well, for both let assets go back to their owner:
// that of a withdrawal, and that of a deposit, which has arrived already and can only go
// back from an account in which it is credited. What may be done with it there is a
// matter of the account's standing.
func Grant(d Decision) (Permit, bool) {
	moves := d.Action == law.Deposit || d.Action == law.Withdraw
	switch d.Verdict {
	case law.Allow, law.Exit, law.Cap:
	default:
		return Permit{}, false
	}
	if !moves || d.Movement == "" || d.Asked != nil || d.Check() != nil {
		return Permit{}, false
	}
	return Permit{decision: d.ID, movement: d.Movement}, true
}

// Covers reports whether the permit is for the movement of that digest.
func (p Permit) Covers(movement string) bool { return p.movement != "" && p.movement == movement }

// Decision is the identifier of the decision that gave the permit, or "".
func (p Permit) Decision() string { return p.decision }
