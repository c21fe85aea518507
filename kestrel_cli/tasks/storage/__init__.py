"""Task types that work on files in internal storage."""
