package ofac

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
)

// A named party of the real list of November 2025, with its names only.
type named struct {
	ID    int `json:"entity_id"`
	Names []struct {
		Full    string `json:"full_name"`
		Primary bool   `json:"is_primary"`
		Type    string `json:"type_id"`
	} `json:"names"`
}

// realNames are OFAC's parties of November 2025, 17,815 with 41,859 names.
func realNames(t testing.TB) []named {
	var out []named
	d := json.NewDecoder(bytes.NewReader(realFile(t, "ofac/sdn_entities_names_2025-11-26.jsonl.xz")))
	for {
		var n named
		if err := d.Decode(&n); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
}

// fullSize writes an SDN_ADVANCED.XML of the size of OFAC's, about 120 MB: the real parties and
// names, and of each a made place, document, birth date, nationality, and title, indented as
// OFAC does. The names do not say what they are of; one whose last word is not all in capitals
// is taken for a person's.
func fullSize(t testing.TB, path string, parties []named) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	head, _, _ := strings.Cut(advancedFixture(t), "<Locations>")
	head = strings.Replace(head, `<AliasType ID="1401">`, `<AliasType ID="1402">N.K.A.</AliasType><AliasType ID="1401">`, 1)
	w := func(format string, args ...any) { fmt.Fprintf(out, format, args...) }
	// nested writes elements on lines of their own, with the indent of each.
	nested := func(depth int, text string) {
		for _, line := range strings.Split(strings.ReplaceAll(text, "><", ">\n<"), "\n") {
			if strings.HasPrefix(line, "</") {
				depth--
			}
			out.WriteString(strings.Repeat("  ", depth))
			out.WriteString(line)
			out.WriteByte('\n')
			if !strings.Contains(line, "</") && !strings.HasSuffix(line, "/>") {
				depth++
			}
		}
	}
	w("%s<Locations>\n", head)
	for _, p := range parties {
		nested(2, fmt.Sprintf(`<Location ID="%d"><LocationAreaCode AreaCodeID="11"/><LocationCountry CountryID="11" CountryRelevanceID="1514"/><LocationPart LocPartTypeID="1451"><LocationPartValue Primary="true" LocPartValueTypeID="1" LocPartValueStatusID="1"><Comment/><Value>%d Lenin Street</Value></LocationPartValue></LocationPart><LocationPart LocPartTypeID="1454"><LocationPartValue Primary="true" LocPartValueTypeID="1" LocPartValueStatusID="1"><Comment/><Value>Moscow</Value></LocationPartValue></LocationPart><FeatureVersionReference FeatureVersionID="%d"/></Location>`, p.ID, p.ID%200, p.ID))
	}
	w("  </Locations>\n  <IDRegDocuments>\n")
	for _, p := range parties {
		nested(2, fmt.Sprintf(`<IDRegDocument ID="%d" IDRegDocTypeID="1620" IdentityID="%[1]d" IssuedBy-CountryID="11" ValidityID="1"><Comment/><IDRegistrationNo>10277%08[1]d</IDRegistrationNo><IssuingAuthority/><DocumentedNameReference DocumentedNameID="%[1]d"/></IDRegDocument>`, p.ID))
	}
	w("  </IDRegDocuments>\n  <DistinctParties>\n")
	nameID := 0
	for _, p := range parties {
		var b strings.Builder
		sub := 3
		if !isUpper(p.Names[len(p.Names)-1].Full) {
			sub = 4
		}
		fmt.Fprintf(&b, `<DistinctParty FixedRef="%d" DeltaAction="Unchanged"><Comment/><Profile ID="%[1]d" PartySubTypeID="%d"><Identity ID="%[1]d" FixedRef="%[1]d" Primary="true" False="false">`, p.ID, sub)
		groups := ""
		for _, n := range p.Names {
			nameID++
			fmt.Fprintf(&b, `<Alias FixedRef="%d" AliasTypeID="%s" Primary="%t" LowQuality="false"><DocumentedName ID="%d" FixedRef="%[1]d" DocNameStatusID="%[5]d">`, p.ID, n.Type, n.Primary, nameID, map[bool]int{true: 1, false: 2}[n.Primary])
			for i, part := range nameParted(n.Full, sub == 4) {
				group := nameID*10 + i
				kind := [...]int{1525, 1520, 1521}[map[bool]int{false: 0, true: 1 + i}[sub == 4]]
				var text strings.Builder
				_ = xml.EscapeText(&text, []byte(part)) // into memory
				fmt.Fprintf(&b, `<DocumentedNamePart><NamePartValue NamePartGroupID="%d" ScriptID="215" ScriptStatusID="1" Acronym="false">%s</NamePartValue></DocumentedNamePart>`, group, text.String())
				groups += fmt.Sprintf(`<MasterNamePartGroup><NamePartGroup ID="%d" NamePartTypeID="%d"/></MasterNamePartGroup>`, group, kind)
			}
			b.WriteString(`</DocumentedName></Alias>`)
		}
		fmt.Fprintf(&b, `<NamePartGroups>%s</NamePartGroups></Identity>`, groups)
		fmt.Fprintf(&b, `<Feature ID="%d1" FeatureTypeID="25"><FeatureVersion ID="%[1]d1" ReliabilityID="1"><Comment/><VersionLocation LocationID="%[1]d"/></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID)
		y, m, d := 1940+p.ID%60, 1+p.ID%12, 1+p.ID%28
		day := fmt.Sprintf(`<Year>%d</Year><Month>%d</Month><Day>%d</Day>`, y, m, d)
		fmt.Fprintf(&b, `<Feature ID="%d2" FeatureTypeID="8"><FeatureVersion ID="%[1]d2" ReliabilityID="1"><Comment/><DatePeriod CalendarTypeID="1" YearFixed="false" MonthFixed="false" DayFixed="false"><Start Approximate="false" YearFixed="false" MonthFixed="false" DayFixed="false"><From>%[2]s</From><To>%[2]s</To></Start><End Approximate="false" YearFixed="false" MonthFixed="false" DayFixed="false"><From>%[2]s</From><To>%[2]s</To></End></DatePeriod><VersionDetail DetailTypeID="1430"/></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID, day)
		fmt.Fprintf(&b, `<Feature ID="%d3" FeatureTypeID="10"><FeatureVersion ID="%[1]d3" ReliabilityID="1"><Comment/><VersionLocation LocationID="%[1]d"/></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID)
		fmt.Fprintf(&b, `<Feature ID="%d4" FeatureTypeID="26"><FeatureVersion ID="%[1]d4" ReliabilityID="1"><Comment/><VersionDetail DetailTypeID="1432">Deputy of department %[1]d</VersionDetail></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID)
		fmt.Fprintf(&b, `<Feature ID="%d5" FeatureTypeID="224"><FeatureVersion ID="%[1]d5" ReliabilityID="1"><Comment/><VersionDetail DetailTypeID="1431" DetailReferenceID="91526"/></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID)
		fmt.Fprintf(&b, `<Feature ID="%d6" FeatureTypeID="14"><FeatureVersion ID="%[1]d6" ReliabilityID="1"><Comment/><VersionDetail DetailTypeID="1432">www.example.ru/%[1]d</VersionDetail></FeatureVersion><IdentityReference IdentityID="%[1]d" IdentityFeatureLinkTypeID="1"/></Feature>`, p.ID)
		fmt.Fprintf(&b, `<SanctionsEntryReference SanctionsEntryID="%d"/></Profile></DistinctParty>`, p.ID)
		nested(2, b.String())
	}
	w("  </DistinctParties>\n  <ProfileRelationships>\n")
	for i, p := range parties[1:] {
		if i%3 == 0 {
			nested(2, fmt.Sprintf(`<ProfileRelationship ID="%d" From-ProfileID="%[1]d" To-ProfileID="%d" RelationTypeID="15003" RelationQualityID="1" Former="false" SanctionsEntryID="%[1]d"><Comment/></ProfileRelationship>`, p.ID, parties[i].ID))
		}
	}
	w("  </ProfileRelationships>\n  <SanctionsEntries>\n")
	for _, p := range parties {
		nested(2, fmt.Sprintf(`<SanctionsEntry ID="%d" ProfileID="%[1]d" ListID="1550"><EntryEvent ID="%[1]d" EntryEventTypeID="1" LegalBasisID="1900"><Comment/><Date CalendarTypeID="1"><Year>2022</Year><Month>2</Month><Day>24</Day></Date></EntryEvent><SanctionsMeasure ID="%[1]d1" SanctionsTypeID="1705"><Comment/></SanctionsMeasure><SanctionsMeasure ID="%[1]d2" SanctionsTypeID="1"><Comment>RUSSIA-EO14024</Comment></SanctionsMeasure></SanctionsEntry>`, p.ID))
	}
	w("  </SanctionsEntries>\n  <SanctionsEntryLinks/>\n</Sanctions>\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// nameParted parts a person's "ABBAS Abu" where the capitals end.
func nameParted(full string, person bool) []string {
	words := strings.Fields(full)
	i := 0
	for i < len(words) && isUpper(words[i]) {
		i++
	}
	if !person || i == 0 || i == len(words) {
		return []string{strings.Join(words, " ")}
	}
	return []string{strings.Join(words[:i], " "), strings.Join(words[i:], " ")}
}

func isUpper(s string) bool { return s == strings.ToUpper(s) }

// Every name of the real list is read again out of a document of full size.
func TestFullSize(t *testing.T) {
	if testing.Short() {
		t.Skip("120 MB: not with -short")
	}
	parties := realNames(t)
	path := filepath.Join(t.TempDir(), "sdn_advanced.xml")
	fullSize(t, path, parties)
	if info, err := os.Stat(path); err != nil || info.Size() < 110e6 || info.Size() > 135e6 {
		t.Errorf("%d bytes, %v; want about 120 MB", info.Size(), err)
	}
	opened, err := watchlist.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Advanced().Parse([]watchlist.File{opened}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Entities) != 17815 || len(e.Skipped)+len(e.Doubts) != 0 {
		t.Errorf("%d entries, doubts %q, %d skipped, first %v", len(e.Entities), e.Doubts, len(e.Skipped), e.Skipped[:min(3, len(e.Skipped))])
	}
	names := 0
	for _, p := range parties {
		x := e.Find(strconv.Itoa(p.ID))
		if x == nil {
			t.Fatalf("entry %d is missing", p.ID)
		}
		names += len(x.Names)
		for _, n := range p.Names {
			// The parts change places, family name last.
			if !slices.ContainsFunc(x.Names, func(has entity.Name) bool { return sortedWords(has.Full) == sortedWords(n.Full) }) {
				t.Errorf("entry %d: %q is not among %+v", p.ID, n.Full, x.Names)
			}
		}
	}
	if names != 41859 {
		t.Errorf("%d names, want 41,859", names)
	}
}

func sortedWords(s string) string {
	return strings.Join(slices.Sorted(strings.FieldsSeq(s)), " ")
}

// readAlone is set in the process that BenchmarkAdvanced starts to read the file it names, so
// that its memory is that of the reading only.
const readAlone = "SALLYPORT_READ_ALONE"

func TestMain(m *testing.M) {
	path := os.Getenv(readAlone)
	if path == "" {
		os.Exit(m.Run())
	}
	begin := time.Now()
	opened, err := watchlist.OpenFile(path)
	if err == nil {
		var f watchlist.Format
		var files []watchlist.File
		if f, files, err = Formats().Recognise([]watchlist.File{opened}); err == nil {
			_, err = f.Parse(files, time.Time{})
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("seconds", time.Since(begin).Seconds())
	status, _ := os.ReadFile("/proc/self/status") // Linux has it
	os.Stdout.Write(status)
	os.Exit(0)
}

var peakKB = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// BenchmarkAdvanced reads a document of full size from the disk in a process of its own: once
// for its hash, as every intake does, and once for its entries. The metrics are of that process.
func BenchmarkAdvanced(b *testing.B) {
	path := filepath.Join(b.TempDir(), "sdn_advanced.xml")
	fullSize(b, path, realNames(b))
	benchmarkAlone(b, path)
}

func benchmarkAlone(b *testing.B, path string) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	seconds, cpu, peak := 0.0, 0.0, 0.0
	for b.Loop() {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), readAlone+"="+path)
		out, err := c.Output()
		if err != nil {
			b.Fatal(err)
		}
		var took float64
		if _, err := fmt.Sscanf(string(out), "seconds %f", &took); err != nil {
			b.Fatal(err)
		}
		seconds += took
		cpu += (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
		if m := peakKB.FindSubmatch(out); m != nil {
			kb, _ := strconv.ParseFloat(string(m[1]), 64)
			peak = max(peak, kb/1024)
		}
	}
	b.ReportMetric(float64(info.Size())*float64(b.N)/seconds/1e6, "read-MB/s")
	b.ReportMetric(float64(info.Size())*float64(b.N)/cpu/1e6, "MB/cpu-s") // on a busy machine the truer one
	b.ReportMetric(float64(info.Size())/1e6, "file-MB")
	if peak > 0 {
		b.ReportMetric(peak, "peak-MB")
	}
}
