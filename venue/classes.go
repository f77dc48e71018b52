package venue

import (
	"slices"

	"sallyport/book"
	"sallyport/law"
	"sallyport/venue/tape"
)

// class is the accounts that may trade and stand on the same sides of the same bars. Class 0 stands on none.
type class struct {
	sides   []law.Side
	members int
}

// join finds the class of an account that may trade; ok is false when there is no room for
// another. The account leaves it when its standing changes.
func (v *Venue) join(sides []law.Side) (n uint8, ok bool) {
	free := -1
	for i := range v.classes {
		c := &v.classes[i]
		switch {
		case (c.members > 0 || i == 0) && slices.Equal(c.sides, sides):
			c.members++
			return uint8(i), true
		case c.members == 0 && i > 0 && free < 0:
			free = i
		}
	}
	if free < 0 {
		if len(v.classes) == tape.MaxClasses {
			return 0, false
		}
		free = len(v.classes)
		v.classes = append(v.classes, class{})
	}
	v.classes[free] = class{sides: sides, members: 1}
	for i := range v.classes {
		one, other := book.Mask(1)<<free, book.Mask(1)<<i
		v.may[free] |= other
		v.may[i] |= one
		if len(law.Between(sides, v.classes[i].sides)) > 0 {
			v.may[free] &^= other
			v.may[i] &^= one
		}
	}
	return uint8(free), true
}
