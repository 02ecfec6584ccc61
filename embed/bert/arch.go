package bert

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// mpnet is the architecture with relative positions.
const mpnet = "mpnet"

// mpnetNames maps BERT's names of tensors to MPNet's.
var mpnetNames = strings.NewReplacer(
	"attention.self.query", "attention.attn.q",
	"attention.self.key", "attention.attn.k",
	"attention.self.value", "attention.attn.v",
	"attention.output.dense", "attention.attn.o",
	"attention.output.LayerNorm", "attention.LayerNorm",
)

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

// chooseNames finds how the tensors are named. Those of a model that was saved with a head have a
// prefix. A converted model has BERT's names whatever its architecture is.
func (r *reader) chooseNames(arch string) {
	switch arch {
	case "":
		arch = "bert"
	case modernBERT:
		if !r.f.Has(modernWords) && r.f.Has("model."+modernWords) {
			r.prefix = "model."
		}
		return
	}
	if !r.f.Has(wordVectors) && r.f.Has(arch+"."+wordVectors) {
		r.prefix = arch + "."
	}
	if names := map[string]*strings.Replacer{"distilbert": distilNames, mpnet: mpnetNames}[arch]; !r.f.Has(layerName(0) + queryName + weightSuffix) {
		r.names = names
	}
}

// name returns the name of a tensor in the file, given its name in a BERT without a head.
func (r *reader) name(name string) string {
	if r.names != nil {
		name = r.names.Replace(name)
	}
	return r.prefix + name
}

// place returns the row of the position table for a token of a text. next is the number of tokens
// before it that have a row of their own: in a RoBERTa the padding token, where it is spelled out
// in a text, has one that does not count.
func (e *Encoder) place(next *int, id int32) int {
	if e.shape.Offset > 0 && int(id) == e.shape.Offset-1 {
		return e.shape.Offset - 1
	}
	*next++
	return e.shape.Offset + *next - 1
}

// MPNet adds a bias to each score, which depends on the head and on how far apart the tokens are.
const (
	relativeBias    = "encoder.relative_attention_bias.weight"
	relativeBuckets = 32
)

// relativeLarge are the distances at which the buckets after the first eight begin: 8·2^(k/2),
// rounded up.
var relativeLarge = [...]int{8, 12, 16, 23, 32, 46, 64, 91}

// relativeBucket returns the bucket of a distance, that of the key minus that of the query
// (relative_position_bucket in transformers).
func relativeBucket(distance int) int {
	bucket := 0
	if distance > 0 {
		bucket = relativeBuckets / 2
	}
	n := max(distance, -distance)
	if n < relativeLarge[0] {
		return bucket + n
	}
	for k, from := range relativeLarge {
		if n >= from && (k+1 == len(relativeLarge) || n < relativeLarge[k+1]) {
			bucket += relativeLarge[0] + k
		}
	}
	return bucket
}

// relative holds, for each head, the biases of all distances from −(span−1) to span−1, in units of
// the scores before they are scaled.
type relative struct {
	span int
	bias []float32
}

func newRelative(weights []float32, s *shape) *relative {
	if weights == nil {
		return nil
	}
	r := &relative{span: s.Positions, bias: make([]float32, s.Heads*(2*s.Positions-1))}
	scale := float32(math.Sqrt(float64(s.Hidden / s.Heads)))
	for head := range s.Heads {
		row := r.bias[head*(2*r.span-1):][:2*r.span-1]
		for i := range row {
			row[i] = weights[relativeBucket(i-r.span+1)*s.Heads+head] * scale
		}
	}
	return r
}

// add adds the biases of a head to the scores of one text, a row per query.
func (r *relative) add(k *simd.Kernels, scores blas32.General, head int) {
	if r == nil {
		return
	}
	bias := r.bias[head*(2*r.span-1):][:2*r.span-1]
	for i := range scores.Rows {
		k.Add(scores.Data[i*scores.Stride:][:scores.Cols], bias[r.span-1-i:][:scores.Cols])
	}
}
