package names

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sallyport/names/script"
)

// revision is one more for each change of how names are read that is in no table.
const revision = "9"

// Version tells apart how names are read: by revision, by the tables of this package and of package
// script, and by the edition of Unicode, which says what a letter is, which is its lower case and what it is
// made up of: names, a hyphen, the revision, another one and the first 12 hex digits of the SHA-256 of all this.
// TestVersion holds it to every file that is embedded.
var Version = sync.OnceValue(func() string { return versionOf(readBy()) })

// A table is something that names are read by.
type table struct{ name, content string }

func readBy() []table {
	return []table{
		{"revision", revision}, {"vocabulary.txt", vocabularyText}, {"firms.txt", firmsText}, {"forms.txt", formsText}, {"common.txt", commonText}, {"chinese.txt", chineseText}, {"variants.txt", variantsText},
		{"script", script.Version()}, {"unicode", unicode.Version}, {"normal forms", norm.Version},
	}
}

func versionOf(tables []table) string {
	h := sha256.New()
	for _, t := range tables {
		for _, s := range [...]string{t.name, t.content} {
			h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
		}
	}
	return "names-" + revision + "-" + hex.EncodeToString(h.Sum(nil))[:12]
}
