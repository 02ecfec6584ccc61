package main

import (
	"fmt"
	"strings"
)

// reference is the system that the vectors of another are held to.
func reference(name string) string {
	switch {
	case name == "static", name == "distilled", name == "model2vec":
		return "model2vec"
	case strings.HasPrefix(name, "second"), name == "fasttextembed":
		return "second-st"
	}
	return "st"
}

// printTable prints what was measured on the texts of one length.
func printTable(length string, texts int, all []*system) {
	find := func(name string, threads int) *system {
		for _, s := range all {
			if s.name == name && (s.threads == threads || threads == 0 && s.vectors.Rows > 0) {
				return s
			}
		}
		return nil
	}
	fmt.Printf("\n%d %s texts\n\n| system | threads | documents/s | × reference | × one thread | peak MB | cosine, least | mean |\n|---|--:|--:|--:|--:|--:|--:|--:|\n", texts, length)
	for _, s := range all {
		row := []string{s.name, fmt.Sprint(s.threads), fmt.Sprintf("%.1f", s.perSecond()), "", "", fmt.Sprintf("%.0f", s.peak), "", ""}
		if s.every > 1 {
			row[0] += fmt.Sprintf(" (every %dth text)", s.every)
		}
		if r := find(reference(s.name), s.threads); r != nil {
			row[3] = fmt.Sprintf("%.2f", s.perSecond()/r.perSecond())
		}
		if one := find(s.name, 1); one != nil && s.threads > 1 {
			row[4] = fmt.Sprintf("%.2f", s.perSecond()/one.perSecond())
		}
		if r := find(reference(s.name), 0); r != nil && s.vectors.Rows > 0 {
			least, mean := s.cosines(r)
			row[6], row[7] = fmt.Sprintf("%.6f", least), fmt.Sprintf("%.6f", mean)
		}
		fmt.Println("| " + strings.Join(row, " | ") + " |")
	}
}
