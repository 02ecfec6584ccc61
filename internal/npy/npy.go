// Package npy writes the headers of the .npy files within saved states and models.
package npy

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Magic begins a .npy file of version 1.0; the length of the header text follows, in two bytes.
const Magic = "\x93NUMPY\x01\x00"

// Header returns all that comes before the values of an array in C order. descr is NumPy's name of
// their type, such as "<f4". The values begin at a multiple of 64 bytes.
func Header(descr string, shape ...int) []byte {
	dims := ""
	for _, n := range shape {
		dims += strconv.Itoa(n) + ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	text += strings.Repeat(" ", 63-(len(Magic)+2+len(text))%64) + "\n"
	return append(binary.LittleEndian.AppendUint16([]byte(Magic), uint16(len(text))), text...)
}
