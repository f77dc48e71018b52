package tape

import "sallyport/money"

// MarkVolume says that a day has come on which it is looked at which tier of fees each account
// has earned by what it traded, and by which terms: the log needs no configuration to be read.
// Never refused. Event: VolumeMarked.
//
// Day is the first instant of a day in UTC, at or before the command's time and after the Day of
// the MarkVolume before. An account's volume is of the thirty days that end just before Day: of
// each asset, what the account's trades (Traded.At) in the markets that have it for their Quote were
// worth, Price × Quantity, as maker or taker, added up, and times Worth of that asset, cut off to 18
// decimals; of all assets that together. A trade of an account with itself, or with another of its trade
// group as it was then, counts nothing, for it could be had for nothing; nor does one in an asset
// whose Worth is 0, which has no price. What does
// not fit an Amount is the greatest Amount. The tier earned is how many of Least the volume is
// not below.
//
// In the same commit an EarnTier follows for each account that has earned another tier than it has
// by its last EarnTier (0 where there is none), in order of account, and nothing else before the
// last of them.
type MarkVolume struct {
	Day   int64          // µs since 1970 UTC
	Least []money.Amount // volume of the tiers 1 and on, in euro, above 0 and ascending, at most 255; none: none is earned any more
	Worth []money.Amount // of a unit of each asset, in euro, as in the founding tables
}

func (*MarkVolume) Kind() Kind { return kindMarkVolume }
func (m *MarkVolume) code(c *coder) {
	c.time(&m.Day)
	list(c, &m.Least, c.amount)
	list(c, &m.Worth, c.amount)
}

// EarnTier gives an account the tier of fees that it has earned by its volume, from its next fill
// on. It pays by the higher of this tier and the one that SetTier gave it. Day and Volume are those
// of the MarkVolume before. Refused as UnknownAccount. Event: TierEarned.
type EarnTier struct {
	Account uint64
	Tier    uint8
	Day     int64
	Volume  money.Amount // in euro
}

func (*EarnTier) Kind() Kind { return kindEarnTier }
func (e *EarnTier) code(c *coder) {
	c.u64(&e.Account)
	c.u8(&e.Tier)
	c.time(&e.Day)
	c.amount(&e.Volume)
}

// These repeat their commands.
type (
	VolumeMarked struct{ MarkVolume }
	TierEarned   struct{ EarnTier }
)

func (VolumeMarked) EventKind() EventKind { return eventVolumeMarked }
func (e VolumeMarked) code(c *coder)      { e.MarkVolume.code(c) }
func (TierEarned) EventKind() EventKind   { return eventTierEarned }
func (e TierEarned) code(c *coder)        { e.EarnTier.code(c) }
