package law

import (
	"fmt"
)

// A Verb is a legal effect. They are never conflated: each has its own duties and
// its own way out (see the package comment). The zero value decides nothing and
// moves nothing.
type Verb uint8

const (
	Undecided   Verb = iota // not a decision
	Allow                   // no rule in force forbids it
	Cap                     // allowed up to a value; above it the customer may only withdraw
	Exit                    // no new business; the customer takes their assets out. Never a freeze
	Hold                    // bounded time for a person to look; has an owner and a clock
	Bar                     // two classes of customers must never be matched with one another
	AssetBan                // the token is what is forbidden
	PlatformBan             // the other platform is what is forbidden
	Reject                  // this action is refused; nothing is held
	Refuse                  // no onboarding, no service
	Freeze                  // property of a listed person: nothing leaves, credits still arrive; report due
	Release                 // lifts a freeze or a hold: delisting, mistaken identity, licence, expiry
)

var verbNames = [...]string{"undecided", "allow", "cap", "exit", "hold", "bar", "asset_ban", "platform_ban", "reject", "refuse", "freeze", "release"}

func (v Verb) String() string {
	if int(v) < len(verbNames) {
		return verbNames[v]
	}
	return fmt.Sprintf("verb %d?", uint8(v))
}

// ParseVerb reads the word that String writes.
func ParseVerb(s string) (Verb, error) {
	for i, n := range verbNames {
		if n == s {
			return Verb(i), nil
		}
	}
	return Undecided, fmt.Errorf("law: unknown verb %q", s)
}

// MarshalText gives the word.
func (v Verb) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word.
func (v *Verb) UnmarshalText(b []byte) error {
	p, err := ParseVerb(string(b))
	*v = p
	return err
}

// An Action is what somebody asks to do, or what is to be decided again.
type Action string

const (
	OpenAccount  Action = "open_account"
	Review       Action = "review" // the standing of an existing customer, decided again
	SignIn       Action = "sign_in"
	Trade        Action = "trade"
	Deposit      Action = "deposit"
	Withdraw     Action = "withdraw"
	HoldAsset    Action = "hold_asset"    // whether somebody may hold an asset or come to hold it
	ListAsset    Action = "list_asset"    // whether an asset may be offered at all
	DealPlatform Action = "deal_platform" // whether another provider may be dealt with
	Govern       Action = "govern"        // to own or control the operator, or to sit on its board
)
