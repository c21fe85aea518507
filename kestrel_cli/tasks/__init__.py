"""One file per task type, and the table that lists them."""
