"""The one loop that runs executions: what is next, what comes of it, and who hears of it."""
