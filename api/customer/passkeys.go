package customer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/signin"
)

// What a passkey's answer is for, so that none does for another: a sign-in, a proof by who is
// signed in, or a new passkey.
const purposeSignIn = "sign-in"

func purposeAgain(account uint64) string { return "again " + strconv.FormatUint(account, 10) }
func purposeNew(account uint64) string   { return "new " + strconv.FormatUint(account, 10) }

// A passkey as its owner sees it.
type passkey struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Added  time.Time  `json:"added"`
	Used   *time.Time `json:"used,omitempty"`
	Cloned *time.Time `json:"cloned,omitempty"` // since when it opens nothing
}

func (v *visit) ownPasskeys() []passkey {
	l, _ := v.x.Login(v.account)
	all := []passkey{}
	for i := range l.Passkeys {
		k := &l.Passkeys[i]
		out := passkey{ID: k.ID(), Name: k.Name, Added: k.Added}
		if !k.Used.IsZero() {
			out.Used = &k.Used
		}
		if !k.Cloned.IsZero() {
			out.Cloned = &k.Cloned
		}
		all = append(all, out)
	}
	return all
}

// askPasskey is what a device is asked for a purpose.
func (v *visit) askPasskey(purpose string) (json.RawMessage, error) {
	if v.passkeys == nil {
		return nil, &fault{reason: noPasskeys}
	}
	return v.passkeys.Ask(purpose, v.now)
}

// passkeyOf is whom a passkey signs in.
func (v *visit) passkeyOf(a answer) (*proven, error) {
	proof, err := v.readProof(a)
	if err != nil {
		return nil, err
	}
	account, ok := v.x.LoginOfHandle(proof.Handle())
	if !ok {
		return nil, &fault{reason: wrongPasskey}
	}
	if err := v.checkPasskey(account, purposeSignIn, proof); err != nil {
		return nil, err
	}
	return &proven{account: account, passkey: proof.Passkey()}, nil
}

// usePasskey takes a passkey's answer for one of an account.
func (v *visit) usePasskey(account uint64, purpose string, a answer) error {
	proof, err := v.readProof(a)
	if err != nil {
		return err
	}
	return v.checkPasskey(account, purpose, proof)
}

func (v *visit) readProof(a answer) (signin.Proof, error) {
	if v.passkeys == nil {
		return signin.Proof{}, &fault{reason: noPasskeys}
	}
	proof, err := signin.ReadProof(a)
	if err != nil {
		return signin.Proof{}, &fault{reason: wrongPasskey}
	}
	return proof, nil
}

// checkPasskey checks a proof and keeps what it counts, before anybody is let in by it.
func (v *visit) checkPasskey(account uint64, purpose string, proof signin.Proof) error {
	cloned := false
	err := v.x.ChangeLogin(account, func(l *signin.Login) error {
		k, err := v.passkeys.Use(l, purpose, proof, v.now)
		if cloned = errors.Is(err, signin.ErrCloned); cloned {
			l.EndOf(k) // who has the copy may be in one of them
			return nil // that it is marked must be kept
		}
		return passkeyFault(err)
	})
	if err == nil && cloned {
		v.o.Log.Warn("a passkey of a customer may have been copied; it opens nothing any more", "account", account)
		if l, ok := v.x.Login(account); ok {
			v.tell(&l, copiedPasskey)
		}
		return &fault{reason: clonedPasskey}
	}
	return err
}

func passkeyFault(err error) error {
	if errors.Is(err, signin.ErrPasskey) || errors.Is(err, signin.ErrStale) {
		return &fault{reason: wrongPasskey}
	}
	return err
}

// newPasskey is what a device is asked that is to make a passkey, for who has shown again that
// it is them.
func (v *visit) newPasskey(p proving) (json.RawMessage, error) {
	if v.passkeys == nil {
		return nil, &fault{reason: noPasskeys}
	}
	if err := v.reprove(p); err != nil {
		return nil, err
	}
	var asked json.RawMessage
	err := v.change(func(l *signin.Login) (err error) {
		if len(l.Passkeys) >= signin.MaxPasskeys {
			return &fault{reason: notTaken, text: fmt.Sprintf("You have %d passkeys; take one away first.", len(l.Passkeys))}
		}
		if len(l.Handle) == 0 {
			if l.Handle, err = signin.NewHandle(v.o.Random); err != nil {
				return err
			}
		}
		asked, err = v.passkeys.AskNew(l, purposeNew(v.account), v.now)
		return err
	})
	return asked, err
}

const maxPasskeyName = 64 // bytes

// keepPasskey takes what the device answered. Who had no second factor has one now, and gets
// recovery codes. Every other session of theirs ends.
func (v *visit) keepPasskey(name string, a answer) ([]string, error) {
	if v.passkeys == nil {
		return nil, &fault{reason: noPasskeys}
	}
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len(name) > maxPasskeyName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return nil, missing("name", fmt.Sprintf("Want what you call it, in at most %d bytes.", maxPasskeyName))
	}
	codes, hashes, err := signin.NewRecovery(v.o.Random)
	if err != nil {
		return nil, err
	}
	err = v.change(func(l *signin.Login) error {
		if len(l.Passkeys) >= signin.MaxPasskeys {
			return &fault{reason: notTaken, text: fmt.Sprintf("You have %d passkeys; take one away first.", len(l.Passkeys))}
		}
		if l.Second() {
			codes = nil // those there are go on
		} else {
			l.Recovery = hashes
		}
		l.EndOthers(v.token)
		return passkeyFault(v.passkeys.New(l, purposeNew(v.account), name, a, v.now))
	})
	if err != nil {
		return nil, err
	}
	v.tellOf(addedPasskey)
	return codes, nil
}

// dropPasskey takes a passkey away, and ends every other session of the customer.
func (v *visit) dropPasskey(id string, p proving) error {
	if err := v.reprove(p); err != nil {
		return err
	}
	return v.tellAfter(lessPasskey, func(l *signin.Login) error {
		for i := range l.Passkeys {
			if l.Passkeys[i].ID() != id {
				continue
			}
			l.Passkeys = append(l.Passkeys[:i], l.Passkeys[i+1:]...)
			if !l.Second() {
				l.Recovery = nil
			}
			l.EndOthers(v.token)
			return nil
		}
		return &fault{reason: notFound, text: "You have no passkey of this name."}
	})
}
