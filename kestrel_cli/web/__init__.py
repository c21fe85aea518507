"""An HTTP client on the standard library: for the tasks, and for the function `http`."""
