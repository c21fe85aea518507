"""Child processes of tasks: started, read, and ended with all that they started."""
