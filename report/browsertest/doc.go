// Package browsertest opens reports in Chromium, as their readers do, and tests what they see. It is a
// module of its own, so that no user of the library inherits chromedp. The tests are skipped where no
// Chromium is installed; on Debian, apt-get install chromium has it.
//
// GOBERTOPIC_SCREENSHOTS names a directory for screenshots.
package browsertest
