package topic

import (
	"fmt"
	"math"
	"strings"
)

// TreeOptions says how Hierarchy.Text draws. The zero value is the default.
type TreeOptions struct {
	// MaxDistance leaves the names of topics out, and puts an O in their place, that merge at this distance or a greater one.
	// 0, the default, names all. [max_distance]
	MaxDistance float64
	// Tight indents by two characters per level in place of five. Default false. [tight_layout]
	Tight bool
}

// treeName is the number of characters that a name is cut to.
const treeName = 100

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
	n := len(h.names) - len(h.tree)
	if len(h.tree) == 0 {
		for _, t := range h.model.topicIDs() {
			fmt.Fprintf(&b, "└─■──%s ── Topic: %d\n", cut(h.names[t], treeName), t)
		}
		return b.String()
	}
	// A chain is as deep as it has topics, so the nodes to be drawn are kept on a stack of our own.
	type node struct {
		id       int
		last     bool
		indent   string
		distance float64
	}
	below := func(id int, indent string) []node { // in the reverse order of drawing
		s := h.tree[id-n]
		return []node{{s.Right, true, indent, s.Distance}, {s.Left, false, indent, s.Distance}}
	}
	for stack := below(n+len(h.tree)-1, ""); len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		branch, bar := "├─", "│"+strings.Repeat(" ", width)
		if at.last {
			branch, bar = "└─", strings.Repeat(" ", width+1)
		}
		b.WriteString(at.indent + branch)
		switch name := cut(h.names[at.id], treeName); {
		case at.id >= n:
			b.WriteString(name + "\n")
			stack = append(stack, below(at.id, at.indent+bar)...)
		case at.distance < limit:
			fmt.Fprintf(&b, "■──%s ── Topic: %d\n", name, at.id)
		default:
			b.WriteString("O \n")
		}
	}
	return b.String()
}
