package topic

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/topic/internal/place"
	"github.com/gobertopic/gobertopic/topic/internal/store"
)

// LoadOptions gives a loaded model what a file cannot hold.
type LoadOptions struct {
	// Embedder must be the one that the model was fitted with: Load fails with ErrEmbedderMismatch if both
	// are Identified and differ. nil: only operations that embed nothing work, TransformEmbedded among
	// them.
	Embedder stage.Embedder
	// Words gives what Save did not write (ErrUnsaved): Representers, Aspects, Weigher, and the functions
	// of Vocabulary. Its other fields are not used: they are those of the file.
	Words Words
	// Workers and Progress are as in Config.
	Workers  int
	Progress func(Progress)
}

// Load opens a model that Save wrote. It runs no algorithm. The topics and the assignments are read at
// once; the texts, the embeddings and the fitted stages when an operation first needs them, which then
// fails if they are damaged (Verify reads everything). The checksum of each file is compared before its
// content is used, and every part is checked; an error names the file. The model keeps its files open,
// so that it goes on with what it loaded if another model is saved to dir.
//
// What is missing in opt and was there in the fit makes operations that describe topics anew fail with
// ErrUnsaved; everything else works.
func Load(ctx context.Context, dir string, opt LoadOptions) (*Model, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	r, err := store.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	m, err := load(r, opt)
	if err != nil {
		return nil, fmt.Errorf("load: %s: %w", dir, err)
	}
	return m, nil
}

// ReadNotes reads Config.Notes of a saved model, and nothing else of it. It fails as Load does.
func ReadNotes(dir string) (map[string]string, error) {
	r, err := store.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	defer r.Close()
	return readNotes(r)
}

func readNotes(r fs.FS) (notes map[string]string, err error) {
	if err := state.ReadSections(r, state.Section{Name: notesSection, Data: &notes}); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return notes, nil
}

// Verify reads all of a saved model and fails as Load and the operations of a damaged model do, with
// every damaged file that there is.
func Verify(ctx context.Context, dir string) error {
	r, err := store.Open(dir)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer r.Close()
	if err := r.Verify(ctx); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	m, err := load(r, LoadOptions{})
	if err == nil {
		err = m.open()
	}
	if err != nil {
		return fmt.Errorf("verify: %s: %w", dir, err)
	}
	return nil
}

func load(r fs.FS, opt LoadOptions) (*Model, error) {
	notes, err := readNotes(r)
	if err != nil {
		return nil, err
	}
	d, err := loadDocuments(r)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	p, err := loadPipeline(r, opt, d)
	if err != nil {
		return nil, fmt.Errorf("stages: %w", err)
	}
	if err := p.embedder.wants(identity(opt.Embedder)); err != nil {
		return nil, err
	}
	p.cfg.Notes = notes
	g, err := loadGrouping(r, d)
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	w, err := loadDescription(r, opt, d, p, g)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	var warnings []string
	if err := state.ReadSections(r, state.Section{Name: "warnings.json", Data: &warnings}); err != nil {
		return nil, err
	}
	m := assemble(d, p, g, w)
	m.warnings = errorsOf(warnings)
	return m, nil
}

// loadSource reads a model that was merged with others.
func loadSource(r fs.FS, dir string, opt LoadOptions) (*Model, error) {
	sub, err := fs.Sub(r, dir)
	if err != nil {
		return nil, err
	}
	m, err := load(sub, opt)
	if err == nil {
		err = m.open()
	}
	return m, err
}

// unite makes the union of the merged models again.
func (p *pipeline) unite(d *documents) error {
	p.union = &place.Union{Accept: p.accept}
	offset, rows := 0, 0
	for k, m := range p.sources {
		if m.documents.embeddings.Cols != d.embeddings.Cols {
			return fmt.Errorf("merged model %d has embeddings of %d dimensions, want %d", k, m.documents.embeddings.Cols, d.embeddings.Cols)
		}
		p.union.Sources = append(p.union.Sources, m.source(offset))
		offset += len(m.grouping.topics)
		rows += m.documents.rows()
	}
	if rows > d.rows() {
		return fmt.Errorf("the merged models have %d documents with text, the model has %d", rows, d.rows())
	}
	return nil
}

// restore returns Words with what opt gives of what a file cannot hold.
func (s savedWords) restore(opt LoadOptions) (Words, error) {
	w := Words{Vocabulary: s.Vocabulary, TopWords: s.TopWords, RepresentativeDocs: s.RepresentativeDocs, RepresentativeDiversity: s.RepresentativeDiversity}
	with := opt.Words
	w.Vocabulary.Preprocessor, w.Vocabulary.Tokenizer, w.Vocabulary.Stem = with.Vocabulary.Preprocessor, with.Vocabulary.Tokenizer, with.Vocabulary.Stem
	var err error
	if w.Weigher, err = decode[ctfidf.Weigher](s.Weigher); err != nil {
		return w, fmt.Errorf("weigher: %w", err)
	}
	if w.Weigher == nil && slices.Contains(s.Unsaved, "Weigher") {
		w.Weigher = with.Weigher
	}
	if w.Representers, err = decodeChain(s.Representers); err != nil {
		return w, err
	}
	if w.Representers == nil {
		w.Representers = with.Representers
	}
	for _, a := range s.Aspects {
		chain, err := decodeChain(a.Representers)
		if err != nil {
			return w, fmt.Errorf("aspect %q: %w", a.Name, err)
		}
		w.Aspects = append(w.Aspects, Aspect{a.Name, chain})
	}
	if w.Aspects == nil {
		w.Aspects = with.Aspects
	}
	w.missing = w.stillMissing(s.Unsaved)
	// Representers may need an embedder that only later work gives.
	return w, errors.Join(w.Vocabulary.Validate())
}

func decodeChain(saved []*state.Settings) ([]Representer, error) {
	var out []Representer
	for i, s := range saved {
		r, err := decode[Representer](s)
		if err != nil {
			return nil, fmt.Errorf("representer %d: %w", i, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// stillMissing returns the names, of those given, of what w does not have.
func (w Words) stillMissing(names []string) []string {
	have := w.functions()
	have["Weigher"], have["Representers"], have["Aspects"] = w.Weigher != nil, len(w.Representers) > 0, len(w.Aspects) > 0
	var out []string
	for _, name := range names {
		if !have[name] {
			out = append(out, name)
		}
	}
	return out
}

func loadDocuments(r fs.FS) (*documents, error) {
	var s savedDocuments
	d := &documents{index: &docIndex{}}
	err := state.ReadSections(r, state.Section{Name: "documents.json", Data: &s}, state.Section{Name: "active.npy", Data: &d.active}, state.Section{Name: "order.npy", Data: &d.order})
	if err == nil && s.Classes {
		err = state.ReadSections(r, state.Section{Name: "classes.npy", Data: &d.classes})
	}
	if err != nil {
		return nil, err
	}
	if s.N < 1 || s.Dims < 0 || !s.Precision.Valid() || s.Dims == 0 && s.WithoutRows || len(s.Typical) > 0 && !s.WithoutTexts {
		return nil, fmt.Errorf("documents.json: %d documents of %d dimensions, precision %q", s.N, s.Dims, s.Precision)
	}
	d.n, d.batches = s.N, s.Batches
	d.embeddings = blas32.General{Rows: s.N, Cols: s.Dims, Stride: max(s.Dims, 1)}
	d.storage = storage{precision: s.Precision, withoutTexts: s.WithoutTexts, withoutRows: s.WithoutRows}
	for _, t := range s.Typical {
		if d.typical == nil {
			d.typical = map[int]string{}
		}
		if _, again := d.typical[t.Doc]; again || t.Doc < 0 || t.Doc >= d.n {
			return nil, fmt.Errorf("documents.json: the text of document %d of %d", t.Doc, d.n)
		}
		d.typical[t.Doc] = string(t.Text)
	}
	if !s.WithoutTexts {
		d.unreadTexts = &stored{read: func() (err error) {
			if d.texts, err = readTexts(r, d.n); err != nil {
				err = fmt.Errorf("documents: %w", err)
			}
			return err
		}}
	}
	if !s.WithoutRows {
		d.unread = &stored{read: func() error {
			if err := d.readEmbeddings(r); err != nil {
				return fmt.Errorf("documents: %w", err)
			}
			return nil
		}}
	}
	return d, d.check()
}

func (d *documents) readEmbeddings(r fs.FS) error {
	var x blas32.General
	if err := state.ReadSections(r, state.Section{Name: embeddingsSection, Data: &x}); err != nil {
		return err
	}
	if x.Rows != d.n || x.Cols != d.embeddings.Cols {
		return fmt.Errorf("%s: %d rows of %d values, want %d of %d", embeddingsSection, x.Rows, x.Cols, d.n, d.embeddings.Cols)
	}
	d.embeddings = x
	return nil
}

// bytesReader is implemented by what a model is loaded from: it gives memory that must not be changed,
// mapped from a file if that is large.
type bytesReader interface {
	Bytes(name string) ([]byte, error)
}

// readTexts reads n texts that writeTexts wrote.
func readTexts(r fs.FS, n int) ([]string, error) {
	var ends []int
	if err := state.ReadSections(r, state.Section{Name: textEndsSection, Data: &ends}); err != nil {
		return nil, err
	}
	var all []byte
	var err error
	if own, ok := r.(bytesReader); ok {
		all, err = own.Bytes(textsSection)
	} else {
		all, err = fs.ReadFile(r, textsSection)
	}
	if err != nil {
		return nil, err
	}
	if len(ends) != n || ends[n-1] != len(all) || ends[0] < 0 || !slices.IsSorted(ends) {
		return nil, fmt.Errorf("%s: want rising ends of %d texts, the last %d", textEndsSection, n, len(all))
	}
	whole := unsafe.String(unsafe.SliceData(all), len(all))
	texts, begin := make([]string, n), 0
	for i, end := range ends {
		texts[i], begin = whole[begin:end], end
	}
	return texts, nil
}

func loadPipeline(r fs.FS, opt LoadOptions, d *documents) (*pipeline, error) {
	var s savedPipeline
	var x pipelineMatrices
	p := &pipeline{}
	if err := state.ReadSections(r, p.sections(&s, &x)...); err != nil {
		return nil, err
	}
	p.cfg = Config{
		Granularity: s.Granularity, Outliers: s.Outliers, Seeds: s.SeedWords, ZeroShot: s.ZeroShot,
		Seed: s.Seed, Workers: opt.Workers, Progress: opt.Progress,
	}
	p.embedder, p.merged, p.warnings = s.Embedder, s.Sources, errorsOf(s.Warnings)
	var err error
	if p.cfg.Reducer, err = decode[stage.Reducer](s.Reducer); err != nil {
		return nil, fmt.Errorf("reducer: %w", err)
	}
	if p.cfg.Clusterer, err = decode[stage.Clusterer](s.Clusterer); err != nil {
		return nil, fmt.Errorf("clusterer: %w", err)
	}
	if s.Sources < 0 {
		return nil, fmt.Errorf("%d merged models", s.Sources)
	}
	if err := s.restore(p, x, d); err != nil {
		return nil, err
	}
	if d.withoutRows {
		if len(s.Fits) > 0 {
			return nil, errors.New("there are fitted stages of a model without embeddings")
		}
		return p, nil
	}
	p.unread = &stored{read: func() error {
		err := d.unread.open()
		if err == nil {
			err = p.readRows(r, s.Fits, opt, d)
		}
		if err != nil {
			return fmt.Errorf("stages: %w", err)
		}
		return nil
	}}
	return p, nil
}

// readRows reads what the stages became and what they say of the rows.
func (p *pipeline) readRows(r fs.FS, fits []savedFit, opt LoadOptions, d *documents) error {
	if err := state.ReadSections(r, append(p.rows.sections(), p.rows.pointsSection())...); err != nil {
		return err
	}
	for i, f := range fits {
		c, err := loadFit(r, "fit/"+strconv.Itoa(i), f, p.cfg)
		if err != nil {
			return fmt.Errorf("fit %d: %w", i, err)
		}
		c.Accept, c.Blend = p.accept, p.seeds
		p.fits = append(p.fits, c)
	}
	for i := range p.merged {
		m, err := loadSource(r, "model/"+strconv.Itoa(i), opt)
		if err != nil {
			return fmt.Errorf("merged model %d: %w", i, err)
		}
		p.sources = append(p.sources, m)
	}
	if p.merged > 0 {
		if err := p.unite(d); err != nil {
			return err
		}
	}
	return p.check(d)
}

// restore makes the zero-shot labels, the seeds, the policy and the regions of p.
func (s savedPipeline) restore(p *pipeline, x pipelineMatrices, d *documents) error {
	dim := d.embeddings.Cols
	rows := func(name string, x blas32.General, n int) error {
		if x.Rows != n || n > 0 && x.Cols != dim {
			return fmt.Errorf("%s: %d rows of %d values, want %d of %d", name, x.Rows, x.Cols, n, dim)
		}
		return nil
	}
	seeds, policy, regions := 0, 0, 0
	if len(s.SeedWords) > 0 {
		seeds = len(s.SeedWords) + 1
	}
	if s.Policy != nil {
		policy = len(s.Policy.Labels)
	}
	if s.Regions != nil {
		if regions = len(s.Regions.Labels); len(s.Regions.Floors) != regions {
			return fmt.Errorf("%d regions with %d floors", regions, len(s.Regions.Floors))
		}
	}
	if s.Policy != nil && !(s.Policy.Floor >= anyCosine && s.Policy.Floor <= 1) {
		return fmt.Errorf("an outlier policy with the least cosine %v", s.Policy.Floor)
	}
	for i := range regions {
		// Three standard deviations below a mean, each at most 1.
		if l, floor := s.Regions.Labels[i], s.Regions.Floors[i]; l < 0 || l > maxLabel(d) || i > 0 && l <= s.Regions.Labels[i-1] || !(floor >= -4 && floor <= 1) {
			return fmt.Errorf("region %d is of label %d with the least cosine %v", i, l, floor)
		}
	}
	err := errors.Join(
		rows("zero_shot.npy", x.names, len(s.ZeroShot.Labels)), rows("seeds.npy", x.seeds, seeds),
		rows("policy.npy", x.policy, policy), rows("regions.npy", x.regions, regions), p.cfg.validateSaved(),
	)
	if err != nil {
		return err
	}
	if len(s.ZeroShot.Labels) > 0 {
		p.names = &place.Nearest{Centroids: dense.NewCentroids(x.names, nil), Floor: s.ZeroShot.floor(), Workers: p.cfg.Workers}
	}
	p.seeds = place.Blend{Seeds: x.seeds}
	if s.Policy != nil {
		p.policy = &place.Nearest{Centroids: dense.NewCentroids(x.policy, s.Policy.Labels), Floor: s.Policy.Floor, Workers: p.cfg.Workers}
	}
	if s.Regions != nil {
		p.accept = place.Regions{}
		for i, l := range s.Regions.Labels {
			p.accept[l] = place.Region{Center: dense.Row(x.regions, i), Floor: s.Regions.Floors[i]}
		}
	}
	return nil
}

func loadFit(r fs.FS, dir string, f savedFit, cfg Config) (*place.Clusters, error) {
	sub, err := fs.Sub(r, dir)
	if err != nil {
		return nil, err
	}
	c := &place.Clusters{Offset: f.Offset, Clustering: place.NoClusters{}}
	if err := state.ReadSections(sub, state.Section{Name: "rows.npy", Data: &c.Rows}, state.Section{Name: "same.npy", Data: &c.Same}); err != nil {
		return nil, err
	}
	if len(c.Same) == 0 {
		c.Same = nil
	}
	if f.Reduced {
		if c.Reduction, err = loadStage[stage.Reduction](sub, "reduction", cfg.run("reduce")); err != nil {
			return nil, err
		}
	}
	if !f.Empty {
		if c.Clustering, err = loadStage[stage.Clustering](sub, "clustering", cfg.run("cluster")); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// loadStage reads a fitted stage of a kind.
func loadStage[S any](r fs.FS, dir string, run stage.Run) (out S, err error) {
	sub, err := fs.Sub(r, dir)
	if err != nil {
		return out, err
	}
	run.Progress = nil
	v, err := state.Load(run, sub)
	if err != nil {
		return out, fmt.Errorf("%s: %w", dir, err)
	}
	out, ok := v.(S)
	if !ok {
		return out, fmt.Errorf("%s: a %T cannot serve here", dir, v)
	}
	return out, nil
}

func loadGrouping(r fs.FS, d *documents) (*grouping, error) {
	var s savedGrouping
	var topics []int32
	var probabilities []float64
	if err := state.ReadSections(r, groupingSections(&s, &topics, &probabilities)...); err != nil {
		return nil, err
	}
	if len(topics) != len(probabilities) {
		return nil, fmt.Errorf("%d topics and %d probabilities of documents", len(topics), len(probabilities))
	}
	g := &grouping{keepIDs: s.KeepIDs, rules: s.Rules, history: s.History, routes: make(map[int][]int, len(s.Routes))}
	g.assignments = make([]Assignment, len(topics))
	for i, t := range topics {
		g.assignments[i] = Assignment{int(t), probabilities[i]}
	}
	for _, t := range s.Topics {
		g.topics = append(g.topics, group{t.ID, t.Size, t.Label})
	}
	for _, route := range s.Routes {
		g.routes[route.Label] = route.Topics
	}
	return g, g.check(d)
}

func loadDescription(r fs.FS, opt LoadOptions, d *documents, p *pipeline, g *grouping) (*description, error) {
	var s savedDescription
	var a descriptionArrays
	w := &description{embedder: opt.Embedder}
	if err := state.ReadSections(r, w.sections(&s, &a)...); err != nil {
		return nil, err
	}
	w.warnings = errorsOf(s.Warnings)
	w.unread = &stored{read: func() error {
		if err := w.readWords(r, s, g); err != nil {
			return fmt.Errorf("words: %w", err)
		}
		return nil
	}}
	if !(s.Docs >= 0 && s.Docs <= float64(d.n)) {
		return nil, fmt.Errorf("words were counted in %v documents of %d", s.Docs, d.n)
	}
	if a.embeddings.Rows != len(s.Topics) || a.embeddings.Cols != d.embeddings.Cols {
		return nil, fmt.Errorf("topic_embeddings.npy: %d rows of %d values, want %d of %d", a.embeddings.Rows, a.embeddings.Cols, len(s.Topics), d.embeddings.Cols)
	}
	for i, t := range s.Topics {
		w.topics = append(w.topics, described{t.Name, t.Terms, t.Aspects, t.Representative, append([]float32{}, dense.Row(a.embeddings, i)...)})
	}
	var err error
	if w.words, err = s.Words.restore(opt); err != nil {
		return nil, err
	}
	return w, w.checkTopics(d, g)
}

// readWords reads the counts and the weights.
func (w *description) readWords(r fs.FS, s savedDescription, g *grouping) error {
	var a descriptionArrays
	if err := state.ReadSections(r, w.wordSections(&a)...); err != nil {
		return err
	}
	w.counts = ctfidf.Counts{Classes: s.Classes, Vocabulary: a.vocabulary, Rows: w.counts.Rows, Sizes: a.sizes, Docs: s.Docs}
	w.weights = ctfidf.Weights{Classes: s.Classes, Vocabulary: a.vocabulary, Rows: w.weights.Rows, IDF: a.idf, ReduceFrequentWords: s.Reduce}
	if err := w.checkMatrices(); err != nil {
		return err
	}
	return w.checkClasses(g.all())
}

// checkMatrices reports counts and weights that are no matrices of the classes and the vocabulary.
func (w *description) checkMatrices() error {
	n, terms := len(w.counts.Classes), len(w.counts.Vocabulary)
	for k, x := range []sparse.CSR[float64]{w.counts.Rows, w.weights.Rows} {
		name := []string{"counts", "weights"}[k]
		if err := x.Check(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if x.Rows() != n || n > 0 && x.Cols != terms {
			return fmt.Errorf("%s: %d rows of %d terms, want %d of %d", name, x.Rows(), x.Cols, n, terms)
		}
	}
	if idf := len(w.weights.IDF); n > 0 && (len(w.counts.Sizes) != n || idf != terms) {
		return fmt.Errorf("%d sizes and %d factors for %d classes and %d terms", len(w.counts.Sizes), idf, n, terms)
	}
	return nil
}
