package safetensors

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OpenSharded reads the tensors of a model that lies in several files, given its index
// (model.safetensors.index.json), which says in which file of the same folder each tensor is. The
// tensors are in the order of the names of the files. Other tensors of the files are left out.
func OpenSharded(index string) (*File, error) {
	b, err := os.ReadFile(index)
	if err != nil {
		return nil, fmt.Errorf("read safetensors: %w", err)
	}
	var doc struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", index, err)
	}
	if len(doc.Map) == 0 {
		return nil, fmt.Errorf("%s: weight_map has no tensors", index)
	}
	in := map[string][]string{}
	for _, tensor := range slices.Sorted(maps.Keys(doc.Map)) {
		file := doc.Map[tensor]
		if !filepath.IsLocal(file) || strings.ContainsAny(file, `/\`) {
			return nil, fmt.Errorf("%s: weight_map has the file %q for %q, want a name in the same folder", index, file, tensor)
		}
		in[file] = append(in[file], tensor)
	}
	all := &File{path: index, index: map[string]int{}, meta: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		f, err := Open(filepath.Join(filepath.Dir(index), name))
		if err != nil {
			return nil, err
		}
		for _, tensor := range in[name] {
			t, err := f.Tensor(tensor)
			if err != nil {
				return nil, err
			}
			all.index[tensor] = len(all.tensors)
			all.tensors = append(all.tensors, t)
		}
	}
	return all, nil
}
