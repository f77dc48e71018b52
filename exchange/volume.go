package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// What an account traded in thirty days earns it a tier of fees: once a day, in UTC, the log gets a
// mark with the terms and each account that has earned another tier than before
// (tape.MarkVolume, tape.EarnTier). The view counts in what was paid, by day and asset, for the
// log alone tells it so; worth in euro comes in with the mark, so that who reads the log needs no
// configuration. A day on which nobody ran is passed over: the next mark counts the same trades.

const (
	volumeDays = 30
	oneDay     = int64(24 * time.Hour / time.Microsecond)

	maxTiers = math.MaxUint8 // that can be earned
)

// most is the greatest amount: what a sum is that fits none.
var most = money.FromParts(math.MaxInt64, math.MaxUint64)

// turnover is what an account's trades of a day came to in an asset that they were priced in.
type turnover struct {
	day   int64 // its first instant, µs since 1970 UTC
	asset uint16
	value money.Amount
}

// dayBegun is the first instant of the day in UTC that an instant lies in, both µs since 1970.
func dayBegun(at int64) int64 { return at - at%oneDay }

// turned counts a trade. The days before the last thirty fall out when a new one begins.
func (a *accountView) turned(at int64, asset uint16, value money.Amount) {
	day := dayBegun(at)
	for i := len(a.turnovers) - 1; i >= 0 && a.turnovers[i].day == day; i-- {
		if t := &a.turnovers[i]; t.asset == asset {
			t.value = addMost(t.value, value)
			return
		}
	}
	if n := len(a.turnovers); n > 0 && a.turnovers[n-1].day < day {
		a.turnovers = slices.DeleteFunc(a.turnovers, func(t turnover) bool { return t.day < day-volumeDays*oneDay })
	}
	a.turnovers = append(a.turnovers, turnover{day, asset, value})
}

func addMost(a, b money.Amount) money.Amount {
	sum, err := a.Add(b)
	if err != nil {
		return most
	}
	return sum
}

// volume is what tape.MarkVolume says of its terms.
func (a *accountView) volume(m *tape.MarkVolume) money.Amount {
	var sum money.Amount
	for asset, worth := range m.Worth {
		var value money.Amount
		for _, t := range a.turnovers {
			if int(t.asset) == asset && t.day < m.Day && t.day >= m.Day-volumeDays*oneDay {
				value = addMost(value, t.value)
			}
		}
		euros, err := value.Mul(worth, money.Down)
		if err != nil {
			euros = most
		}
		sum = addMost(sum, euros)
	}
	return sum
}

// earned is the tier of a volume.
func earned(m *tape.MarkVolume, volume money.Amount) uint8 {
	n := 0
	for n < min(len(m.Least), maxTiers) && !volume.Less(m.Least[n]) {
		n++
	}
	return uint8(n)
}

// earning is what a mark brings, by account.
func (v *View) earning(m *tape.MarkVolume) []tape.Command {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var moves []tape.Command
	for n, a := range v.accounts {
		if n < uint64(ledger.First) {
			continue
		}
		volume := a.volume(m)
		if tier := earned(m, volume); tier != a.earned {
			moves = append(moves, &tape.EarnTier{Account: n, Tier: tier, Day: m.Day, Volume: volume})
		}
	}
	slices.SortFunc(moves, func(a, b tape.Command) int {
		return cmp.Compare(a.(*tape.EarnTier).Account, b.(*tape.EarnTier).Account)
	})
	return moves
}

// nextVolume is the first instant of the next day to be marked, which may be past; never where there
// are no tiers to be earned and nobody has one.
func (v *View) nextVolume(tiers int) int64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if tiers == 0 {
		some := false
		for _, a := range v.accounts {
			some = some || a.earned > 0
		}
		if !some {
			return never
		}
	}
	if v.volume.Day == 0 {
		return 0
	}
	return v.volume.Day + oneDay
}

func (v *View) volumeMarked(m tape.MarkVolume) {
	first := v.volume.Day == 0
	v.volume = m
	if first {
		v.happened(Happening{Kind: "fees", Text: "Tiers of fees are earned by what was traded in 30 days, from " + timeOf(m.Day).Format("2 January 2006") + " on"})
	}
}

func (v *View) tierEarned(e tape.EarnTier) {
	a := v.of(e.Account)
	a.earned = e.Tier
	v.happened(Happening{Kind: "fees", Text: fmt.Sprintf("Account %s has earned tier %d of fees by EUR %s in the 30 days before %s",
		number(e.Account), e.Tier, e.Volume.Truncate(2), timeOf(e.Day).Format("2 January 2006"))})
}

// checkVolumes holds the least volumes of the tiers to what tape.MarkVolume says of them.
func checkVolumes(least []money.Amount) error {
	if len(least) > maxTiers {
		return fmt.Errorf("exchange: %d tiers of fees are to be earned, at most %d can", len(least), maxTiers)
	}
	before := money.Amount{}
	for i, l := range least {
		if !before.Less(l) {
			return fmt.Errorf("exchange: the volume of tier %d is %s: want more than %s", i+1, l, before)
		}
		before = l
	}
	return nil
}

// markVolume puts the day's mark into the log, with what it brings, if it is due. All trades of
// before are in the view: whoever makes one holds basis until it is, and the sequencer takes none
// of the day before its mark. The caller holds basis for writing.
func (x *Exchange) markVolume(at time.Time) error {
	if at.UnixMicro() < x.agenda.volumeAt() {
		return nil
	}
	m := &tape.MarkVolume{Day: dayBegun(at.UnixMicro()), Least: x.cfg.TierVolumes}
	for i, a := range x.view.Genesis().Assets {
		worth := x.view.euros(uint16(i), x.cfg.EuroPer)
		if worth.IsZero() {
			x.cfg.Log.Warn("an asset has no price in euro: trades priced in it count nothing towards a tier of fees", "asset", a.Code)
		}
		m.Worth = append(m.Worth, worth)
	}
	moves := x.view.earning(m)
	_, err := x.put(append([]tape.Command{m}, moves...)...)
	if errors.Is(err, ErrQuarantined) { // what somebody pays may wait for tomorrow, trade need not wait for it
		x.cfg.Log.Error("the day's tiers of fees are left as they were", "error", err)
		x.agenda.followVolume(m.Day + oneDay)
		return nil
	}
	if err != nil {
		return err
	}
	x.agenda.followVolume(x.view.nextVolume(len(x.cfg.TierVolumes)))
	return nil
}

// A Volume is what an account's tier of fees rests on.
type Volume struct {
	Given, Earned uint8        // by a person, and by what it traded: it pays by the higher
	Day           time.Time    // the thirty days ended just before it; zero before the first mark
	Euros         money.Amount // traded in them, cut off to cents
	Next          money.Amount // the volume of the tier after the one it pays by; 0 where none is to be earned
	Missing       money.Amount // of that
}

// Volume is what an account traded in the thirty days that ended with the last mark.
func (v *View) Volume(account uint64) Volume {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.accounts[account]
	if a == nil {
		return Volume{}
	}
	x := Volume{Given: a.tier, Earned: a.earned}
	if v.volume.Day == 0 {
		return x
	}
	x.Day, x.Euros = timeOf(v.volume.Day), a.volume(&v.volume).Truncate(2)
	if n := int(max(a.tier, a.earned)); n < len(v.volume.Least) {
		x.Next = v.volume.Least[n]
		if x.Euros.Less(x.Next) {
			x.Missing, _ = x.Next.Sub(x.Euros)
		}
	}
	return x
}

// Tier is the one that the account pays by.
func (x Volume) Tier() uint8 { return max(x.Given, x.Earned) }
