package hdbscan

import "github.com/gobertopic/gobertopic/internal/membership"

// Memberships is the form in which package topic holds memberships. It goes with the adapters there.
type Memberships = membership.Matrix
