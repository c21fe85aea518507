"""Executions that run on a Kestra server, as commands here have them.

    place      which server, and how commands name it
    sending    a flow and its inputs, checked here, sent, started once
    watching   an execution shown while it runs, with what it starts; ended, left, resumed
    called     what its task runs start, looked for from time to time
    past       executions found by id, listed, read whole
    files      their files, fetched

Imported when a command names a server, and never else.
"""
