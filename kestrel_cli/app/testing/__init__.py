"""Unit tests of flows: suites are found, read, held against their flows, run, and judged."""
