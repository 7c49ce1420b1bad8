"""Metering: how much of a workspace may be shown to a person, how much was, and who asked for more.

`budgets` holds the limits, `window` and `meter` the arithmetic (pure), `usage` what is kept in the database, `requests`
the requests for more, `standing` how all of it reads for one person.

May import `audit`, `db`, `errors` and `i18n`; knows nothing of projects, HTTP or Jupyter.
"""
