package linkage_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/internal/linkage"
)

// The condensed distances of five points on a line.
func line(x ...float64) (int, []float64) {
	var dist []float64
	for i, a := range x {
		for _, b := range x[i+1:] {
			dist = append(dist, max(a-b, b-a))
		}
	}
	return len(x), dist
}

func ExampleLink() {
	n, dist := line(0, 9, 1, 12, 3)
	tree, err := linkage.Link(context.Background(), n, dist, linkage.Average)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range tree {
		fmt.Printf("%d: %d and %d at %.1f, %d items\n", n+i, m.Left, m.Right, m.Distance, m.Size)
	}
	// Output:
	// 5: 0 and 2 at 1.0, 2 items
	// 6: 4 and 5 at 2.5, 3 items
	// 7: 1 and 3 at 3.0, 2 items
	// 8: 6 and 7 at 9.2, 5 items
}

func ExampleTree_Order() {
	n, dist := line(0, 9, 1, 12, 3)
	tree, err := linkage.Link(context.Background(), n, dist, linkage.Average)
	if err != nil {
		fmt.Println(err)
		return
	}
	ordered, err := tree.Order(context.Background(), dist)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tree.Leaves(), ordered.Leaves())
	fmt.Println(ordered.Members())
	// Output:
	// [4 0 2 1 3] [0 2 4 1 3]
	// [[0 2] [0 2 4] [1 3] [0 2 4 1 3]]
}

func ExampleTree_Cut() {
	n, dist := line(0, 9, 1, 12, 3)
	tree, err := linkage.Link(context.Background(), n, dist, linkage.Average)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tree.Cut(2))
	fmt.Println(tree.CutAt(2.7))
	// Output:
	// [0 1 0 1 0] <nil>
	// [0 1 0 2 0]
}
