"""Task types that tell somebody something: one HTTP request or one mail each."""
