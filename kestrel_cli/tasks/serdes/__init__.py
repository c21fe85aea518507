"""Task types that turn files of one format into another."""
