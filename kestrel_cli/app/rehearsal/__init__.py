"""Rehearsals: a flow walked with the real engine in a world that is made up of what it reads.

shape      what is known of a value that has to be made up
reading    the expressions of the flow, read for what they ask of such values
flows      the flow and those that it calls, property by property
values     a value of a shape
world      everything that a run is given: mocks, inputs, secrets, trigger, files ...
sources    what expressions ask for by functions, made up when nobody has it
walk       one run, mended and made again until it walks
branches   the same, for every branch of the flow
coverage   what of the flow was reached
report     what is told of all that
"""
