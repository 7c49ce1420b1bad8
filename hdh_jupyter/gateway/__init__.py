"""The gateway: what stands between the hub's proxy and every workspace.

It signs people in, lets an allow-list of routes through, serves JupyterLab's scripts itself, sets the headers, watches
access and traffic, and pulls staged results out. Whatever a workspace answers is untrusted.

May import `projects`, `audit` and the floors below; never `egress`, `spawner`, `auth` or `web`.
"""
