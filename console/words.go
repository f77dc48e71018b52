package console

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"sallyport/gate"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/staff"
	"sallyport/venue/tape"
)

// words are the functions of the templates. It is never written to.
var words = template.FuncMap{
	"actionWord":   actionWord,
	"age":          age,
	"amount":       amount,
	"count":        count,
	"day":          day,
	"grouped":      grouped,
	"hour":         hour,
	"icon":         icon,
	"identityWord": identityWord,
	"kindWord":     kindWord,
	"legalDay":     legalDay,
	"listTitle":    listTitle,
	"moment":       moment,
	"number":       func(n uint64) string { return strconv.FormatUint(n, 10) },
	"pocketDoc":    pocketDoc,
	"pocketWord":   pocketWord,
	"rights":       func(r tape.Right) string { return strings.ReplaceAll(staff.Right(r).String(), ",", ", ") }, // the same bits
	"short":        short,
	"signed":       func(f float64) string { return strings.Replace(fmt.Sprintf("%+.3f", f), "-", "−", 1) },
	"standingDoc":  standingDoc,
	"standingWord": gate.StandingWord,
	"verbEffect":   verbEffect,
	"verdictWord":  verdictWord,
	"when":         when,
	"clock":        clock,
	"dayClock":     dayClock,
}

// standingDoc explains the word in one sentence.
func standingDoc(v law.Verb) string {
	switch v {
	case law.Allow, law.Release:
		return "No rule in force forbids them anything."
	case law.Cap:
		return "Above a value that the law sets: they may withdraw and do nothing else until below it."
	case law.Exit:
		return "The law ends the business with them: no new trades, and they take their assets out. Nothing is frozen."
	case law.Hold:
		return "A person must look first. The question has an owner and a due time, and never ends by itself."
	case law.Freeze:
		return "The law names them: nothing leaves; what arrives for them is frozen too."
	case law.Refuse, law.Reject:
		return "No service is given. Applicants who were refused hold no account."
	}
	return "Not decided yet; nothing moves."
}

// identityWord says how far a customer is identified.
func identityWord(s identity.State) string {
	switch s {
	case identity.Waits:
		return "waits"
	case identity.Accepted:
		return "identified"
	case identity.Refused:
		return "not accepted"
	}
	return "nothing handed in"
}

// verdictWord says in a word what was answered to one question.
func verdictWord(v law.Verb) string {
	switch v {
	case law.Allow:
		return "allowed"
	case law.Exit:
		return "must leave"
	case law.Release:
		return "released"
	}
	return gate.StandingWord(v)
}

// verbEffect says what a rule of this verb does.
func verbEffect(v law.Verb) string {
	switch v {
	case law.Freeze:
		return "freezes: nothing leaves, what arrives is frozen too"
	case law.Hold:
		return "holds: a person must look before anything moves"
	case law.Exit:
		return "ends the business: the customer takes their assets out, nothing is frozen"
	case law.Cap:
		return "limits: above a value the customer may only withdraw"
	case law.Reject:
		return "refuses this one action; nothing is held"
	case law.Refuse:
		return "refuses service"
	case law.AssetBan:
		return "forbids an asset, to everybody"
	case law.PlatformBan:
		return "forbids dealing with a platform"
	case law.Bar:
		return "keeps two customers from being matched with one another; each may trade with everybody else"
	}
	return v.String()
}

// actionWord is what was asked, as a noun with its article.
func actionWord(a law.Action) string {
	switch a {
	case law.OpenAccount:
		return "opening an account"
	case law.Review:
		return "the customer's standing"
	case law.SignIn:
		return "a sign-in"
	case law.Trade:
		return "a trade"
	case law.Deposit:
		return "a deposit"
	case law.Withdraw:
		return "a withdrawal"
	case law.HoldAsset:
		return "holding an asset"
	case law.ListAsset:
		return "offering an asset"
	case law.DealPlatform:
		return "dealing with a platform"
	case law.Govern:
		return "owning or directing the operator"
	}
	return string(a)
}

// kindWord names a kind of happening.
func kindWord(kind string) string {
	switch kind {
	case "edition":
		return "List"
	case "rule":
		return "Law"
	case "freeze":
		return "Frozen"
	case "hold":
		return "Held"
	case "exit":
		return "Leaving"
	case "cap":
		return "Capped"
	case "release":
		return "Released"
	case "refuse", "reject":
		return "Refused"
	case "withdrawal":
		return "Withdrawal"
	case "open":
		return "Founded"
	case "clear":
		return "Clearance"
	case "fees":
		return "Fees"
	case "group":
		return "Trade group"
	case "user":
		return "Operator user"
	case "market":
		return "Market"
	}
	return kind
}

// scoreWord writes a score, which is never 1, so that it does not look like one.
func scoreWord(score float64) string {
	if s := strconv.FormatFloat(score, 'f', 2, 64); s != "1.00" {
		return s
	}
	return strconv.FormatFloat(score, 'f', 4, 64)
}

// icon is the shape of a verdict or of a kind of happening, so that neither is told by
// colour alone; the shapes stand in pages/layout.html.
func icon(kind string) template.HTML {
	switch kind {
	case "freeze", "hold", "exit", "cap", "edition", "rule", "withdrawal", "open":
	case "allow", "release":
		kind = "allow"
	case "refuse", "reject", "asset_ban", "platform_ban", "bar":
		kind = "refuse"
	default:
		kind = "open"
	}
	return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false" width="16" height="16"><use href="#icon-` + kind + `"/></svg>`)
}

// listTitle is what a list is called by those who use it.
func listTitle(list string) string {
	switch list {
	case "us-sdn":
		return "US: Specially Designated Nationals and Blocked Persons"
	case "us-cons":
		return "US: Consolidated (non-SDN) List"
	case "eu-fsf":
		return "EU: consolidated list of persons and entities whose funds are frozen"
	case "uk-sanctions":
		return "UK: Sanctions List"
	case "un-sc":
		return "UN: Security Council Consolidated List"
	case "ch-seco":
		return "Switzerland: SECO's list of sanctioned persons"
	case "ca-sema":
		return "Canada: Consolidated Autonomous Sanctions List"
	case "au-dfat":
		return "Australia: DFAT Consolidated List"
	case "jp-mof":
		return "Japan: Ministry of Finance's list of persons subject to asset freezing"
	case "ua-nsdc":
		return "Ukraine: State Sanctions Register"
	}
	return list
}

func pocketWord(p ledger.Pocket) string {
	switch p {
	case ledger.Available:
		return "available"
	case ledger.Ordered:
		return "in orders"
	case ledger.Leaving:
		return "leaving"
	case ledger.Frozen:
		return "frozen"
	case ledger.Apart:
		return "set apart"
	}
	return p.String()
}

func pocketDoc(p ledger.Pocket) string {
	switch p {
	case ledger.Available:
		return "free to trade and withdraw"
	case ledger.Ordered:
		return "reserved by open orders"
	case ledger.Leaving:
		return "asked to be withdrawn and not yet gone"
	case ledger.Frozen:
		return "property that a law froze"
	case ledger.Apart:
		return "waits until a person has looked"
	}
	return ""
}

const (
	machineTime = "2006-01-02T15:04:05.000Z07:00"
	fullTime    = "2 January 2006, 15:04:05 UTC"
)

// when is a moment in full, for people and for machines.
func when(t time.Time) template.HTML { return timeTag(t, fullTime, "") }

// hour is when a rule begins or ends, also by the clocks of where it is law.
func hour(t time.Time) template.HTML {
	if _, offset := t.Zone(); t.IsZero() || offset == 0 {
		return when(t)
	}
	return when(t) + template.HTML(` <span class="small">(`+t.Format("2 January 2006, 15:04, at UTC-07:00")+`)</span>`)
}

// clock is the hour alone, with the day where it is pointed at.
func clock(t time.Time) template.HTML {
	return timeTag(t, "15:04:05", ` title="`+t.UTC().Format(fullTime)+`"`)
}

// moment is the day and the hour for a column that says UTC.
func moment(t time.Time) template.HTML { return timeTag(t, "2 Jan 2006 15:04:05", "") }

// dayClock is the day and the hour, short.
func dayClock(t time.Time) template.HTML {
	return timeTag(t, "2 Jan 2006 15:04", ` title="`+t.UTC().Format(fullTime)+`"`)
}

// day is a day alone.
func day(t time.Time) template.HTML {
	return timeTag(t, "2 January 2006", ` title="`+t.UTC().Format(fullTime)+`"`)
}

// legalDay is a day in the zone of the instrument, which is part of the law: what begins at
// midnight in Brussels begins on that day, though in UTC it is the evening before.
func legalDay(t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `" title="` + t.UTC().Format(fullTime) + `">` + t.Format("2 January 2006") + `</time>`)
}

func timeTag(t time.Time, layout, more string) template.HTML {
	if t.IsZero() {
		return "never"
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(machineTime) + `"` + more + `>` + t.Format(layout) + `</time>`)
}

// age is how long ago t was at now, in the largest unit that says enough.
func age(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 0:
		return "dated after the clock"
	case d < time.Minute:
		return "under a minute"
	case d < 2*time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/(24*time.Hour)), "day")
}

// count writes "1 entry", "2,341 entries".
func count(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "ry"); ok {
			noun = stem + "rie"
		}
		noun += "s"
	}
	return grouped(strconv.Itoa(n)) + " " + noun
}

// grouped sets commas into the whole part of a decimal number.
func grouped(v any) string {
	s := fmt.Sprint(v)
	whole, rest, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + rest
	}
	return strings.Replace(whole, "-", "−", 1)
}

// amount is an amount for reading: at most 8 decimals, and where that cuts something off the
// exact one where it is pointed at.
func amount(a money.Amount) template.HTML {
	if a.IsZero() {
		return `<data class="zero" value="0">0</data>`
	}
	exact := a.String()
	shown := exact
	if whole, rest, ok := strings.Cut(exact, "."); ok && len(rest) > 8 {
		shown = whole + "." + rest[:8] + "…"
	}
	return template.HTML(`<data value="` + exact + `" title="` + exact + `">` + grouped(shown) + `</data>`)
}

// short is the beginning of a hash, enough to tell it from others by eye.
func short(hex string) string {
	if len(hex) > 12 {
		return hex[:12]
	}
	return hex
}

// plain replaces what may stand in no XML document and no page, such as a control
// character in a name, with the replacement character (XML 1.0, production 2).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
		case r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff:
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
