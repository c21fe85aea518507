"""Suites that are written by a program: of a flow that is rehearsed, or of a run.

drafts      a suite before it is text
inventing   drafts are run, and given the fixtures that they turn out to lack
knobs       the values of a draft that a decision reads (`candidates`: what else they could be)
forcing     changes to a draft that may make its flow go another way
observed    assertions of what came out
init_suite  the use case "write a suite of a flow"
recorded    what a real run had, without secrets (`from_run`: the use case "make a test of it")
"""
