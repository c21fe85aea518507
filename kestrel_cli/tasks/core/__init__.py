"""Runnable task types of Kestra's core."""
