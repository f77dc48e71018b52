package main

import (
	"strings"
	"testing"
)

// 廣 is simplified to 广, as 広 is once it is 廣; 裡 of Taiwan is 裏 first; 叙 is an end and leads nowhere.
func TestCharactersAreReadAsTheSimplifiedOne(t *testing.T) {
	var tables []map[rune]rune
	for _, text := range []string{
		"# a remark\n廣\t广\n裏\t里\n後\t后\n敍\t叙\n乾\t干 乾\n万千\t萬千\n", "広\t廣\n", "敍\t敘\n裏\t裡\n敘\t叙\n",
	} {
		table, err := read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	got := written(one(tables[0], tables[1], turned(tables[2])))
	if _, got, _ = strings.Cut(got, "\n"); got != "叙敍敘\n后後\n干乾\n广広廣\n里裏裡\n" {
		t.Errorf("got %s", got)
	}
	if _, err := read(strings.NewReader("廣 广\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line of one column: %v", err)
	}
}
