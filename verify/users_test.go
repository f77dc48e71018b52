package verify

import (
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/venue/tape"
)

// TestOperatorUsers holds the model, and the venue beside it, to the words at SetOperatorUser.
func TestOperatorUsers(t *testing.T) {
	set := func(name string, may tape.Right) *tape.SetOperatorUser {
		return &tape.SetOperatorUser{Name: name, May: may}
	}
	const both = tape.MayRead | tape.MayCompliance | tape.MayOperations
	group := func(by string) *tape.SetTradeGroup {
		return &tape.SetTradeGroup{Account: alice, Group: 1, By: by, Reason: "r"}
	}
	licence := func(w *writer, by, second string) *tape.RecordLicence {
		return &tape.RecordLicence{Account: alice, Licence: "l", By: by, Second: second, Reason: "r", At: w.at}
	}
	scenes(t, map[string]func(*testing.T, *writer){
		"who may be one": func(t *testing.T, w *writer) {
			for _, name := range []string{"", tape.VenueItself, "m k", "m/k", "ä", strings.Repeat("m", tape.MaxBy+1)} {
				w.refuse(set(name, both), tape.BadUser)
			}
			for _, may := range []tape.Right{tape.MayCompliance, tape.MayOperations, 8 | tape.MayRead, 255} {
				w.refuse(set("m", may), tape.BadUser)
			}
			w.refuse(set("m", 0), tape.BadUser)
			w.must(set("m.K_k-9", both))
			w.refuse(set("m.K_k-9", both), tape.BadUser)
			w.must(set("m.K_k-9", tape.MayRead))
			w.must(set("m.K_k-9", 0))
			w.refuse(set("m.K_k-9", 0), tape.BadUser)
		},
		"with none anybody says anything": func(t *testing.T, w *writer) {
			w.must(group("anybody"))
			w.must(licence(w, "one", "another"))
		},
		"with one nobody else does": func(t *testing.T, w *writer) {
			w.must(set("k", tape.MayRead|tape.MayCompliance))
			w.must(set("m", tape.MayRead|tape.MayOperations))
			w.must(set("r", tape.MayRead))
			for _, by := range []string{"k", "r", "K", "M", "", "anybody"} {
				w.refuse(group(by), tape.NotTheirs)
				w.refuse(&tape.SetPhase{Phase: tape.Halted, By: by, Reason: "r"}, tape.NotTheirs)
				w.refuse(&tape.SetMaxAsset{Asset: btc, By: by, Reason: "r"}, tape.NotTheirs)
			}
			w.must(group("m"))
			w.must(&tape.SetPhase{Phase: tape.CancelOnly, By: "m", Reason: "r"})
			w.must(&tape.SetMaxAsset{Asset: btc, By: "m", Reason: "r"})
			for _, by := range []string{"m", "r", "", "anybody"} {
				w.refuse(licence(w, by, "k"), tape.NotTheirs)
				w.refuse(licence(w, "k", by), tape.NotTheirs)
				w.refuse(&tape.EndLicence{ID: 1, By: by, Reason: "r"}, tape.NotTheirs)
				w.refuse(&tape.EndClearance{Clearance: 1, Cause: tape.TakenBack, By: by, Reason: "r"}, tape.NotTheirs)
				w.refuse(&tape.Clear{Account: alice, List: "l", Entity: "e", By: by, Reason: "r", At: w.at}, tape.NotTheirs)
			}
			w.refuse(licence(w, "k", "k"), tape.BadLicence) // both may, and they are one
			w.must(set("l", tape.MayRead|tape.MayCompliance))
			w.must(licence(w, "k", "l"))
			w.must(&tape.EndLicence{ID: 1, By: "l", Reason: "r"})
			w.refuse(&tape.EndClearance{Clearance: 1, Cause: tape.EntryGone}, tape.UnknownClearance) // nobody's word
			w.refuse(&tape.Clear{Account: alice, List: "l", Entity: "e", By: "k", Reason: "r", At: w.at}, tape.StaleDecision)
		},
		"what nobody says goes on": func(t *testing.T, w *writer) {
			w.must(set("k", tape.MayRead))
			w.must(w.hand(alice, book.Buy, "20000", "1"))
			w.review(alice, law.Freeze)
			w.must(&tape.SetTier{Account: bob, Tier: 1})
		},
		"until the last has gone": func(t *testing.T, w *writer) {
			w.must(set("k", tape.MayRead))
			w.refuse(group("anybody"), tape.NotTheirs)
			w.must(set("k", 0))
			w.must(group("anybody"))
		},
	})
}
