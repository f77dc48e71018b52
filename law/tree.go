package law

import (
	"math/bits"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// A factSet has a bit for each place in the schema.
type factSet uint64

func init() {
	if len(schema) > 64 {
		panic("law: more facts than a factSet has bits")
	}
}

// names is the facts of the set, sorted; nil for none.
func (s factSet) names() []string {
	if s == 0 {
		return nil
	}
	names := make([]string, 0, bits.OnesCount64(uint64(s)))
	for ; s != 0; s &= s - 1 {
		names = append(names, schema[bits.TrailingZeros64(uint64(s))].Name)
	}
	return names
}

// env is what a tree is evaluated over.
type env struct {
	values []any // by place in the schema; nil where unknown
	items  [maxLoops]string
	failed bool // an error came up, which the reference is to tell
}

// maxLoops bounds loops within loops; a condition with more is left to the reference.
const maxLoops = 3

// A node is one step of a condition. Which fields it has follows from op.
type node struct {
	op     op
	a, b   *node
	place  int // of the fact in the schema, or of the item among loops
	text   string
	texts  []string
	number int64
	yes    bool
}

type op uint8

const (
	// of texts, sets, numbers and maps
	fact op = iota
	item
	literal
	size
	share // a[b], b a text

	// true, false or unknown
	factTruth
	literalTruth
	not
	and
	or
	equal // of texts
	equalNumber
	less // of numbers
	lessOrEqual
	inTexts  // a in b
	inShares // a is a key of b
	exists   // b of some item of a
	all      // b of every item of a
)

// treeOf reads a checked expression, or gives nil where it has something that is left to
// the reference.
func treeOf(checked *ast.AST) *node {
	r := &treeReader{ast: checked, items: map[string]int{}}
	n := r.condition(checked.Expr())
	if r.foreign {
		return nil
	}
	return n
}

type treeReader struct {
	ast     *ast.AST
	items   map[string]int // names of the loops' items
	foreign bool
}

func (r *treeReader) leave() *node {
	r.foreign = true
	return &node{}
}

// factOf is the place of the fact that the expression names, and its type.
func (r *treeReader) factOf(e ast.Expr) (int, FactType, bool) {
	ref := r.ast.ReferenceMap()[e.ID()]
	if ref == nil || ref.Name == "" {
		return 0, 0, false
	}
	d, place, ok := docOf(ref.Name)
	return place, d.Type, ok
}

func (r *treeReader) condition(e ast.Expr) *node {
	if place, t, ok := r.factOf(e); ok {
		if t != TruthFact {
			return r.leave()
		}
		return &node{op: factTruth, place: place}
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().(types.Bool); ok {
			return &node{op: literalTruth, yes: bool(b)}
		}
	case ast.CallKind:
		return r.call(e.AsCall())
	case ast.ComprehensionKind:
		return r.loop(e.AsComprehension())
	}
	return r.leave()
}

func (r *treeReader) call(c ast.CallExpr) *node {
	args := c.Args()
	if c.IsMemberFunction() || len(args) == 0 || len(args) > 2 {
		return r.leave()
	}
	if c.FunctionName() == operators.LogicalNot {
		return &node{op: not, a: r.condition(args[0])}
	}
	if len(args) != 2 {
		return r.leave()
	}
	pair := func(o op, read func(ast.Expr) *node, a, b ast.Expr) *node {
		return &node{op: o, a: read(a), b: read(b)}
	}
	switch c.FunctionName() {
	case operators.LogicalAnd:
		return pair(and, r.condition, args[0], args[1])
	case operators.LogicalOr:
		return pair(or, r.condition, args[0], args[1])
	case operators.Equals, operators.NotEquals:
		var n *node
		switch r.ast.GetType(args[0].ID()).Kind() {
		case types.StringKind:
			n = pair(equal, r.textual, args[0], args[1])
		case types.IntKind:
			n = pair(equalNumber, r.numeric, args[0], args[1])
		default:
			return r.leave()
		}
		if c.FunctionName() == operators.NotEquals {
			n = &node{op: not, a: n}
		}
		return n
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		if r.ast.GetType(args[0].ID()).Kind() != types.IntKind {
			return r.leave()
		}
		switch c.FunctionName() {
		case operators.Less:
			return pair(less, r.numeric, args[0], args[1])
		case operators.LessEquals:
			return pair(lessOrEqual, r.numeric, args[0], args[1])
		case operators.Greater:
			return pair(less, r.numeric, args[1], args[0])
		}
		return pair(lessOrEqual, r.numeric, args[1], args[0])
	case operators.In:
		if place, t, ok := r.factOf(args[1]); ok && t == SharesFact {
			return &node{op: inShares, a: r.textual(args[0]), b: &node{op: fact, place: place}}
		}
		return &node{op: inTexts, a: r.textual(args[0]), b: r.set(args[1])}
	}
	return r.leave()
}

// loop reads the two forms into which CEL expands exists and all.
func (r *treeReader) loop(c ast.ComprehensionExpr) *node {
	step := c.LoopStep()
	if c.HasIterVar2() || len(r.items) == maxLoops || step.Kind() != ast.CallKind || len(step.AsCall().Args()) != 2 ||
		c.Result().Kind() != ast.IdentKind || c.Result().AsIdent() != c.AccuVar() {
		return r.leave()
	}
	if _, taken := r.items[c.IterVar()]; taken {
		return r.leave()
	}
	n := &node{place: len(r.items)}
	switch step.AsCall().FunctionName() {
	case operators.LogicalOr:
		n.op = exists
	case operators.LogicalAnd:
		n.op = all
	default:
		return r.leave()
	}
	accu := step.AsCall().Args()[0]
	if accu.Kind() != ast.IdentKind || accu.AsIdent() != c.AccuVar() {
		return r.leave()
	}
	n.a = r.set(c.IterRange())
	r.items[c.IterVar()] = n.place
	n.b = r.condition(step.AsCall().Args()[1])
	delete(r.items, c.IterVar())
	return n
}

func (r *treeReader) textual(e ast.Expr) *node {
	if place, t, ok := r.factOf(e); ok && t == TextFact {
		return &node{op: fact, place: place}
	}
	switch e.Kind() {
	case ast.IdentKind:
		if place, ok := r.items[e.AsIdent()]; ok {
			return &node{op: item, place: place}
		}
	case ast.LiteralKind:
		if s, ok := e.AsLiteral().(types.String); ok {
			return &node{op: literal, text: string(s)}
		}
	}
	return r.leave()
}

func (r *treeReader) set(e ast.Expr) *node {
	if place, t, ok := r.factOf(e); ok && t == TextsFact {
		return &node{op: fact, place: place}
	}
	if e.Kind() != ast.ListKind {
		return r.leave()
	}
	n := &node{op: literal}
	for _, el := range e.AsList().Elements() {
		s, ok := types.String(""), false
		if el.Kind() == ast.LiteralKind {
			s, ok = el.AsLiteral().(types.String)
		}
		if !ok {
			return r.leave()
		}
		n.texts = append(n.texts, string(s))
	}
	return n
}

func (r *treeReader) numeric(e ast.Expr) *node {
	if place, t, ok := r.factOf(e); ok && t == NumberFact {
		return &node{op: fact, place: place}
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if n, ok := e.AsLiteral().(types.Int); ok {
			return &node{op: literal, number: int64(n)}
		}
	case ast.CallKind:
		c := e.AsCall()
		switch {
		case c.FunctionName() == "size" && !c.IsMemberFunction() && len(c.Args()) == 1:
			return &node{op: size, a: r.set(c.Args()[0])}
		case c.FunctionName() == operators.Index && len(c.Args()) == 2:
			if place, t, ok := r.factOf(c.Args()[0]); ok && t == SharesFact {
				return &node{op: share, a: &node{op: fact, place: place}, b: r.textual(c.Args()[1])}
			}
		}
	}
	return r.leave()
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// truth is the value of a condition, and where it is unknown the facts that are missing.
// Unknown is as in CEL: what decides a conjunction or a disjunction decides it whatever is
// not known beside it.
func (n *node) truth(e *env) (truth, factSet) {
	switch n.op {
	case factTruth:
		if e.values[n.place] == nil {
			return unknown, 1 << n.place
		}
		return truthOf(e.values[n.place].(bool)), 0
	case literalTruth:
		return truthOf(n.yes), 0
	case not:
		switch t, missing := n.a.truth(e); t {
		case yes:
			return no, 0
		case no:
			return yes, 0
		default:
			return unknown, missing
		}
	case and, or:
		ends := no
		if n.op == or {
			ends = yes
		}
		a, missing := n.a.truth(e)
		if a == ends {
			return ends, 0
		}
		b, too := n.b.truth(e)
		switch {
		case b == ends:
			return ends, 0
		case a == unknown || b == unknown:
			return unknown, missing | too
		}
		return b, 0
	case equal:
		a, missing := n.a.textOf(e)
		b, too := n.b.textOf(e)
		if missing|too != 0 {
			return unknown, missing | too
		}
		return truthOf(a == b), 0
	case equalNumber, less, lessOrEqual:
		a, missing := n.a.numberOf(e)
		b, too := n.b.numberOf(e)
		switch {
		case missing|too != 0:
			return unknown, missing | too
		case n.op == less:
			return truthOf(a < b), 0
		case n.op == lessOrEqual:
			return truthOf(a <= b), 0
		}
		return truthOf(a == b), 0
	case inTexts:
		a, missing := n.a.textOf(e)
		b, too := n.b.textsOf(e)
		if missing|too != 0 {
			return unknown, missing | too
		}
		return truthOf(slices.Contains(b, a)), 0
	case inShares:
		a, missing := n.a.textOf(e)
		if e.values[n.b.place] == nil {
			missing |= 1 << n.b.place
		}
		if missing != 0 {
			return unknown, missing
		}
		_, is := e.values[n.b.place].(map[string]int64)[a]
		return truthOf(is), 0
	case exists, all:
		return n.each(e)
	}
	e.failed = true
	return unknown, 0
}

// each joins the condition of every item by "or" (exists) or by "and" (all).
func (n *node) each(e *env) (truth, factSet) {
	items, missing := n.a.textsOf(e)
	if missing != 0 {
		return unknown, missing
	}
	ends, result := no, yes
	if n.op == exists {
		ends, result = yes, no
	}
	for _, s := range items {
		e.items[n.place] = s
		t, too := n.b.truth(e)
		if t == ends {
			return ends, 0
		}
		if t == unknown {
			result = unknown
			missing |= too
		}
	}
	return result, missing
}

func (n *node) textOf(e *env) (string, factSet) {
	switch n.op {
	case item:
		return e.items[n.place], 0
	case fact:
		if e.values[n.place] == nil {
			return "", 1 << n.place
		}
		return e.values[n.place].(string), 0
	}
	return n.text, 0
}

func (n *node) textsOf(e *env) ([]string, factSet) {
	if n.op == fact {
		if e.values[n.place] == nil {
			return nil, 1 << n.place
		}
		return e.values[n.place].([]string), 0
	}
	return n.texts, 0
}

func (n *node) numberOf(e *env) (int64, factSet) {
	switch n.op {
	case fact:
		if e.values[n.place] == nil {
			return 0, 1 << n.place
		}
		return e.values[n.place].(int64), 0
	case size:
		set, missing := n.a.textsOf(e)
		return int64(len(set)), missing
	case share:
		if e.values[n.a.place] == nil {
			return 0, 1 << n.a.place
		}
		key, missing := n.b.textOf(e)
		if missing != 0 {
			return 0, missing
		}
		number, ok := e.values[n.a.place].(map[string]int64)[key]
		e.failed = e.failed || !ok // CEL: no such key
		return number, 0
	}
	return n.number, 0
}
