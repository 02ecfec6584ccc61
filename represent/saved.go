package represent

import (
	"encoding/json"
	"fmt"

	"github.com/gobertopic/gobertopic/stage/state"
)

// The representers whose settings are saved with a model. A setting that is a function or an interface has
// no saved form: with one, MarshalJSON fails, and the loaded model needs the representer again
// (topic.LoadOptions). What a LanguageModel asks cannot be saved at all.
func init() {
	state.RegisterSettings[KeyBERT]("represent.keybert")
	state.RegisterSettings[MMR]("represent.mmr")
	state.RegisterSettings[PartOfSpeech]("represent.pos")
	state.RegisterSettings[ZeroShot]("represent.zeroshot")
}

// MarshalJSON returns the saved form. It fails with an Embedder.
func (k KeyBERT) MarshalJSON() ([]byte, error) {
	type settings KeyBERT
	return marshal(settings(k), "KeyBERT.Embedder", k.Embedder != nil)
}

// MarshalJSON returns the saved form. It fails with an Embedder.
func (m MMR) MarshalJSON() ([]byte, error) {
	type settings MMR
	return marshal(settings(m), "MMR.Embedder", m.Embedder != nil)
}

// MarshalJSON returns the saved form. It fails with a Tagger other than English.
func (p PartOfSpeech) MarshalJSON() ([]byte, error) {
	type settings PartOfSpeech
	return marshal(settings(p), "PartOfSpeech.Tagger", p.tagger() != English())
}

// MarshalJSON returns the saved form. It fails with an Embedder or a Classify.
func (z ZeroShot) MarshalJSON() ([]byte, error) {
	type settings ZeroShot
	if z.Classify != nil {
		return marshal(settings(z), "ZeroShot.Classify", true)
	}
	return marshal(settings(z), "ZeroShot.Embedder", z.Embedder != nil)
}

// marshal returns the JSON of settings, or an error if a field is set that JSON cannot hold.
func marshal(settings any, field string, set bool) ([]byte, error) {
	if set {
		return nil, fmt.Errorf("represent.%s has no saved form", field)
	}
	return json.Marshal(settings)
}
