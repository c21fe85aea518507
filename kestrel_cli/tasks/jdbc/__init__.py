"""Tasks that run SQL: one file of task types for each database, and all that they share.

A task type (`postgresql`, `mysql`, `mariadb`, `sqlite`, `duckdb`) reads its properties, opens a
`session` and hands it to `queries` or `batch`, which know no database.

What a server needs besides stands beside its types: `*_login` gets in, and is the only place that
uses private names of the driver; `*_session` runs statements; `*_values` reads what comes back.
SQLite and DuckDB are part of this process: `aside` calls them, `local_files` has their files.
"""
