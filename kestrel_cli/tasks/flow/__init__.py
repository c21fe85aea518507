"""Flowable task types."""
