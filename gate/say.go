package gate

import (
	"fmt"
	"strconv"
	"strings"

	"sallyport/law"
)

// changeWords is how a change is told in one language.
type changeWords struct {
	who       map[string][2]string // by fact: somebody of whom it is so, and of whom it is not; %s the values
	is, isNot string               // of other facts: name, values
	atMost    string               // who, number
	atLeast   string
	owned     string // share
	untold    string // the rest
	delisted  string // lists
	unlike    string // lists
	unowned   string // lists
	licence   string // id
	licences  string // ids, of which one
	from      string // instant
	then      string // the change, the verdict, the rules
	thenLaw   string // the change and the verdict, where no rule that stops now is lifted
	oneOf     string // values
	verdicts  map[law.Verb]string
}

// changePhrases is never written to.
var changePhrases = map[Language]changeWords{
	English: {
		who: map[string][2]string{
			"asset.issuer_listed":               {"an asset issued by a party under %s", "an asset that no listed party issued"},
			"asset.represents":                  {"an asset that stands for %s", "an asset that is not and does not stand for %s"},
			"counterparty.area":                 {"another party in %s", "another party outside %s"},
			"counterparty.country":              {"another party in %s", "another party outside %s"},
			"counterparty.bank_listed":          {"a bank on %s", "a bank on no list"},
			"counterparty.control_assessed":     {"another address, of which it was assessed whether it is the customer's", "another address, of which it was not assessed whose it is"},
			"counterparty.self_hosted":          {"another address, that no provider keeps", "another address, that a provider keeps"},
			"counterparty.listed":               {"another address, on %s", "another address, that is not on %s"},
			"counterparty.platform_listed":      {"another platform, on %s", "another platform, that is not on %s"},
			"customer.area":                     {"somebody who lives in %s", "somebody who lives outside %s"},
			"customer.contradicted":             {"somebody whom evidence places in %s", "somebody whom no evidence places in %s"},
			"customer.established":              {"a firm established in %s", "a firm not established in %s"},
			"customer.nationalities":            {"somebody who is also a national of %s", "somebody who is no national of %s"},
			"customer.ordinarily":               {"somebody who ordinarily lives in %s", "somebody who does not ordinarily live in %s"},
			"customer.permits":                  {"somebody with a residence permit of %s", "somebody with no residence permit of %s"},
			"customer.residence":                {"somebody who lives in %s", "somebody who does not live in %s"},
			"customer.russian_owned_bp":         {"a firm with Russian owners", "a firm without Russian owners"},
			"customer.us_person":                {"a US person", "somebody who is no US person"},
			"listing.same":                      {"somebody on %s", "somebody who was screened and is on no list"},
			"listing.resembles":                 {"somebody like an entry of %s", "somebody who was screened and resembles no entry"},
			"listing.measures":                  {"somebody under %s", "somebody under no measure"},
			"lists.stale":                       {"lists gone silent: %s", "lists confirmed by their publishers again: %s"},
			"movement.dust":                     {"a deposit nobody asked for, of nominal value", "a deposit that was asked for or is of more than nominal value"},
			"ownership.listed_bp":               {"a firm owned by persons on %s", "a firm of which it is known that no listed person holds a share"},
			"session.area":                      {"a request from somebody who is really in %s", "a request from somebody who is really outside %s"},
			"session.country":                   {"a request from somebody who is really in %s", "a request from somebody who is really outside %s"},
			"customer.state_body_of":            {"a body of the state %s", "somebody who is no body of the state %s"},
			"customer.financial_institution_of": {"a financial institution of %s", "somebody who is no financial institution of %s"},
		},
		is: "a case in which %s is %s", isNot: "a case in which %s is not %s",
		atMost: "a case in which %s is at most %s", atLeast: "a case in which %s is at least %s",
		owned: "a firm of which persons on lists hold at most %s", untold: "once it is told: %s",
		delisted: "if the entry is taken off %s by its publisher, or a person finds that it is somebody else's (mistaken identity)",
		unlike:   "if a person finds that the entry of %s is somebody else's",
		unowned:  "a firm that persons on %s neither own nor direct, or whose owners are taken off the list",
		licence:  "somebody for whom the licence %s is recorded",
		licences: "somebody for whom one of the licences %s is recorded",
		from:     "from %s on, when the law changes",
		then:     "%s: %s, for %s no longer applies", thenLaw: "%s: %s", oneOf: "one of ",
	},
	Russian: {
		who: map[string][2]string{
			"asset.issuer_listed":               {"актив, выпущенный лицом под мерами %s", "актив, который не выпускало лицо из списка"},
			"asset.represents":                  {"актив, за которым стоит %s", "актив, который не %s и не заменяет его"},
			"counterparty.area":                 {"другая сторона в местности %s", "другая сторона вне местности %s"},
			"counterparty.country":              {"другая сторона в стране %s", "другая сторона вне страны %s"},
			"counterparty.bank_listed":          {"банк из списка %s", "банк, которого нет в списках"},
			"counterparty.control_assessed":     {"другой адрес, о котором проверено, принадлежит ли он клиенту", "другой адрес, о котором не проверено, чей он"},
			"counterparty.self_hosted":          {"другой адрес, который не хранит никакой посредник", "другой адрес, который хранит посредник"},
			"counterparty.listed":               {"другой адрес, из списка %s", "другой адрес, которого нет в списке %s"},
			"counterparty.platform_listed":      {"другая платформа, из списка %s", "другая платформа, которой нет в списке %s"},
			"customer.area":                     {"живущий в местности %s", "живущий вне местности %s"},
			"customer.contradicted":             {"тот, на чьё пребывание в %s указывают данные", "тот, на чьё пребывание в %s ничто не указывает"},
			"customer.established":              {"фирма, учреждённая в %s", "фирма, учреждённая не в %s"},
			"customer.nationalities":            {"тот, у кого есть ещё и гражданство %s", "тот, у кого нет гражданства %s"},
			"customer.ordinarily":               {"тот, кто обычно живёт в %s", "тот, кто обычно живёт не в %s"},
			"customer.permits":                  {"тот, у кого есть вид на жительство %s", "тот, у кого нет вида на жительство %s"},
			"customer.residence":                {"живущий в %s", "живущий не в %s"},
			"customer.us_person":                {"лицо США", "тот, кто не лицо США"},
			"listing.same":                      {"тот, кто назван в списке %s", "тот, кого проверили и кого нет в списках"},
			"listing.resembles":                 {"похожий на запись списка %s", "тот, кого проверили и кто ни на кого не похож"},
			"listing.measures":                  {"тот, к кому применены меры %s", "тот, к кому меры не применены"},
			"lists.stale":                       {"замолчавшие списки: %s", "списки, которые снова подтверждены издателем: %s"},
			"ownership.listed_bp":               {"фирма лиц из списка %s", "фирма, о которой известно, что лица из списков ею не владеют"},
			"session.area":                      {"запрос того, кто на самом деле находится в местности %s", "запрос того, кто на самом деле находится вне местности %s"},
			"session.country":                   {"запрос того, кто на самом деле находится в стране %s", "запрос того, кто на самом деле находится вне страны %s"},
			"customer.state_body_of":            {"орган государства %s", "тот, кто не принадлежит государству %s"},
			"customer.financial_institution_of": {"финансовая организация страны %s", "тот, кто не финансовая организация страны %s"},
		},
		is: "случай, когда %s: %s", isNot: "случай, когда %s: не %s",
		atMost: "случай, когда %s не больше %s", atLeast: "случай, когда %s не меньше %s",
		owned: "фирма, в которой доля лиц из списков не больше %s", untold: "когда это станет известно: %s",
		delisted: "если издатель исключит запись из списка %s или человек установит, что это другое лицо (ошибка в личности)",
		unlike:   "если человек установит, что запись списка %s о другом лице",
		unowned:  "фирма, которой лица из списка %s не владеют и не управляют, или чьих владельцев исключили из списка",
		licence:  "тот, для кого записана лицензия %s",
		licences: "тот, для кого записана одна из лицензий: %s",
		from:     "с %s, когда изменится закон",
		then:     "%s: %s, правило %s больше не применяется", thenLaw: "%s: %s", oneOf: "одно из: ",
		verdicts: map[law.Verb]string{
			law.Allow: "разрешено", law.Cap: "предел стоимости", law.Exit: "вывод активов", law.Hold: "ожидание", law.Reject: "отклонено",
			law.AssetBan: "запрет актива", law.PlatformBan: "запрет платформы", law.Refuse: "отказ", law.Freeze: "заморозка",
		},
	},
}

// Say tells the change in a sentence; a language that is not known is told in English.
func (c Change) Say(l Language) string {
	w, ok := changePhrases[l]
	if !ok {
		w = changePhrases[English]
	}
	what := c.what(w)
	if c.Untold {
		what = fmt.Sprintf(w.untold, what)
	}
	verdict := c.Verdict.String()
	if named, ok := w.verdicts[c.Verdict]; ok {
		verdict = named
	}
	if len(c.Rules) == 0 {
		return fmt.Sprintf(w.thenLaw, what, verdict)
	}
	return fmt.Sprintf(w.then, what, verdict, strings.Join(c.Rules, ", "))
}

func (c Change) what(w changeWords) string {
	values := strings.Join(c.Values, ", ")
	if len(c.Values) > 1 && c.Kind == Is {
		values = w.oneOf + values
	}
	switch c.Kind {
	case Delisting:
		switch c.Fact {
		case "listing.resembles":
			return fmt.Sprintf(w.unlike, values)
		case "listing.same":
			return fmt.Sprintf(w.delisted, values)
		}
		return fmt.Sprintf(w.unowned, values)
	case Licensed:
		if len(c.Values) > 1 {
			return fmt.Sprintf(w.licences, values)
		}
		return fmt.Sprintf(w.licence, values)
	case LawMoves:
		return fmt.Sprintf(w.from, when(*c.At))
	case AtMost:
		if c.Fact == "ownership.listed_bp" {
			return fmt.Sprintf(w.owned, percentOf(values))
		}
		return fmt.Sprintf(w.atMost, c.Fact, values)
	case AtLeast:
		return fmt.Sprintf(w.atLeast, c.Fact, values)
	}
	side := 0
	if c.Kind == IsNot {
		side = 1
	}
	phrase := w.who[c.Fact][side]
	switch {
	case phrase == "" && side == 0:
		return fmt.Sprintf(w.is, c.Fact, values)
	case phrase == "":
		return fmt.Sprintf(w.isNot, c.Fact, values)
	case strings.Contains(phrase, "%s"):
		return fmt.Sprintf(phrase, values)
	}
	return phrase
}

// percentOf writes basis points as a share.
func percentOf(bp string) string {
	n, err := strconv.ParseInt(bp, 10, 64)
	if err != nil {
		return bp
	}
	return strconv.FormatFloat(float64(n)/100, 'f', 2, 64) + " %"
}
