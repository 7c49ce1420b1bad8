"""Starts, watches and stops the workspaces.

- `project`: what every spawner of projects shares: the gate, grants, audit, the route for the gateway
- `sandbox`: one machine, a bubblewrap sandbox per project
- `kubernetes`: a cluster, a namespace and a pod per project
- `workspace`, `server_config`, `kernels`: what a workspace sees, as data
- `supervision`, `supervisor`: the process that owns a sandbox and outlives the hub
- `probe`, `hermeticity`: attempts to reach out, made inside; what they must have found, judged outside

May import `projects`, `audit` and what stands below; `supervisor` and `probe` run alone, from the standard
library only.
"""
