"""Kestrel runs Kestra flows in this process: no server, no JVM, no Docker."""
