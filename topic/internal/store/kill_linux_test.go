package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// roleVariable tells the test binary to write or to read a model in place of running tests.
const roleVariable = "GOBERTOPIC_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	role, dir, _ := strings.Cut(os.Getenv(roleVariable), " ")
	var err error
	switch role {
	case "":
		os.Exit(m.Run())
	case "write":
		err = keepWriting(dir)
	case "read":
		err = keepReading(dir)
	}
	fmt.Println(err)
	os.Exit(1)
}

// tagged writes a model all parts of which hold the same number.
func tagged(tag int) func(*Writer) error {
	return func(w *Writer) error {
		x := newMatrix(200, 100, 100, 0)
		for i := range x.Data {
			x.Data[i] = float32(tag)
		}
		text := strconv.Itoa(tag)
		return errors.Join(
			put(map[string]string{"first": text})(w), w.WriteMatrix("x", x),
			put(map[string]string{"large": strings.Repeat(text+" ", 30_000), "last": text})(w),
		)
	}
}

// readTag reads a model that tagged wrote and reports parts that hold different numbers.
func readTag(r *Reader) (int, error) {
	if err := r.Verify(context.Background()); err != nil {
		return 0, err
	}
	text, err := fs.ReadFile(r, "first")
	if err != nil {
		return 0, err
	}
	tag, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, err
	}
	for name, want := range map[string]string{"last": string(text), "large": strings.Repeat(string(text)+" ", 30_000)} {
		got, err := fs.ReadFile(r, name)
		if err != nil {
			return 0, err
		}
		if string(got) != want {
			return 0, fmt.Errorf("%s is not of model %d", name, tag)
		}
	}
	x, err := r.ReadMatrix("x")
	if err != nil {
		return 0, err
	}
	for _, v := range x.Data {
		if v != float32(tag) {
			return 0, fmt.Errorf("a matrix holds %v in model %d", v, tag)
		}
	}
	return tag, nil
}

// keepWriting saves one model after the other until it is killed.
func keepWriting(dir string) error {
	fmt.Println("begun")
	for {
		if err := Write(dir, tagged(1+rand.IntN(1<<20))); err != nil {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
	}
}

// keepReading reads the model again and again until standard input ends. Some models stay open
// while others replace them.
func keepReading(dir string) error {
	ended := make(chan bool)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	fmt.Println("begun")
	var old *Reader
	reads, models, last := 0, 0, 0
	for {
		select {
		case <-ended:
			fmt.Println("read", reads, models)
			os.Exit(0)
		default:
		}
		r, err := Open(dir)
		if err != nil {
			return err
		}
		if old == nil {
			old = r
			continue
		}
		tag, err := readTag(r)
		if err == nil && reads%5 == 0 {
			_, err = readTag(old)
			err = errors.Join(err, old.Close())
			old = nil
		}
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if reads++; tag != last {
			models++
		}
		last = tag
	}
}

// process is a run of the test binary in a role.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, role, dir string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), roleVariable+"="+role+" "+dir)
	var err error
	p.in, err = p.StdinPipe()
	require.NoError(t, err)
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	p.out = bufio.NewReader(out)
	require.NoError(t, p.Start())
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "begun\n", line)
	return p
}

// kill ends a process, which must not have ended by itself.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.Process.Kill())
	said, _ := io.ReadAll(p.out)
	err := p.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), "it said: %s", said)
}

// Two processes save to a directory and are killed, two read it, and there is a sound model at any
// time.
func TestKilledWriters(t *testing.T) {
	kills := 200
	if testing.Short() || raceEnabled {
		kills = 40
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Write(dir, tagged(1)))
	readers := []*process{start(t, "read", dir), start(t, "read", dir)}
	writers := []*process{start(t, "write", dir), start(t, "write", dir)}
	tags, leftovers := map[int]bool{}, 0
	for i := range kills {
		k := i % len(writers)
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		writers[k].kill(t)
		r, err := Open(dir)
		require.NoError(t, err)
		tag, err := readTag(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		tags[tag] = true
		require.NoError(t, CanWrite(dir))
		if found, _ := filepath.Glob(filepath.Join(dir, "gen-*")); len(found) > 1 {
			leftovers++
		}
		writers[k] = start(t, "write", dir)
	}
	for _, w := range writers {
		w.kill(t)
	}
	for _, r := range readers {
		require.NoError(t, r.in.Close())
		said, err := io.ReadAll(r.out)
		require.NoError(t, err)
		require.NoError(t, r.Wait(), "%s", said)
		var reads, models int
		_, err = fmt.Sscanf(string(said), "read %d %d", &reads, &models)
		require.NoError(t, err, "%s", said)
		t.Logf("a reader saw %d models in %d readings", models, reads)
		require.Greater(t, models, kills/10)
	}
	t.Logf("%d kills, %d different models after them; %d times there was more than one generation", kills, len(tags), leftovers)
	require.Greater(t, len(tags), kills/10)
	require.NoError(t, Write(dir, tagged(222_222)))
	files := entries(t, dir)
	require.Len(t, files, 4, "%v", files)
	tag, err := readTag(openModel(t, dir))
	require.NoError(t, err)
	require.Equal(t, 222_222, tag)
}

// A save waits while another one goes on.
func TestWriteWaits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	inside, goOn := make(chan bool), make(chan bool)
	done := make(chan error, 2)
	go func() {
		done <- Write(dir, func(w *Writer) error {
			close(inside)
			<-goOn
			return put(map[string]string{"a": "first"})(w)
		})
	}()
	<-inside
	require.NoError(t, CanWrite(dir))
	go func() { done <- Write(dir, put(map[string]string{"a": "second"})) }()
	time.Sleep(50 * time.Millisecond)
	require.Empty(t, done)
	close(goOn)
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	requireText(t, openModel(t, dir), "a", "second")
	require.Equal(t, []string{"gen-2/0", "model.json"}, entries(t, dir))
}
