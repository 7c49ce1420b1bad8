"""Who signs in at the hub, and which workspaces that opens.

`roles` gives any authenticator of JupyterHub the rights of the projects' registry; `local` is sign-in with a password
kept by `accounts`. May import `projects`, `audit`, `db`, `state`, `errors` and `i18n`; no other service.
"""
