"""What of the flows executions have reached: tasks, the ways they can go, expressions, lines."""
