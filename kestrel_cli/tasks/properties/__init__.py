"""How properties are read that take more than `ctx.text`, for every plugin."""
