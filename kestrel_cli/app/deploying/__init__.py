"""Flows and the files of their namespaces, handed to a Kestra server.

    gathering   what there is to hand over, read and put in order; nothing is asked
    delivery    looked at on the server, then sent: one by one, subflows first, nothing deleted
    outcome     what became of each flow and file

Imported by `kestrel push` and `run --on`, and by nothing else.
"""
