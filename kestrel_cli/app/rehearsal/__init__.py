"""Rehearsals: a flow walked with the real engine in a world that is made up of what it reads.

shape       what is known of a value that has to be made up
asked       what a flow asks of the world, which shapes the variables of its tasks have
reading     expressions, read for what they ask of such values
flows       the flow and those that it calls, property by property
documented  what is known of the outputs of types that do not run
values      a value of a shape (`texts`: what a regular expression takes)
given       what a run is given of all that: inputs, trigger, outputs of tasks
sources     what expressions ask for by functions, made up when nobody has it
walk        one run, mended (`mending`) and made again until it walks
branches    which ways a flow can go, and how it is made to go one
coverage    what of the flow was reached
rehearse    the use case
"""
