package entity

import (
	"errors"
	"fmt"
)

// An Owner holds a share of an organisation.
//
// An owner that is an organisation tells its own owners in turn. One that has been told
// elsewhere in the same profile is told again by its ID alone, and so is the customer's own
// ID where firms own one another: those of one ID are one party.
type Owner struct {
	Entity
	ShareBP int `json:"share_bp"` // basis points of the whole: 5000 is one half
	// UpToBP is the most that the share may be, where no more than a band is known and
	// ShareBP is the least ("25 to 50 %"); zero where the share is exact.
	UpToBP int `json:"up_to_bp,omitempty"`
	// Joint is a word that is the same for those owners of one organisation who act together.
	Joint    string    `json:"joint,omitempty"`
	Roles    []Role    `json:"roles,omitempty"`    // what the owner is besides
	Owners   []Owner   `json:"owners,omitempty"`   // of an owner that is an organisation
	Officers []Officer `json:"officers,omitempty"` // of an owner that is an organisation
}

// Most is the most that the share may be.
func (o *Owner) Most() int {
	if o.UpToBP == 0 {
		return o.ShareBP
	}
	return o.UpToBP
}

// An Officer has a post or a power in an organisation.
type Officer struct {
	Entity
	Roles    []Role    `json:"roles"`
	Owners   []Owner   `json:"owners,omitempty"`   // of an officer that is an organisation
	Officers []Officer `json:"officers,omitempty"` // of an officer that is an organisation
}

// A Role is a post or a power in an organisation. The zero value is not known which.
type Role uint8

const (
	UnknownRole   Role = iota
	Director           // an executive director, or the head by another title
	BoardMember        // of the board of directors or a supervisory board
	Administrator      // who manages its affairs: manager, secretary, trustee, liquidator
	Signatory          // who may act or sign for it
	AppointsBoard      // has the right to appoint or remove the majority of the board
	Contract           // directs it under a contract or a provision of its statutes
	Votes              // controls the majority of the votes by agreement with others
)

var roleNames = [...]string{"unknown", "director", "board_member", "administrator", "signatory", "appoints_board", "controls_by_contract", "controls_votes"}

func (r Role) String() string { return nameOf(roleNames[:], int(r)) }

// MarshalText gives the lower-case English words.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Role) UnmarshalText(b []byte) error {
	i, err := indexOf("role", roleNames[:], string(b))
	*r = Role(i)
	return err
}

// Controls reports whether the role is by itself an established means of control.
func (r Role) Controls() bool { return r == AppointsBoard || r == Contract || r == Votes }

// Bounds of who is told of in one profile.
const (
	MaxRelated = 500 // parties, however deep
	MaxDepth   = 12  // owners of owners
)

// A Related is somebody whom a profile tells of besides the customer: an owner or an officer,
// of the customer or of another one told of.
type Related struct {
	*Entity
	Path  string // as in the JSON: "owners[0].officers[1]"
	Of    int    // the index of whose owner or officer this is; -1 is the customer
	Owner *Owner // nil for an officer
	Roles []Role
	Tells bool // has owners or officers told here
	depth int
}

// Related is everybody whom the profile tells of, in a fixed order: each owner and then each
// officer, each followed by their own. All of them are screened.
func (p *Profile) Related() []Related {
	if len(p.Owners) == 0 && len(p.Officers) == 0 {
		return nil
	}
	var all []Related
	var walk func(of int, path string, depth int, owners []Owner, officers []Officer)
	walk = func(of int, path string, depth int, owners []Owner, officers []Officer) {
		for i := range owners {
			o := &owners[i]
			at := fmt.Sprintf("%sowners[%d]", path, i)
			all = append(all, Related{&o.Entity, at, of, o, o.Roles, len(o.Owners)+len(o.Officers) > 0, depth})
			walk(len(all)-1, at+".", depth+1, o.Owners, o.Officers)
		}
		for i := range officers {
			o := &officers[i]
			at := fmt.Sprintf("%sofficers[%d]", path, i)
			all = append(all, Related{&o.Entity, at, of, nil, o.Roles, len(o.Owners)+len(o.Officers) > 0, depth})
			walk(len(all)-1, at+".", depth+1, o.Owners, o.Officers)
		}
	}
	walk(-1, "", 1, p.Owners, p.Officers)
	return all
}

// CheckRelated says what is wrong with what a profile tells of owners, officers, the state and
// finance. It names places in the profile and nobody's data.
func (p *Profile) CheckRelated() error {
	for _, s := range []struct{ name, said string }{{"state_body", p.StateBody}, {"financial_institution", p.FinancialInstitution}} {
		_, ok := CountryCode(s.said)
		if s.said == "no" || s.said == "No" { // Norway is NO, and who means none is not Norway's
			ok = false
		}
		if !ok && s.said != "" && s.said != None {
			return fmt.Errorf("%s: want the country, or the word none where it was asked and is none", s.name)
		}
	}
	all := p.Related()
	if len(all) == 0 {
		return nil
	}
	if p.Kind == Person {
		return errors.New("owners and officers are an organisation's: leave them out for a person")
	}
	if len(all) > MaxRelated {
		return fmt.Errorf("owners and officers: %d of them, at most %d are taken", len(all), MaxRelated)
	}
	kinds, told := map[string]Kind{p.ID: p.Kind}, map[string]bool{p.ID: true}
	first := map[string]bool{p.ID: true} // ids of somebody with a name
	for i := range all {
		r := &all[i]
		first[r.ID] = first[r.ID] || r.PrimaryName() != ""
		if kinds[r.ID] == UnknownKind {
			kinds[r.ID] = r.Kind
		}
	}
	shares := map[int]int{}
	for i := range all {
		r := &all[i]
		switch {
		case r.depth > MaxDepth:
			return fmt.Errorf("%s: owners of owners go %d deep at most", r.Path, MaxDepth)
		case r.Tells && (r.Kind == Person || r.ID != "" && kinds[r.ID] == Person):
			return fmt.Errorf("%s: a person has neither owners nor officers: leave them out, or give the kind organisation", r.Path)
		case r.PrimaryName() == "" && (r.ID == "" || !first[r.ID]):
			return fmt.Errorf("%s: want a name, or the id of somebody named elsewhere in the profile", r.Path)
		}
		if r.ID != "" {
			if r.Kind != UnknownKind && kinds[r.ID] != r.Kind {
				return fmt.Errorf("%s: its id is that of another kind elsewhere in the profile", r.Path)
			}
			if r.Tells && told[r.ID] {
				return fmt.Errorf("%s: its owners and officers are told elsewhere in the profile: tell them once, and here its id alone", r.Path)
			}
			told[r.ID] = told[r.ID] || r.Tells
		}
		if o := r.Owner; o != nil {
			if o.ShareBP < 0 || o.Most() < o.ShareBP || o.Most() > 10000 {
				return fmt.Errorf("%s: want share_bp from 0 to 10000 and, of a band, up_to_bp no less than it", r.Path)
			}
			if shares[r.Of] += o.ShareBP; shares[r.Of] > 10000 {
				return fmt.Errorf("%s: together with those before it the owners hold more than the whole", r.Path)
			}
			if len(o.Joint) > 64 {
				return fmt.Errorf("%s: joint: want a word of at most 64 bytes", r.Path)
			}
		}
		if len(r.Roles) > 16 {
			return fmt.Errorf("%s: %d roles, at most 16 are taken", r.Path, len(r.Roles))
		}
		if r.Owner == nil && len(r.Roles) == 0 {
			return fmt.Errorf("%s: want what the officer is, in roles", r.Path)
		}
	}
	return nil
}
