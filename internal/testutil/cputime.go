package testutil

import "time"

// began is the origin of ProcessorTime where the system does not tell it.
var began = time.Now()
