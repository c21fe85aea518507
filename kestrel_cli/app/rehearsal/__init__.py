"""Rehearsals: a flow walked with the real engine in a world that is made up of what it reads.

asked       what a flow asks of the world, which shapes the variables of its tasks have
flows       the flow and those that it calls, property by property
documented  what is known of the outputs of types that do not run
values      a value of a shape (`texts`: what a regular expression takes)
given       what a run is given of all that: inputs, trigger, outputs of tasks
sources     what expressions ask for by functions, made up when nobody has it
walk        one run, mended (`mending`) and made again until it walks
branches    which ways a flow can go, and how it is made to go one
coverage    what of the flow was reached
rehearse    the use case

What is known of such values, and how expressions are read for it: `app/reading/`.
"""
