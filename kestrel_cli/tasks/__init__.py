"""Task types: a folder for each plugin of Kestra's, what several share, and their table."""
