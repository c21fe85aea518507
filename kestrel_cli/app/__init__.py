"""Use cases and the driver loop; the only place where the parts are wired together."""
