"""Files of rows, for every plugin: lines of text or Ion, what a row may hold, and batches."""
