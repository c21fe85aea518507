"""What stands in the way of a run, found before anything runs: one list over all flows that can be
reached.

    standing.py     which tasks of a flow run whatever happens, and which only maybe
    reached.py      the flows that a run can reach, and how surely
    names.py        mocks and other options that name a task which nobody has
    subflows.py     flows that are called: there, valid, given what they need
    types.py        what Kestrel does not run
    programs.py     programs, and in `extras.py` Python packages, that are not installed
    secrets.py      secrets that nobody gave
    inputs.py       inputs that are unknown, missing or wrong
    files.py        namespace files that are read and not there
    expressions.py  expressions that can't be compiled
    gather.py       all of it in one list, and the error that shows it

A task that is mocked needs none of it. What only maybe runs stops nothing, but for what the flow
itself needs (types, programs, secrets), and is told as a warning.
"""
