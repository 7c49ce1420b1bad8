"""Projects, the people in them, what lets them be open, and the hub rights that follow.

`model`, `gate` and `scopes` are pure: no database, no clock. `registry` reads and writes them through `tables`.
May import `audit`, `db`, `errors` and `i18n`; never `catalogue`, nor a floor above.
"""
