package match

import (
	"fmt"
	"sallyport/entity"
	"testing"
)

func TestZZ(t *testing.T) {
	w := DefaultWeights()
	for _, p := range [][2]string{{"Wong Kar Wai", "Wang Jiawei"}, {"Wong Kar-wai", "Wang Jia Wei"}, {"Wong Karwai", "Wang Jiawei"}, {"Chan Yuet Ying", "Chen Yueying"}, {"Mao Tse-tung", "Mao Zedong"}, {"Mao Tsetung", "Mao Zedong"}, {"Teng Hsiao-p'ing", "Deng Xiaoping"}, {"Chou En-lai", "Zhou Enlai"}, {"Lee Kuan Yew", "Li Guangyao"}, {"Wong Kar Wai", "Wang Jianwei"}, {"Wang Jia Wei", "Wang Jiawei"}, {"Kim Jong Un", "Kim Jongun"}, {"Tung Chee Hwa", "Dong Jianhua"}, {"Carrie Lam Cheng Yuet-ngor", "Lin Zheng Yue'e"}, {"Chan Kwok Ming", "Chen Guoming"}, {"Lam Kin Ming", "Lin Jianming"}} {
		f := Compare(entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: p[0]}}}, entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: p[1]}}}, w)
		fmt.Println(p, f.Grade, f.Score, f.Reasons)
	}
}
