"""One file per command: options in, one call to app, exit code out."""
