// Package calendar counts business days: those on which an authority, and whoever must answer
// to it, is taken to be at work.
//
// Holidays are data, one file an authority under data/, each with the law that makes it a
// holiday and with what is still to verify. A file speaks of the years from its first to its
// last and of no others: a day outside them is an error and never a guess. Days are those of
// the authority's own zone, whose summer time is data too, for this package reads no clock
// and no zone files.
//
// A period of n business days begins on the day after the event: a property blocked on a
// Friday is to be reported by the tenth business day after it (31 CFR 501.603(b)(1); Council
// Regulation 1182/71, Article 3(1)). Which duties count so is for whoever has the duty to say.
//
// TestHolidays holds each file to dates written by hand from the law, TestZones the summer
// times to the zone database.
package calendar
