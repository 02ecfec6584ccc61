package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/service"
)

// DiscourseConfig says which topics Discourse fetches.
type DiscourseConfig struct {
	Common
	// Forum is the address of the forum, "https://community.example.com". Required.
	Forum string
	// Categories are the numbers of categories, alone or after the name as addresses have it: "7", "api/7". Subcategories
	// come with theirs. Default none.
	Categories []string
	// Tags are tags of topics. With neither Categories nor Tags all topics that the forum shows are fetched.
	Tags []string
	// From and To bound when a topic was begun: From ≤ begun < To. Zero: no bound. Lists come whole up to To.
	From, To time.Time
	// Key is a key for a user of the forum, for what a visitor does not see. Default none.
	Key Secret
	// Posts fetches topics with their posts; without, the lists alone come, with the counts that they have. Default true.
	Posts bool
}

// DefaultDiscourse is the default configuration. Out and Forum are left to be set.
func DefaultDiscourse() DiscourseConfig {
	return DiscourseConfig{Common: DefaultCommon(), Posts: true}
}

// Validate reports every bad field at once.
func (c DiscourseConfig) Validate() error {
	var f check.Fields
	c.check(&f)
	_, err := service.Endpoint(c.Forum, "latest.json")
	f.Want(err == nil, "fetch.DiscourseConfig.Forum", service.Shown(c.Forum), "an address such as https://community.example.com")
	for _, category := range c.Categories {
		name, number, ok := strings.Cut(category, "/")
		if !ok {
			name, number = "-", category
		}
		n, err := strconv.Atoi(number)
		f.Want(err == nil && n > 0 && name != "", "fetch.DiscourseConfig.Categories", fmt.Sprintf("%q", category), `a number such as "7" or "api/7"`)
	}
	checkQuery(&f, "DiscourseConfig", c.Tags, c.From, c.To, c.Key)
	return f.Err()
}

// Discourse fetches the topics of a forum and their posts, and goes on where an earlier call ended. Topics come from the
// oldest to the newest, so that new ones come last; one that is in several of the lists comes with each.
func Discourse(ctx context.Context, cfg DiscourseConfig) (Summary, error) {
	if err := cfg.Validate(); err != nil {
		return Summary{}, err
	}
	query := struct {
		Forum      string   `json:"forum"`
		Categories []string `json:"categories"`
		Tags       []string `json:"tags"`
		From       int64    `json:"from,omitempty"`
		To         int64    `json:"to,omitempty"`
		Posts      bool     `json:"posts"`
	}{cfg.Forum, cfg.Categories, cfg.Tags, unix(cfg.From), unix(cfg.To), cfg.Posts}
	return cfg.run(ctx, "discourse", query, &discourse{cfg: cfg}, service.Client{Key: cfg.Key, KeyHeader: "User-Api-Key"})
}

// discourse is where a fetch is.
type discourse struct {
	cfg DiscourseConfig

	List   int    `json:"list"`   // index among the lists: of categories, then of tags
	Page   int    `json:"page"`   // of the list, from 0
	More   bool   `json:"more"`   // whether pages follow this one, while its topics are fetched
	Topics []int  `json:"topics"` // of this page, to be fetched
	Posts  []int  `json:"posts"`  // of the first of them, to be fetched, when the topic itself has come
	Seen   []int  `json:"seen"`   // topics of the page before, which may come again when one is listed anew
	Pinned []int  `json:"pinned"` // topics of the list that stood above their place, which they come at again
	Counts counts `json:"counts"`
}

const postBatch = 20 // as the forum's own pages ask for

func (d *discourse) counts() counts {
	n := d.Counts
	n.left = len(d.Topics) + (len(d.Posts)+postBatch-1)/postBatch
	if len(d.Posts) > 0 {
		n.left--
	}
	return n
}

// path is the path of a list.
func (d *discourse) path() (path string, ok bool) {
	categories, tags := d.cfg.Categories, d.cfg.Tags
	switch i := d.List; {
	case i < len(categories):
		return "c/" + categories[i] + "/l/latest.json", true
	case i-len(categories) < len(tags):
		return "tag/" + url.PathEscape(tags[i-len(categories)]) + "/l/latest.json", true
	case i == 0:
		return "latest.json", true
	}
	return "", false
}

func (d *discourse) next() (*url.URL, bool) {
	q := url.Values{}
	path, ok := d.path()
	switch {
	case len(d.Posts) > 0:
		path = fmt.Sprintf("t/%d/posts.json", d.Topics[0])
		for _, id := range d.Posts[:min(postBatch, len(d.Posts))] {
			q.Add("post_ids[]", strconv.Itoa(id))
		}
	case len(d.Topics) > 0:
		path = fmt.Sprintf("t/%d.json", d.Topics[0])
	case !ok:
		return nil, false
	default:
		q.Set("order", "created")
		q.Set("ascending", "true")
		q.Set("page", strconv.Itoa(d.Page))
	}
	u, err := service.Endpoint(d.cfg.Forum, path)
	if err != nil {
		panic("fetch: an address that was validated: " + err.Error())
	}
	u.RawQuery = q.Encode()
	return u, true
}

// dcPage is what is read of a page: one of the three kinds.
type dcPage struct {
	List *struct {
		More   string `json:"more_topics_url"`
		Topics *[]struct {
			ID      int       `json:"id"`
			Created time.Time `json:"created_at"`
			Pinned  bool      `json:"pinned"`
			Global  bool      `json:"pinned_globally"`
		} `json:"topics"`
	} `json:"topic_list"`
	Stream *struct {
		Posts *[]struct {
			ID int `json:"id"`
		} `json:"posts"`
		IDs []int `json:"stream"`
	} `json:"post_stream"`
	ID int `json:"id"`
}

func (d *discourse) take(page []byte) (order, error) {
	var p dcPage
	if err := json.Unmarshal(page, &p); err != nil {
		return order{}, fmt.Errorf("the page is not one of a Discourse forum: %w", err)
	}
	switch {
	case len(d.Topics) == 0:
		if p.List == nil || p.List.Topics == nil {
			return order{}, errors.New(`the page has no "topic_list" with "topics", want the address of a Discourse forum`)
		}
		return order{quota: -1}, d.takeList(p)
	case p.Stream == nil || p.Stream.Posts == nil:
		return order{}, errors.New(`the page has no "post_stream" with "posts", want the address of a Discourse forum`)
	case len(d.Posts) > 0:
		if p.ID != 0 && p.ID != d.Topics[0] {
			return order{}, fmt.Errorf("the posts are of topic %d, want those of %d", p.ID, d.Topics[0])
		}
		d.Counts.Posts += len(*p.Stream.Posts)
		d.Posts = d.Posts[min(postBatch, len(d.Posts)):] // whether all came or not: one may be deleted meanwhile
	default:
		if p.ID != d.Topics[0] {
			return order{}, fmt.Errorf("the topic is %d, want %d", p.ID, d.Topics[0])
		}
		d.Counts.Threads++
		d.Counts.Posts += len(*p.Stream.Posts)
		has := make(map[int]bool, len(*p.Stream.Posts))
		for _, post := range *p.Stream.Posts {
			has[post.ID] = true
		}
		d.Posts = nil
		for _, id := range p.Stream.IDs {
			if !has[id] {
				d.Posts = append(d.Posts, id)
			}
		}
	}
	if len(d.Posts) == 0 {
		d.done()
	}
	return order{quota: -1}, nil
}

func (d *discourse) takeList(p dcPage) error {
	more := p.List.More != "" && len(*p.List.Topics) > 0
	var topics, here, pinned []int
	var last time.Time
	ascending, newer := true, false
	for _, t := range *p.List.Topics {
		if t.ID <= 0 {
			return errors.New("a topic of the list has no id")
		}
		again := slices.Contains(d.Seen, t.ID) || slices.Contains(d.Pinned, t.ID) || slices.Contains(here, t.ID)
		here = append(here, t.ID)
		if t.Pinned || t.Global {
			pinned = append(pinned, t.ID)
		} else {
			ascending, last = ascending && !t.Created.Before(last), t.Created
			newer = !d.cfg.To.IsZero() && !t.Created.Before(d.cfg.To)
		}
		if again || t.Created.Before(d.cfg.From) || !d.cfg.To.IsZero() && !t.Created.Before(d.cfg.To) {
			continue
		}
		topics = append(topics, t.ID)
	}
	for _, id := range pinned {
		if !slices.Contains(d.Pinned, id) {
			d.Pinned = append(d.Pinned, id)
		}
	}
	d.Seen = here
	if !d.cfg.Posts {
		d.Counts.Threads += len(topics)
		topics = nil
	}
	d.Topics, d.More = topics, more && !(ascending && newer) // what follows is newer still
	if len(topics) == 0 {
		d.turn()
	}
	return nil
}

// done goes on after the first of Topics.
func (d *discourse) done() {
	d.Posts = nil
	if d.Topics = d.Topics[1:]; len(d.Topics) == 0 {
		d.turn()
	}
}

// turn goes on to the next page of a list.
func (d *discourse) turn() {
	d.Topics = nil
	if d.More {
		d.Page++
	} else {
		d.List, d.Page, d.Seen, d.Pinned = d.List+1, 0, nil, nil
	}
	d.More = false
}

func (d *discourse) valid() error {
	if d.List < 0 || d.Page < 0 || len(d.Posts) > 0 && len(d.Topics) == 0 {
		return errors.New("it stands at a page that cannot be")
	}
	return nil
}

// skip passes over a topic that is hidden or gone since it was listed, and over posts of it.
func (d *discourse) skip(status int) bool {
	gone := status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusGone
	if !gone || len(d.Topics) == 0 {
		return false
	}
	d.Counts.Skipped++
	d.done()
	return true
}

// refuse knows that a forum may say in the body how long to wait.
func (d *discourse) refuse(resp *http.Response, body []byte) (repeat bool, after time.Duration, err error) {
	var said struct {
		Errors []string `json:"errors"`
		Extras struct {
			Wait float64 `json:"wait_seconds"`
		} `json:"extras"`
	}
	if json.Unmarshal(body, &said) != nil || len(said.Errors) == 0 {
		return refusedAnyway(resp, body, d.cfg.Common)
	}
	f := &service.Failure{Status: resp.StatusCode, Message: fmt.Sprintf("%.200q", said.Errors[0])}
	if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" && said.Extras.Wait > 0 {
		after = time.Duration(min(said.Extras.Wait, 1<<30) * float64(time.Second))
		if after > d.cfg.MaxWait {
			return false, 0, later(f.Error(), d.cfg.clock().Add(after), d.cfg.Out)
		}
		return true, after, f
	}
	if repeat, after, err = refusedAnyway(resp, body, d.cfg.Common); errors.Is(err, ErrLater) || err == nil {
		return repeat, after, err
	}
	return false, 0, f
}
