"""Scripts and commands (io.kestra.plugin.scripts).

The types by language, the oldest ones too; where a script runs, with what, and what it leaves.
"""
