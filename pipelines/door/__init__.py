"""The door of the operator's UI: what comes in from outside meets it before Dagster's webserver, which asks nobody anything.

`guard` says what may come in at all, `documents` what a GraphQL document may ask for on which road, `passes` who has entered,
`accounts` which account of this machine a connection is of, `pages` what is answered instead; `app` puts them before any ASGI
app, and `__main__` is the process: Dagster's app (`inner`) behind the door. Why, and what remains: docs/adr/0004.
"""
