package openai

import (
	"fmt"

	"github.com/gobertopic/gobertopic/internal/service"
)

// Error is a request that failed for good.
type Error struct {
	First, Last, Total int    // the texts of the request, counted from 0, of how many
	Attempts           int    // how often it was sent
	Status             int    // of the last answer; 0 when there was none
	Message            string // the service's own words, at most 300 bytes, without the key; "" when there are none
	Type, Code         string // the service's own names of the failure, where it gives them
	Err                error  // why the answer was none or no good; nil when the status says it
}

func (e *Error) Error() string {
	f := service.Failure{Attempts: e.Attempts, Status: e.Status, Message: e.Message, Type: e.Type, Code: e.Code, Err: e.Err}
	return fmt.Sprintf("openai: texts %d to %d of %d: %v", e.First, e.Last, e.Total, &f)
}

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }
