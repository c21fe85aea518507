"""Servers for the tests of this folder; they start when a test first asks for one."""

from tests.support.servers import mariadb_server, postgres_server

__all__ = ["mariadb_server", "postgres_server"]
