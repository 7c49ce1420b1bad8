"""Workspaces on a cluster: a namespace and a pod per project, closed by a network policy that is proved to hold.

- `order`, `objects`, `pod`, `storage`: what is made on the cluster, as plain manifests; pure
- `policies`, `read_back`, `restricted`: whether what the cluster holds is what was ordered; pure
- `probe_pod`, `targets`, `sealing`: attempts to reach out, made inside; what is tried; what must have been found
- `status`: what the status of a pod says of a workspace; pure
- `cluster`, `watching`: calls to the cluster's API, and the pods as it last told
- `preparation`, `mounting`, `surroundings`: what a project needs before its pod; what is around it
- `settings`, `limits`: what an administrator sets
- `vigil`, `spawner`: watching over a workspace; opening and ending it
- `rbac`, `doctor`, `seccomp`: the rights that all this takes, what an administrator should see, the system calls

May import what `spawner` may; `probe_pod` runs alone, from the standard library and `spawner.probe`.
"""
