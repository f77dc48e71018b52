// Package law holds the rules that stop or limit somebody, as data: dated, cited,
// bound to those they bind, and evaluated over facts.
//
// A rule is one YAML file under rules/ (the fields are those of [Rule], the facts
// its conditions may read are those of [Schema]); a file is decoded strictly, its
// conditions are type-checked and their cost is bounded when it is loaded, and the
// charter is applied to it then: no freeze, exit or refusal without authority,
// instrument, article and date; no condition on nationality or birth unless the
// cited instrument itself says "nationals"; the operator's own policy holds or
// declines and does nothing more.
//
// Evaluation is three-valued. A fact that nobody stated is unknown and never a
// default: a rule whose condition cannot be told without it is [Unknown] and names
// what is missing. An error in a condition is Unknown as well.
//
// The verbs are never conflated. A freeze holds the property of a listed person:
// nothing leaves, credits arrive, a report is due (31 CFR 501.603), and it ends by
// release. A reject refuses one transaction and holds nothing (31 CFR 501.604). An
// exit returns the assets to their owner; "no freezing of assets is foreseen"
// (Commission FAQ C.6 on Article 5b of Regulation 833/2014). A hold is a bounded
// time for a person to look.
//
// The package knows nothing of matching, ledgers or clocks, and says nothing of
// what follows from several rules together; that is package gate.
//
// Documents: the instruments that the rules cite. Proof: the scenarios under
// testdata/scenarios, written by hand from the sources ([ParseScenario] documents
// the format), run by TestScenarios; TestLint, which holds the rules against one
// another and against the scenarios ([Lint]); and TestMutants, which breaks every rule
// in turn and counts the scenarios that notice.
package law
