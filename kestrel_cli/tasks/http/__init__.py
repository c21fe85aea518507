"""Requests, downloads and event streams over HTTP (io.kestra.plugin.core.http)."""
