"""Two executions compared field by field: is what ran here what runs there?

    sources      a file, an execution of this machine or of a server, as one document each
    pairing      two values that say the same: ids, dates and storage paths are as good as equal
    matching     which task run is which: by task, loop value and the one around it
    comparison   all of it: what differs, and why it may

Imported by `kestrel diff`, and by nothing else.
"""
