"""Sealed JupyterLab workspaces for health data projects, with reviewed egress.

The folders are floors: each imports only what stands below it (`errors` and `i18n` at the bottom, then `disclosure`
and `db`, `audit`, the domain, the services, the pages, and `app` on top). See docs/developers/architecture.md.
"""

__version__ = "0.1.0"
