package hdbscan

import "math"

// All measures of distance are sums (or the largest) over the columns in rising order. Bounds of boxes are summed in the
// same order, so that rounding, which is monotone, never makes a bound larger than a distance that it bounds.

// dists writes to dst the measures of q and the len(dst) points whose coordinates are in pts.
func (n norm) dists(dst, q, pts []float64) {
	switch n {
	case squares:
		sqDists(dst, q, pts)
	case absolutes:
		for i := range dst {
			var s float64
			p := pts[i*len(q) : (i+1)*len(q)]
			for j, v := range q {
				s += math.Abs(v - p[j])
			}
			dst[i] = s
		}
	case largest:
		for i := range dst {
			var s float64
			p := pts[i*len(q) : (i+1)*len(q)]
			for j, v := range q {
				s = max(s, math.Abs(v-p[j]))
			}
			dst[i] = s
		}
	}
}

// add adds a difference, at least 0, to a measure.
func (n norm) add(s, d float64) float64 {
	switch n {
	case squares:
		return s + float64(d*d)
	case absolutes:
		return s + d
	}
	return max(s, d)
}

// sqDist is the squared euclidean distance of a and b.
func sqDist(a, b []float64) float64 {
	var s float64
	b = b[:len(a)]
	for i, v := range a {
		d := v - b[i]
		s += float64(d * d)
	}
	return s
}

// sqDists writes to dst the squared distances of q to the len(dst) points whose coordinates are in pts.
func sqDists(dst, q, pts []float64) {
	switch len(q) {
	case 2:
		q0, q1 := q[0], q[1]
		pts = pts[:2*len(dst)]
		for i := range dst {
			p := pts[2*i : 2*i+2 : 2*i+2]
			d0, d1 := q0-p[0], q1-p[1]
			dst[i] = float64(d0*d0) + float64(d1*d1)
		}
	case 5: // what BERTopic reduces to
		q0, q1, q2, q3, q4 := q[0], q[1], q[2], q[3], q[4]
		pts = pts[:5*len(dst)]
		for i := range dst {
			p := pts[5*i : 5*i+5 : 5*i+5]
			d0, d1, d2, d3, d4 := q0-p[0], q1-p[1], q2-p[2], q3-p[3], q4-p[4]
			dst[i] = float64(d0*d0) + float64(d1*d1) + float64(d2*d2) + float64(d3*d3) + float64(d4*d4)
		}
	default:
		// Four points at a time: four sums that do not wait for each other.
		d := len(q)
		for len(dst) >= 4 {
			p0, p1, p2, p3 := pts[:d], pts[d:2*d], pts[2*d:3*d], pts[3*d:4*d]
			p0, p1, p2, p3 = p0[:len(q)], p1[:len(q)], p2[:len(q)], p3[:len(q)]
			var s0, s1, s2, s3 float64
			for j, v := range q {
				d0, d1, d2, d3 := v-p0[j], v-p1[j], v-p2[j], v-p3[j]
				s0 += float64(d0 * d0)
				s1 += float64(d1 * d1)
				s2 += float64(d2 * d2)
				s3 += float64(d3 * d3)
			}
			dst[0], dst[1], dst[2], dst[3] = s0, s1, s2, s3
			dst, pts = dst[4:], pts[4*d:]
		}
		for i := range dst {
			dst[i] = sqDist(q, pts[i*d:(i+1)*d])
		}
	}
}

// outside is the largest of a, b and 0, of which a and b are not both above 0, without a branch.
func outside(a, b float64) float64 {
	x, y := math.Float64bits(a), math.Float64bits(b)
	return math.Float64frombits(x&^uint64(int64(x)>>63) | y&^uint64(int64(y)>>63))
}

// boxDist is the measure of the distance of q to the bounding box of a node, 0 inside it.
func (t *kdTree) boxDist(q []float64, node int32) float64 {
	if t.box == nil {
		return 0
	}
	box := t.bounds(node)
	lo, hi := box[:len(q)], box[len(q):]
	hi = hi[:len(q)]
	var s float64
	if t.norm != squares {
		for i, v := range q {
			s = t.norm.add(s, max(lo[i]-v, v-hi[i], 0))
		}
		return s
	}
	for i, v := range q {
		d := outside(lo[i]-v, v-hi[i])
		s += float64(d * d)
	}
	return s
}

// boxesDist is the measure of the distance of two nodes' bounding boxes, 0 where they meet.
func (t *kdTree) boxesDist(a, b int32) float64 {
	if t.box == nil {
		return 0
	}
	x, y := t.bounds(a), t.bounds(b)
	xl, xh := x[:t.dims], x[t.dims:]
	yl, yh := y[:t.dims], y[t.dims:]
	xh, yl, yh = xh[:len(xl)], yl[:len(xl)], yh[:len(xl)]
	var s float64
	if t.norm != squares {
		for i, v := range xl {
			s = t.norm.add(s, max(v-yh[i], yl[i]-xh[i], 0))
		}
		return s
	}
	for i, v := range xl {
		d := outside(v-yh[i], yl[i]-xh[i])
		s += float64(d * d)
	}
	return s
}
