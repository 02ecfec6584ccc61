package service

import (
	"errors"
	"net/http"
	"net/url"
)

// Endpoint is the address of path below base, with base's query. Its error says what is wanted.
func Endpoint(base, path string) (*url.URL, error) {
	const want = "an address such as https://api.openai.com/v1"
	u, err := url.Parse(base)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New(want)
	case u.User != nil:
		return nil, errors.New(want + ", without user and password: a key belongs into APIKey")
	case u.Fragment != "":
		return nil, errors.New(want + ", without #fragment")
	}
	return u.JoinPath(path), nil
}

// Shown is an address as an error may have it: without user, password and query.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "no address"
	}
	if address == "" {
		return `""`
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

// HTTP is a copy of client, or a client of its own with so many idle connections when client is nil, that follows no
// redirects.
func HTTP(client *http.Client, idle int) *http.Client {
	var c http.Client
	if client != nil {
		c = *client
	} else {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = idle
		c.Transport = t
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// HeaderName tells whether s is empty or may be the name of a header.
func HeaderName(s string) bool {
	for _, r := range s {
		if !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z') {
			return false
		}
	}
	return true
}
