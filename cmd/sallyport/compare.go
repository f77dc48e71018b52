package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/names"
)

// comparison is one run of `sallyport compare`.
type comparison struct{ in, out string }

func compareCommand() *cobra.Command {
	var s comparison
	c := &cobra.Command{
		Use:   "compare --in pairs.csv --out scores.csv",
		Short: "Score a file of pairs of names",
		Long: `Scores a file of pairs of names and writes the file again with two columns more: score,
from 0 to 1 with four decimals, and hit, true where the score would be a finding at the
default threshold. The threshold and the version of the weights are told on standard error.

Pairs are comma-separated values in UTF-8 with a header; the columns schema, name1 (the
name asked about) and name2 (the listed one) are needed, in any order. All columns go to
the output in their order and with their values; quotation marks stand only where they
are needed. "-" stands for standard input and output.

The schema is Person; Company, Organization, LegalEntity or PublicBody; Vessel; or
Airplane, in any case. A pair of any other is compared as a kind not known, by whichever
reading makes its names more alike, and counted.

Rows that cannot be read are told on standard error and left out. A pair with no name on
one side stays, with the score 0.`,
		Example: `  sallyport compare --in pairs.csv --out scores.csv
  sallyport compare --in - --out - < pairs.csv`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return s.run(c) },
	}
	c.Flags().StringVar(&s.in, "in", "", "file of pairs, - for standard input")
	c.Flags().StringVar(&s.out, "out", "-", "file for the scores, - for standard output")
	_ = c.MarkFlagRequired("in") // the flag is defined two lines above
	return c
}

// compared counts what became of a file of pairs.
type compared struct {
	rows, leftOut, fields, hits, unknown int
}

func (s *comparison) run(c *cobra.Command) error {
	w := match.DefaultWeights()
	in, size, err := openInput(c, s.in)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := createOutput(c, s.out)
	if err != nil {
		return err
	}
	defer out.discard()
	errs := c.ErrOrStderr()
	bar := screenBar(errs, size)
	bar.Describe("comparing")
	n, err := s.compare(c.Context(), w, io.TeeReader(in, bar), out.w, errs)
	_ = bar.Finish() // a bar that cannot be drawn is no reason to stop
	if err != nil {
		return err
	}
	if n.rows == n.leftOut {
		return fmt.Errorf("compare: %s: nothing could be compared: %d rows, %d left out", inputName(s.in), n.rows, n.leftOut)
	}
	if err := out.keep(); err != nil {
		return err
	}
	fmt.Fprintf(errs, "pairs    %d compared, %d rows left out, %d fields not read whole\n", n.rows-n.leftOut, n.leftOut, n.fields)
	fmt.Fprintf(errs, "schemas  %d pairs of an unknown one\n", n.unknown)
	fmt.Fprintf(errs, "hits     %d of %d pairs, from a score of %g on\n", n.hits, n.rows-n.leftOut, w.Threshold)
	fmt.Fprintf(errs, "weights  %s\n", w.Matching())
	return nil
}

// compare reads pairs and writes them with their scores, in the order of rows.
func (s *comparison) compare(ctx context.Context, w match.Weights, in io.Reader, out, errs io.Writer) (compared, error) {
	var n compared
	file := inputName(s.in)
	table, err := people.NewTable(file, in, "schema", "name1", "name2")
	if err != nil {
		return n, err
	}
	for _, added := range []string{"score", "hit"} {
		if table.Column(added) >= 0 {
			return n, fmt.Errorf("%s: header: column %q is what is to be added: leave it out or name it otherwise", file, added)
		}
	}
	schema, sides := table.Column("schema"), []string{"name1", "name2"}
	told := 0
	tell := func(p people.Problem, what string) {
		if told++; told <= screenProblems {
			fmt.Fprintf(errs, "%s (%s)\n", p, what)
		}
	}

	rows := csv.NewWriter(out)
	write := func(fields []string, more ...string) error {
		if err := rows.Write(append(fields, more...)); err != nil {
			return fmt.Errorf("compare: writing scores: %w", err)
		}
		return nil
	}
	if err := write(table.Header(), "score", "hit"); err != nil {
		return n, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		rec, err := table.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return n, fmt.Errorf("%s: %w", file, err)
		}
		n.rows++
		if rec.Problem != nil {
			n.leftOut++
			tell(*rec.Problem, "row left out")
			continue
		}
		kind, known := kindOfSchema(rec.Fields[schema])
		var pair [2]entity.Entity
		illegible, partly := false, 0
		for i, side := range sides {
			name := strings.TrimSpace(rec.Fields[table.Column(side)])
			pair[i] = entity.Entity{Kind: kind, Names: []entity.Name{{Full: name}}}
			problem := people.Problem{File: file, Line: rec.Line, Field: side}
			switch {
			case !utf8.ValidString(name):
				illegible = true
				problem.Text = "not UTF-8"
				tell(problem, "row left out")
			case names.Fold(name) == "":
				partly++
				problem.Text = "no name in it"
				tell(problem, "the score is 0")
			case names.Person(names.Parts{Full: name}).Cut:
				partly++
				problem.Text = fmt.Sprintf("%d characters: only the first %d, or %d parts, are compared", utf8.RuneCountInString(name), names.MaxRunes, names.MaxTokens)
				tell(problem, "the score is of those")
			}
		}
		if illegible {
			n.leftOut++
			continue
		}
		n.fields += partly
		if !known {
			n.unknown++
		}
		// A finding with the grade None has its score all the same.
		f := match.Compare(pair[0], pair[1], w)
		hit := f.Grade != match.None
		if hit {
			n.hits++
		}
		if err := write(rec.Fields, strconv.FormatFloat(f.Score, 'f', 4, 64), strconv.FormatBool(hit)); err != nil {
			return n, err
		}
	}
	if told > screenProblems {
		fmt.Fprintf(errs, "… and %d more of such\n", told-screenProblems)
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return n, fmt.Errorf("compare: writing scores: %w", err)
	}
	return n, nil
}

// kindOfSchema reads a schema of FollowTheMoney, in any case
// (followthemoney.tech/explorer).
func kindOfSchema(schema string) (kind entity.Kind, known bool) {
	switch strings.ToLower(strings.TrimSpace(schema)) {
	case "person":
		return entity.Person, true
	case "company", "organization", "organisation", "legalentity", "publicbody":
		return entity.Organisation, true
	case "vessel":
		return entity.Vessel, true
	case "airplane":
		return entity.Aircraft, true
	}
	return entity.UnknownKind, false
}
