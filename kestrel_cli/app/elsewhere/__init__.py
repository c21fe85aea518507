"""Executions that run on a Kestra server, as commands here have them.

    place      which server, and how commands name it
    sending    a flow and its inputs, checked here, sent, started once
    watching   an execution shown while it runs, with what it starts; ended, left, resumed
    showing    reporters that are told of it
    again      one that goes on, or runs again
    past       executions found by id, listed, read whole
    files      their files, fetched

Imported when a command names a server, and never else.
"""
