package bert

import "strings"

// distilNames maps BERT's names of tensors to DistilBERT's.
var distilNames = strings.NewReplacer(
	"encoder.layer.", "transformer.layer.",
	"attention.self.query", "attention.q_lin",
	"attention.self.key", "attention.k_lin",
	"attention.self.value", "attention.v_lin",
	"attention.output.dense", "attention.out_lin",
	"attention.output.LayerNorm", "sa_layer_norm",
	"intermediate.dense", "ffn.lin1",
	"output.dense", "ffn.lin2",
	"output.LayerNorm", "output_layer_norm",
)

// chooseNames finds how the tensors are named. Those of a model that was saved with a head have a prefix. A converted model
// has BERT's names whatever its architecture is.
func (r *reader) chooseNames(arch string) {
	if arch == "" {
		arch = "bert"
	}
	if !r.f.Has(wordVectors) && r.f.Has(arch+"."+wordVectors) {
		r.prefix = arch + "."
	}
	if arch == "distilbert" && !r.f.Has(layerName(0)+queryName+weightSuffix) {
		r.names = distilNames
	}
}

// name returns the name of a tensor in the file, given its name in a BERT without a head.
func (r *reader) name(name string) string {
	if r.names != nil {
		name = r.names.Replace(name)
	}
	return r.prefix + name
}

// place returns the row of the position table for a token of a text. next is the number of tokens before it that have a row
// of their own: in a RoBERTa the padding token, where it is spelled out in a text, has one that does not count.
func (e *Encoder) place(next *int, id int32) int {
	if e.shape.Offset > 0 && int(id) == e.shape.Offset-1 {
		return e.shape.Offset - 1
	}
	*next++
	return e.shape.Offset + *next - 1
}
