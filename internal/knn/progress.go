package knn

// progress gives the functions that tell how far a pass has come, by the range of blocks of points in work. The rows of the
// batch are n from lo on, the points make all blocks.
func (p *pass) progress(lo, n, all int) func(c0, c1 int) func(done, of int) {
	total := p.out.queries.x.Rows
	return func(c0, c1 int) func(done, of int) {
		if p.opt.Progress == nil || p.left.ids != nil {
			return nil
		}
		return func(done, of int) {
			share := float64(done) / float64(of)
			if p.locks != nil {
				share *= 2 - share // later strips are shorter
			}
			share = (float64(c0) + share*float64(c1-c0)) / float64(all)
			now := int((float64(lo) + share*float64(n)) / float64(p.left.n()) * float64(total))
			if now > p.out.told && now < total { // the total is told when the result is whole
				p.out.told = now
				p.opt.Progress(now, total)
			}
		}
	}
}
