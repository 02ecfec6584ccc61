package analysis

import (
	"fmt"
	"math"
	"strings"
)

// TreeOptions says how Hierarchy.Text draws. The zero value is valid.
type TreeOptions struct {
	// MaxDistance puts an O in the place of the name of a topic that merges at this distance or a
	// greater one. 0, the default, names all topics. [max_distance]
	MaxDistance float64
	// Tight indents by two columns per level instead of five. [tight_layout]
	Tight bool
}

// maxName is the number of characters that a name is cut to.
const maxName = 100

// Text draws the hierarchy, the root first, as BERTopic's get_topic_tree does:
//
//	.
//	├─pets_dogs_cats
//	│    ├─■──dogs ── Topic: 0
//	│    └─■──cats ── Topic: 2
//	└─■──cars ── Topic: 1
func (h *Hierarchy) Text(opt TreeOptions) string {
	limit, width := opt.MaxDistance, 4
	if limit == 0 {
		limit = math.Inf(1)
	}
	if opt.Tight {
		width = 1
	}
	var b strings.Builder
	b.WriteString(".\n")
	if len(h.tree) == 0 {
		for t := range h.topics {
			fmt.Fprintf(&b, "└─■──%s ── Topic: %d\n", cut(h.names[t], maxName), t)
		}
		return b.String()
	}
	// A tree can be as deep as it has topics, so the nodes to draw are kept on a stack of our own.
	type node struct {
		id       int
		last     bool // of its siblings
		indent   string
		distance float64 // at which it merges
	}
	children := func(id int, indent string) []node { // in the reverse order of drawing
		merge := h.tree[id-h.topics]
		return []node{{merge.Right, true, indent, merge.Distance}, {merge.Left, false, indent, merge.Distance}}
	}
	root := h.topics + len(h.tree) - 1
	for stack := children(root, ""); len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		branch, bar := "├─", "│"+strings.Repeat(" ", width)
		if at.last {
			branch, bar = "└─", strings.Repeat(" ", width+1)
		}
		b.WriteString(at.indent + branch)
		switch name := cut(h.names[at.id], maxName); {
		case at.id >= h.topics:
			b.WriteString(name + "\n")
			stack = append(stack, children(at.id, at.indent+bar)...)
		case at.distance < limit:
			fmt.Fprintf(&b, "■──%s ── Topic: %d\n", name, at.id)
		default:
			b.WriteString("O \n")
		}
	}
	return b.String()
}

// cut returns the first n code points of s, or s if n is 0.
func cut(s string, n int) string {
	if n > 0 {
		for at := range s {
			if n--; n < 0 {
				return s[:at]
			}
		}
	}
	return s
}
