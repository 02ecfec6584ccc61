package topic_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzLoad changes bytes of a section of a saved model of each kind, with checksums that are right:
// nothing panics or hangs.
func FuzzLoad(f *testing.F) {
	var names []string
	var whole []sections
	dirs := savedModels(f)
	for _, kind := range slices.Sorted(maps.Keys(dirs)) {
		s := readModel(f, dirs[kind])
		whole = append(whole, s)
		for i := len(whole) % 3; i < len(s); i += 3 { // others are found by changing the number
			f.Add(uint16(len(whole)-1), uint16(i), uint32(130), []byte{0xff, 0xff, 0xff, 0x7f})
		}
		names = append(names, kind)
	}
	f.Fuzz(func(t *testing.T, kind, section uint16, at uint32, change []byte) {
		k := int(kind) % len(names)
		all := slices.Sorted(maps.Keys(whole[k]))
		name := all[int(section)%len(all)]
		content := slices.Clone(whole[k][name])
		begin := int(at) % (len(content) + 1)
		if len(change) > 0 && len(change)%2 == 0 { // in place of other bytes, otherwise between them
			content = append(content[:begin:begin], append(slices.Clone(change), content[min(begin+len(change), len(content)):]...)...)
		} else {
			content = slices.Insert(content, begin, change...)
		}
		dir := filepath.Join(t.TempDir(), "model")
		whole[k].with(name, content).write(t, dir)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := openAll(ctx, dir); errors.Is(err, context.DeadlineExceeded) {
			require.NoError(t, err, "%s: %s", names[k], name)
		}
	})
}
