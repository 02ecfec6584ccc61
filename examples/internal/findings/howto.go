package findings

import "strings"

// Query asks the Data Explorer for the questions that have one of the tags, of all tags when there are none, and that meet a
// further condition.
func Query(tags []string, further string) string {
	where := "p.PostTypeId = 1"
	if further != "" {
		where += " AND " + further
	}
	if len(tags) > 0 {
		where += ` AND p.Id IN (
      SELECT pt.PostId FROM PostTags pt JOIN Tags t ON t.Id = pt.TagId
      WHERE t.TagName IN ('` + strings.Join(tags, "', '") + `'))`
	}
	return `    SELECT p.Id, p.Title, p.Body, p.Tags, p.Score, p.CreationDate, p.ViewCount, p.AnswerCount, p.CommentCount,
      p.FavoriteCount, p.ClosedDate, p.AcceptedAnswerId
    FROM Posts p
    WHERE ` + where + `
    ORDER BY p.Id`
}

// HowToBaselines says where Mobile and Security are looked for and how to get them.
func HowToBaselines() string {
	return `Topics are compared with those of Security and Mobile Development, which are left out where they are not there:
  security_secrets_se/questions.jsonl   questions about security, as fetched here:
    mkdir -p "$GOBERTOPIC_DATA/security_secrets_se"
    go run ./cmd/gobertopic fetch stackexchange --tag security --to 2024-01-01 --out "$GOBERTOPIC_DATA/security_secrets_se/questions.jsonl"
  so_24k_meta/QueryResults.csv          questions about mobile devices, one in ten of three years, by the Data Explorer:
` + Query(MobileTags, "p.CreationDate >= '2009-01-01' AND p.CreationDate < '2012-01-01' AND p.Id % 10 = 0")
}
