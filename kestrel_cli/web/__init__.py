"""The HTTP client, of the function `http` and of every task that asks or tells a server something.

A request takes this way: `options` says how to ask, `sending` (tasks) or the function `http` makes
a `message`, `client` follows redirects, `wire` has urllib3 exchange it on a connection that the
`dialer` makes. Only `wire` imports urllib3, and it is imported when there is something to send.
"""
