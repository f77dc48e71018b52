package law

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// A condition is a compiled CEL expression over the facts of the schema.
//
// CEL gives the language, its types and the bound on its cost; the program that CEL makes
// of it is the reference. What is evaluated for every decision is tree, our own reading of
// the same checked expression, which allocates nothing; TestTreeIsCEL holds the two
// together. Where tree is nil, or meets an error, the reference answers.
type condition struct {
	program func() (cel.Program, error) // made when it is first asked for
	tree    *node
	facts   []string // it reads, sorted
	texts   []string // constants in it, sorted
	numbers []int64  // the same, of numbers
	// ranked is the numbers that a number fact is compared with, of facts with which the
	// condition does nothing else: it tells apart only on which side of each they lie.
	ranked map[string][]int64
}

// Bounds on a condition. A cost of 1 is about one step of CEL; our dearest
// condition is a tenth of the bound when every set is as long as the schema lets it be.
const (
	maxConditionLen  = 4 << 10
	maxConditionCost = 200_000
)

// compile parses and type-checks a condition and refuses one whose cost, with
// every set of facts as large as it may be, is above the bound.
func compile(source string) (*condition, error) {
	if len(source) > maxConditionLen {
		return nil, fmt.Errorf("%d bytes; a condition has at most %d", len(source), maxConditionLen)
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	checked, issues := env.Compile(source)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("%w; the facts are those of law.Schema", err)
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("%q is of type %s: want a condition that is true or false", source, checked.OutputType())
	}
	estimate, err := env.EstimateCost(checked, sizes{})
	if err != nil {
		return nil, err
	}
	if estimate.Max > maxConditionCost {
		return nil, fmt.Errorf("may cost %d steps, at most %d are allowed: nest fewer loops", estimate.Max, maxConditionCost)
	}
	c := &condition{
		program: sync.OnceValues(func() (cel.Program, error) {
			return env.Program(checked, cel.EvalOptions(cel.OptPartialEval, cel.OptOptimize))
		}),
		tree: treeOf(checked.NativeRep()),
	}
	if c.tree == nil { // and is asked each time
		if _, err := c.program(); err != nil {
			return nil, err
		}
	}
	for _, r := range checked.NativeRep().ReferenceMap() {
		if _, _, ok := docOf(r.Name); ok {
			c.facts = append(c.facts, r.Name)
		}
	}
	slices.Sort(c.facts)
	c.facts = slices.Compact(c.facts)
	c.constants(checked.NativeRep().Expr())
	return c, nil
}

// constants finds what the condition compares facts with.
func (c *condition) constants(root ast.Expr) {
	c.ranked = map[string][]int64{}
	uses, ranks := map[string]int{}, map[string]int{} // of number facts: all, and in comparisons with a number
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.LiteralKind:
			switch v := e.AsLiteral().(type) {
			case types.String:
				c.texts = append(c.texts, string(v))
			case types.Int:
				c.numbers = append(c.numbers, int64(v))
			}
		case ast.IdentKind:
			if d, _, ok := docOf(e.AsIdent()); ok && d.Type == NumberFact {
				uses[d.Name]++
			}
		case ast.CallKind:
			if fact, n, ok := rankedBy(e.AsCall()); ok {
				ranks[fact]++
				c.ranked[fact] = append(c.ranked[fact], n)
			}
		}
	}))
	slices.Sort(c.texts)
	c.texts = slices.Compact(c.texts)
	slices.Sort(c.numbers)
	c.numbers = slices.Compact(c.numbers)
	for fact, n := range uses {
		if ranks[fact] != n {
			delete(c.ranked, fact)
		}
	}
}

// rankedBy reads a comparison of a number fact with a number.
func rankedBy(call ast.CallExpr) (fact string, n int64, ok bool) {
	switch call.FunctionName() {
	case "_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_":
	default:
		return "", 0, false
	}
	args := call.Args()
	for i, j := range [2]int{1, 0} {
		if args[i].Kind() != ast.IdentKind || args[j].Kind() != ast.LiteralKind {
			continue
		}
		number, isInt := args[j].AsLiteral().(types.Int)
		if d, _, known := docOf(args[i].AsIdent()); known && d.Type == NumberFact && isInt {
			return d.Name, int64(number), true
		}
	}
	return "", 0, false
}

// environment declares every fact of the schema, and nothing beside CEL's own
// functions, none of which reads a clock or leaves the process.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.ParserRecursionLimit(50),
		cel.ParserExpressionSizeLimit(maxConditionLen),
	}
	for _, d := range schema {
		var t *cel.Type
		switch d.Type {
		case TextFact:
			t = cel.StringType
		case TextsFact:
			t = cel.ListType(cel.StringType)
		case NumberFact:
			t = cel.IntType
		case TruthFact:
			t = cel.BoolType
		case SharesFact:
			t = cel.MapType(cel.StringType, cel.IntType)
		}
		opts = append(opts, cel.Variable(d.Name, t))
	}
	return cel.NewEnv(opts...)
})

// sizes tells the estimate of cost how large facts may be.
type sizes struct{}

func (sizes) EstimateCallCost(function, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	path := n.Path()
	if len(path) == 0 {
		return nil
	}
	size := cost.RangedSizeEstimate(0, maxTextLen)
	if last := path[len(path)-1]; !strings.HasPrefix(last, "@") {
		if d, _, ok := docOf(strings.Join(path, ".")); ok && (d.Type == TextsFact || d.Type == SharesFact) {
			size = cost.RangedSizeEstimate(0, maxTexts)
		}
	}
	return &size
}

// countries is every constant of the condition that looks like a country, sorted.
func (c *condition) countries() []string {
	found := []string{}
	for _, s := range c.texts {
		if countryForm.MatchString(s) {
			found = append(found, s)
		}
	}
	return found
}

// truth is the value of a condition in three-valued logic. The zero value is unknown.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

// eval is the condition's value over what is known, and when that is unknown the
// facts that are missing, or the error that stood in the way.
func (c *condition) eval(known *activation) (truth, []string, error) {
	if c.tree != nil {
		in := env{values: known.values}
		if t, missing := c.tree.truth(&in); !in.failed {
			return t, missing.names(), nil
		}
	}
	return c.reference(known)
}

// reference is what CEL itself says.
func (c *condition) reference(known *activation) (truth, []string, error) {
	program, err := c.program()
	if err != nil {
		return unknown, nil, err
	}
	v, _, err := program.Eval(known)
	if err != nil {
		return unknown, nil, err
	}
	switch v := v.(type) {
	case types.Bool:
		if v {
			return yes, nil, nil
		}
		return no, nil, nil
	case *types.Unknown:
		var missing []string
		for _, id := range v.IDs() {
			trails, _ := v.GetAttributeTrails(id)
			for _, t := range trails {
				missing = append(missing, t.Variable())
			}
		}
		slices.Sort(missing)
		return unknown, slices.Compact(missing), nil
	}
	return unknown, nil, fmt.Errorf("condition gave %v, which is neither true nor false", v)
}

// activation gives conditions the facts that are known, and says of all others that they
// are unknown.
type activation struct {
	values []any // by place in the schema; nil where unknown
}

var actionPlace, nexusPlace = placeOf("action"), placeOf("operator.nexus")

func placeOf(name string) int {
	_, place, ok := docOf(name)
	if !ok {
		panic("law: the schema has no fact " + name)
	}
	return place
}

// activate states what is asked, and for whom, over the facts: that comes with the
// question, and the facts do not override it.
func activate(f Facts, nexus []string, a Action) activation {
	act := activation{values: make([]any, len(schema))}
	copy(act.values, f.values)
	act.values[actionPlace] = string(a)
	act.values[nexusPlace] = nexus
	return act
}

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	_, i, ok := docOf(name)
	if !ok || a.values[i] == nil {
		return nil, false
	}
	return a.values[i], true
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

// UnknownAttributePatterns implements cel.PartialActivation.
func (a *activation) UnknownAttributePatterns() []*cel.AttributePatternType {
	var patterns []*cel.AttributePatternType
	for i, v := range a.values {
		if v == nil {
			patterns = append(patterns, cel.AttributePattern(schema[i].Name))
		}
	}
	return patterns
}

// AsPartialActivation lets the interpreter see that some facts are unknown.
func (a *activation) AsPartialActivation() (cel.PartialActivation, bool) { return a, true }
