"""The nouns: Flow, Task, TaskRun, State, Execution, Event, Effect, Position, Duration."""
