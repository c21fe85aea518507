"""The plan of a run: what stands in its way, and the tree of what would run, as far as that is
known without running anything.

    known.py    values that follow from literals, inputs and variables alone
    nodes.py    the tree of one flow and of those that it calls
    text.py     the plan in words; `document` of `plan.py` is the same as data
"""
