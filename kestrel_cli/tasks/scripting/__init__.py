"""What all script tasks share: languages, runners, the place where a script works."""
