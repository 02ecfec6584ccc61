module github.com/gobertopic/gobertopic/report/browsertest

go 1.26.0

replace github.com/gobertopic/gobertopic => ../..

require (
	github.com/chromedp/chromedp v0.23.1
	github.com/gobertopic/gobertopic v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/chromedp/cdproto v0.160.1 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)
