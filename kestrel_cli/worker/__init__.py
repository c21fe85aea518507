"""The side effects of one attempt: run context, timeouts, logs, rendering of expansions."""
