package ctfidf

import "github.com/gobertopic/gobertopic/stage/state"

// The names are written to files; they must not change.
func init() {
	state.RegisterSettings[Weighting]("ctfidf.weighting")
	state.RegisterSettings[NPMI]("ctfidf.npmi")
	state.RegisterSettings[FightingWords]("ctfidf.fighting_words")
	state.RegisterSettings[Soft]("ctfidf.soft")
	state.RegisterSettings[Centroid]("ctfidf.centroid")
}
