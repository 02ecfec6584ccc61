package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// peer is benchmarks/peers/operations.py, which is told operations by name.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPeer(python string, args ...string) (*peer, error) {
	cmd := exec.Command(python, append([]string{"benchmarks/peers/operations.py"}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := &peer{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var ready struct{ Topics int }
	if err := p.read(&ready); err != nil {
		return nil, err
	}
	fmt.Printf("BERTopic has %d topics\n", ready.Topics)
	return p, nil
}

func (p *peer) read(to any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the peer ended: %w", err)
	}
	return json.Unmarshal(line, to)
}

// do is an operation: the seconds that it took and what came out.
func (p *peer) do(name string) (seconds float64, result json.RawMessage, err error) {
	if _, err := fmt.Fprintln(p.in, name); err != nil {
		return 0, nil, err
	}
	var answer struct {
		Seconds float64
		Result  json.RawMessage
	}
	err = p.read(&answer)
	return answer.Seconds, answer.Result, err
}

func (p *peer) end() error {
	if err := p.in.Close(); err != nil {
		return err
	}
	return p.cmd.Wait()
}
