// Package archtest keeps the packages of this module on their ladder: each may know only the ones below it, and each
// outside library is seen by the packages that wrap it. The table is in ladder.go; the test compares it with the real
// imports.
package archtest
