"""Task types that run SQL."""
