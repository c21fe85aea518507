"""The scheduler: a pure state machine over task runs."""
