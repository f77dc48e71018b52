package jp

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
)

var (
	// 又は and または are "or", 及び "and".
	either = regexp.MustCompile(`又は|または|及び|、|;`)
	// "1962年3月4日", "1962年3月", "1962年"; 生 and 生まれ are "born", 改訂 "revised".
	japaneseDay = regexp.MustCompile(`^(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日?)?)?$`)
	// "1962年から1964年", "1962年-1964年", "1962年~1964年"
	japaneseSpan = regexp.MustCompile(`^(\d{4}年[0-9月日]*)(?:から|-|~|〜)(\d{4}年[0-9月日]*)(?:まで)?$`)
	dotted       = regexp.MustCompile(`^(\d{4})[./](\d{1,2})[./](\d{1,2})$`)
)

// dates reads the dates in a text, and gives back those that no rule reads.
func dates(s string) (read []entity.Dates, bad []string) {
	s = norm.NFKC.String(s)
	if d, err := date(s); err == nil {
		return []entity.Dates{d}, nil
	}
	for _, part := range either.Split(s, -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, err := date(part)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		read = append(read, d)
	}
	return read, bad
}

// date reads one date or one span.
func date(s string) (entity.Dates, error) {
	written := s
	s = strings.Join(strings.Fields(s), "")
	s = strings.Trim(s, "()")
	circa := false
	for _, w := range []string{"おおよそ", "およそ", "頃", "ころ", "ごろ"} {
		if strings.Contains(s, w) {
			s, circa = strings.ReplaceAll(s, w, ""), true
		}
	}
	for _, w := range []string{"生まれ", "生", "に改訂", "改訂日", "改訂", "までの間", "の間", "(", ")"} {
		s = strings.ReplaceAll(s, w, "")
	}
	d, err := japaneseDate(s)
	if err != nil {
		d, err = draft.Text(written)
	}
	if err != nil {
		return entity.Dates{}, fmt.Errorf("%q: not a date that can be compared", watchlist.Short(draft.Squeeze(written)))
	}
	d.Circa = d.Circa || circa
	return d, nil
}

func japaneseDate(s string) (entity.Dates, error) {
	if m := japaneseSpan.FindStringSubmatch(s); m != nil {
		from, err := japaneseDate(m[1])
		if err != nil {
			return from, err
		}
		to, err := japaneseDate(m[2])
		if err != nil {
			return to, err
		}
		return draft.Between(from, to)
	}
	if m := japaneseDay.FindStringSubmatch(s); m != nil {
		return draft.Parts(m[1], m[2], m[3])
	}
	if m := dotted.FindStringSubmatch(s); m != nil {
		return draft.Parts(m[1], m[2], m[3])
	}
	return entity.Dates{}, fmt.Errorf("%q: want one such as 1962年3月4日", watchlist.Short(s))
}
