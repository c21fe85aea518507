"""A real Kestra server, asked and told over HTTP.

Theory of operation
-------------------
    contexts     which server, who asks: settings, kestractl's file, variables  ->  Context
    asking       one request: login, time, size, what may be sent twice, redirects  ->  Answer
    surface      paths and version, found out by asking                           ->  Surface
    connection   both together: what everything below is asked through

    flows, executions, starting, logs, files, namespace_files, key_values
                 one thing each: functions that take a Connection and return plain data

    mirror       pictures of an execution and its log  ->  Execution, events, log lines
    following    streams and questions  ->  news of one execution until it has ended
    called       what its task runs have started, put below them
    family       both: an execution and what it starts, followed together

The commands above need three lines each: make a Context, connect, call. What comes back of an
execution is our own `Execution`, so that every reporter shows it: nothing above knows whether it
ran here or there.

What must hold
--------------
- No execution is started twice: each start has a label of its own, and a lost answer is looked for
  by it (`starting`).
- Nothing is ever deleted, and flows are sent one by one (`flows`).
- A login goes to the host it was said for and nowhere else: not to another one a redirect names,
  and not into a message, a `repr` or a list of processes (`credentials`, `asking`).
- Of two pictures the one whose histories are longer is newer, whoever sent it and whatever the
  clocks say (`progress`). The state ends an execution, not the name of an event.
- Only HTTP and errors know versions: what leaves this package has one shape (`surface`, `outputs`).

Importing this package imports nothing: who runs flows here never pays for it.
"""
