package sevenzip_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/sevenzip"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

func at(name string) string { return filepath.Join("testdata", name+".7z") }

// expected is what Python found in the Posts.xml that is in the archives.
func expected(t testing.TB) (e struct {
	SHA256                                     string
	Bytes, Questions, Accepted, Views, Answers int
},
) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "expected.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &e))
	return e
}

func content(t testing.TB, s corpus.Source) ([]byte, error) {
	t.Helper()
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(r)
}

// All methods, one file and several, give the bytes that were packed, as often as they are asked for.
func TestFileExact(t *testing.T) {
	want := expected(t)
	for name, posts := range map[string]string{
		"bzip2": "Posts.xml", "lzma": "Posts.xml", "lzma2": "Posts.xml", "ppmd": "Posts.xml", "zstd": "Posts.xml", "site": "Posts.xml", "nested": "ai/Posts.xml",
	} {
		s := sevenzip.File(at(name))
		require.Equal(t, at(name)+"/"+posts, s.Name)
		require.EqualValues(t, want.Bytes, s.Size)
		require.False(t, s.Once)
		for range 2 {
			text, err := content(t, s)
			require.NoError(t, err, name)
			sum := sha256.Sum256(text)
			require.Equal(t, want.SHA256, hex.EncodeToString(sum[:]), name)
		}
		r, err := s.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(iotest.OneByteReader(r))
		require.NoError(t, err)
		require.Len(t, text, want.Bytes)
		n, err := r.Read(make([]byte, 1))
		require.Zero(t, n)
		require.ErrorIs(t, err, io.EOF, "the end stays")
		require.NoError(t, r.Close())
		_, err = r.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrClosed)
		require.ErrorIs(t, r.Close(), os.ErrClosed)
	}
}

// The archives are read by the ways that package corpus has.
func TestOpenThreadsExact(t *testing.T) {
	want := expected(t)
	for _, name := range []string{"bzip2", "lzma2", "ppmd", "site", "nested"} {
		format, err := corpus.ThreadFormatOf(at(name))
		require.NoError(t, err)
		require.Equal(t, corpus.FormatDump, format)
		var counts corpus.Counts
		var done, total int64
		questions, accepted, views := 0, 0, 0
		for q, err := range corpus.OpenThreads(t.Context(), at(name), "", corpus.ThreadOptions{Counts: &counts, Progress: func(d, n int64) { done, total = d, n }}) {
			require.NoError(t, err, name)
			questions++
			n, _ := q.Views.Value()
			views += n
			if q.Accepted == corpus.Yes {
				require.False(t, q.AcceptedAt.IsZero())
				accepted++
			}
			require.False(t, q.FirstReplyAt.IsZero())
		}
		require.Equal(t, [4]int{want.Questions, want.Accepted, want.Views, want.Answers}, [4]int{questions, accepted, views, counts.Replies}, name)
		require.Equal(t, [2]int64{int64(want.Bytes), int64(want.Bytes)}, [2]int64{done, total}, name)
	}
}

// faults are the errors of an archive.
func faults(t *testing.T, path string) (texts []string) {
	t.Helper()
	for _, err := range corpus.OpenThreads(t.Context(), path, "", corpus.ThreadOptions{}) {
		if err != nil {
			var fault *corpus.Error
			require.ErrorAs(t, err, &fault)
			texts = append(texts, err.Error())
		}
	}
	return texts
}

func TestErrorsExact(t *testing.T) {
	for name, want := range map[string]string{
		"without":   at("without") + ": cannot be opened: it has no Posts.xml but Users.xml, Votes.xml, want the archive of a Stack Exchange dump that has the posts",
		"two":       at("two") + ": cannot be opened: it has both ai/Posts.xml and go/Posts.xml, want one dump in an archive",
		"encrypted": at("encrypted") + "/Posts.xml: cannot be read: it is encrypted, want an archive without a password",
		"hidden":    at("hidden") + ": cannot be opened: its list of files is encrypted, want an archive without a password",
	} {
		require.Equal(t, []string{want}, faults(t, at(name)))
	}
	_, err := content(t, sevenzip.File("nowhere.7z"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Whatever was cut off and whatever byte was changed, the archive gives all the posts or an error.
func TestDamagedExact(t *testing.T) {
	want := expected(t)
	step := 997
	if testing.Short() {
		step = 4999
	}
	for _, name := range []string{"bzip2", "lzma2", "ppmd", "site"} {
		whole, err := os.ReadFile(at(name))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "damaged.7z")
		try := func(damaged []byte, what string, where int) {
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			text, err := content(t, sevenzip.File(path))
			if err == nil { // the byte is in a time, or another file
				sum := sha256.Sum256(text)
				require.Equal(t, want.SHA256, hex.EncodeToString(sum[:]), "%s, %s at %d", name, what, where)
			} else {
				require.Regexp(t, "damaged|cut off|Posts.xml|encrypted|method", err.Error(), "%s, %s at %d", name, what, where)
			}
		}
		for i := 0; i < len(whole); i += step {
			try(whole[:i], "cut", i)
			changed := bytes.Clone(whole)
			changed[i] ^= 0x55
			try(changed, "changed", i)
		}
		require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
		texts := faults(t, path)
		require.Len(t, texts, 1)
		require.Contains(t, texts[0], path+": cannot be opened: its list of files is damaged or cut off: ")

		changed := bytes.Clone(whole)
		changed[len(whole)/2] ^= 0xff
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		texts = faults(t, path)
		require.NotEmpty(t, texts)
		require.Regexp(t, path+"/Posts.xml.*: cannot be read: it(, which stands before it,)? is damaged", texts[len(texts)-1])
	}
}

// A reader that is closed while it decodes what stands before the posts ends soon.
func TestCloseStopsRead(t *testing.T) {
	r, err := sevenzip.File(at("site")).Open()
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, r)
		ended <- err
	}()
	_ = r.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("it reads on")
	}
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrClosed)
}

// Canceled while it decodes the seconds of what stands before the posts, it returns at once, and decodes no longer.
func TestCancel(t *testing.T) {
	idle := runtime.NumGoroutine()
	testutil.Soon(t, "reading an archive", func() time.Duration {
		ctx, cancel := context.WithCancel(t.Context())
		var when time.Time
		time.AfterFunc(30*time.Millisecond, func() {
			when = time.Now()
			cancel()
		})
		errs := 0
		for _, err := range corpus.OpenThreads(ctx, at("long"), "", corpus.ThreadOptions{}) {
			require.ErrorIs(t, err, context.Canceled)
			require.EqualError(t, err, at("long")+"/Posts.xml: reading was stopped: context canceled")
			errs++
		}
		require.Equal(t, 1, errs)
		return time.Since(when)
	})
	for begin := time.Now(); runtime.NumGoroutine() > idle; time.Sleep(time.Millisecond) {
		require.Less(t, time.Since(begin), 500*time.Millisecond, "something still decodes")
	}
}

// PPMd as py7zr writes it has settings that the decoder does not know, which is no damage.
func TestMethodNotSupported(t *testing.T) {
	_, err := content(t, sevenzip.File(at("ppmd_py7zr")))
	require.ErrorContains(t, err, "it is packed by PPMd as py7zr writes it, method not supported; pack it again by BZip2 or LZMA2")
	require.NotContains(t, err.Error(), "damaged")
}

// A row of 1.5 GB in an archive of 1.3 kB ends the reading at the bound on a record.
func TestBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks 64 MB")
	}
	var last error
	took := testutil.Allocated(func() {
		for _, err := range corpus.OpenThreads(t.Context(), at("bomb"), "", corpus.ThreadOptions{}) {
			last = err
		}
	})
	require.ErrorIs(t, last, corpus.ErrTooLong)
	require.Less(t, took, uint64(1<<28))
}
