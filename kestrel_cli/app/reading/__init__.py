"""What a flow reads: its expressions, read from their syntax trees.

shape    what is known of a value: what its readers do with it
reader   expressions, read for what they ask of the values that they name (`queries`: jq programs)
loops    which loops are around a task: their values come first in its outputs
outputs  what a flow reads of the outputs of its tasks, as a mock gives it

Jinja2 comes with it, so it is imported where something is wrong, and by rehearsals.
"""
