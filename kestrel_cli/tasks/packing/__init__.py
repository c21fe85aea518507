"""Archives and compressed streams, read with limits on what comes out of them."""
