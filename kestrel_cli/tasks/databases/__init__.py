"""What the database tasks of `tasks/jdbc` share: SQL texts, connections, rows, results."""
