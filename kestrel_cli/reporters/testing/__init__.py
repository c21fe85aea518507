"""What came of unit tests, for people and for programs."""
