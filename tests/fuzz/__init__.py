"""Odd requests against the HTTP edge: no 5xx, errors in one shape, and right answers afterwards."""
