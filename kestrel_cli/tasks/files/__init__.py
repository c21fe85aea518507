"""Files of an attempt, for every plugin: the working directory, globs, and the ends of names."""
