package verify

import (
	"errors"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestEarnedTiers takes a log in which two accounts earn a tier by trading 2 000 USDT, worth 0.9
// euro each, and breaks what it says of that.
func TestEarnedTiers(t *testing.T) {
	type log struct {
		mark  tape.MarkVolume
		moves []tape.Command
		late  int64 // µs after the mark's day
	}
	for name, c := range map[string]struct {
		change func(*log)
		wrong  int // 0: nothing; n: the nth record from the mark on
	}{
		"as it is":                        {func(*log) {}, 0},
		"with another of its trade group": {func(*log) {}, 0}, // which counts nothing
		"another volume":                  {func(l *log) { l.moves[0].(*tape.EarnTier).Volume = amt("1801") }, 2},
		"another tier":                    {func(l *log) { l.moves[1].(*tape.EarnTier).Tier = 2 }, 3},
		"another day":                     {func(l *log) { l.moves[0].(*tape.EarnTier).Day -= aDay }, 2},
		"one left out":                    {func(l *log) { l.moves = l.moves[1:] }, 2},
		"the last left out":               {func(l *log) { l.moves = l.moves[:1] }, 2},
		"in another order":                {func(l *log) { l.moves[0], l.moves[1] = l.moves[1], l.moves[0] }, 2},
		"something between":               {func(l *log) { l.moves[0] = &tape.SetTier{Account: alice, Tier: 1} }, 2},
		"one too many":                    {func(l *log) { l.moves = append(l.moves, &tape.EarnTier{Account: carol, Tier: 1, Day: l.mark.Day}) }, 4},
		"the day of the trades":           {func(l *log) { l.mark.Day -= aDay; l.moves = nil }, 0},
		"and yet moved":                   {func(l *log) { l.mark.Day -= aDay }, 2},
		"thirty days on":                  {func(l *log) { l.mark.Day += 29 * aDay; l.late = 29 * aDay }, 0},
		"a day more":                      {func(l *log) { l.mark.Day += 30 * aDay; l.moves = nil; l.late = 30 * aDay }, 0},
		"out of the window":               {func(l *log) { l.mark.Day += 30 * aDay; l.late = 30 * aDay }, 2},
		"within a day":                    {func(l *log) { l.mark.Day -= 1 }, 1},
		"a day to come":                   {func(l *log) { l.mark.Day += aDay }, 1},
		"a volume just reached":           {func(l *log) { l.mark.Least = []money.Amount{amt("1800"), amt("1800.000000000000000001")} }, 0},
		"one just not":                    {func(l *log) { l.mark.Least = []money.Amount{amt("1800.000000000000000001")}; l.moves = nil }, 0},
		"volumes that fall":               {func(l *log) { l.mark.Least = []money.Amount{amt("2"), amt("1")} }, 1},
		"an asset without worth":          {func(l *log) { l.mark.Worth[usdt] = money.Amount{}; l.moves = nil }, 0},
		"an asset left out":               {func(l *log) { l.mark.Worth = l.mark.Worth[:1] }, 1},
		"worth less than none":            {func(l *log) { l.mark.Worth[btc] = amt("-1") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := tradersOf(t, func(k *tape.Market) { k.AllowSelf = true })
			w.must(w.order(carol, book.Sell, "10000", "5"))
			own := w.order(carol, book.Buy, "10000", "5") // with itself, which counts nothing
			own.SelfTrade = tape.AllowSelf
			w.must(own)
			if grouped := name == "with another of its trade group"; grouped {
				w.group(1, alice, carol)
				w.must(w.order(carol, book.Sell, "9000", "1"))
				w.must(mode(w.order(alice, book.Buy, "9000", "1"), tape.AllowSelf))
				w.group(0, alice)
			}
			w.must(w.order(alice, book.Sell, "10000", "0.2"))
			w.must(w.order(bob, book.Buy, "10000", "0.2"))
			l := log{mark: tape.MarkVolume{Day: (w.at/aDay + 1) * aDay, Least: []money.Amount{amt("1000"), amt("10000")}, Worth: make([]money.Amount, len(w.m.genesis.Assets))}}
			l.mark.Worth[btc], l.mark.Worth[usdt] = amt("35000"), amt("0.9")
			for _, n := range []uint64{alice, bob} {
				l.moves = append(l.moves, &tape.EarnTier{Account: n, Tier: 1, Day: l.mark.Day, Volume: amt("1800")})
			}
			w.at = l.mark.Day
			c.change(&l)
			w.at += l.late
			first := len(w.entries)
			w.must(&l.mark)
			for _, m := range l.moves {
				if e, ok := m.(*tape.EarnTier); ok && c.wrong == 0 {
					e.Day = l.mark.Day
				}
				w.must(m)
			}
			report, err := Journal(w.log(t, journal.Options{}), Options{})
			var v *Violation
			switch {
			case c.wrong == 0 && (err != nil || report.VolumeMarks != 1 || report.Earned != uint64(len(l.moves)) || !strings.Contains(strings.Join(report.What, "\n"), "thirty days before")):
				t.Errorf("%v; %+v", err, report)
			case c.wrong != 0 && (!errors.As(err, &v) || v.Kind != BadTier || v.Seq != uint64(first+c.wrong)):
				t.Errorf("%v; want record %d (tier)", err, first+c.wrong)
			}
		})
	}
}
