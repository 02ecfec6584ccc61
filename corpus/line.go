package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// eachLine calls f with every line of in, without its end, until f says stop. The lines are not valid after f returns. No
// line may be of more than most bytes.
func eachLine(in *bufio.Reader, name string, most int64, f func(number int, line []byte) bool) *Error {
	var long []byte
	end := byte('\n')
	for number := 1; ; number++ {
		line, err := in.ReadSlice(end)
		if number == 1 && end == '\n' && hasReturns(line) {
			head := bytes.Clone(line)
			in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(head), in), max(bufferSize, len(head)))
			window, _ := in.Peek(bufferSize)
			if endsWithReturns(window) {
				end = '\r'
			}
			line, err = in.ReadSlice(end)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			for long = long[:0]; errors.Is(err, bufio.ErrBufferFull); line, err = in.ReadSlice(end) {
				if long = append(long, line...); int64(len(long)) > most {
					return tooLong(name, number, most)
				}
			}
			long = append(long, line...)
			line = long
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return cannot("be read", name, number, err)
		}
		if len(line) == 0 && err != nil {
			return nil
		}
		if int64(len(line)) > most {
			return tooLong(name, number, most)
		}
		if line[len(line)-1] == end {
			line = line[:len(line)-1]
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if !f(number, line) || err != nil {
			return nil
		}
		if cap(long) > 4*blockSize {
			long = nil
		}
	}
}

// hasReturns reports whether a line has an "\r" that does not end it.
func hasReturns(line []byte) bool {
	at := bytes.IndexByte(line, '\r')
	return at >= 0 && at < len(line)-1 && (line[at+1] != '\n' || at < len(line)-2)
}

// endsWithReturns reports whether the lines of a text end with "\r" alone, as far as its beginning tells, which has one in
// its first line: most of its line ends are such. Those within quotes may be others.
func endsWithReturns(window []byte) bool {
	pairs := bytes.Count(window, []byte("\r\n"))
	return bytes.Count(window, []byte("\r"))-pairs > 2*bytes.Count(window, []byte("\n"))
}
