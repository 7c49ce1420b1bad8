"""Control groups of Linux, by which the kernel limits what a workspace uses and tells what it used.

- `hierarchies`: where this process stands in them, read from what the kernel says
- `allowance`: what a group may use, and what it used
- `v1`, `v2`: a group in either version of the kernel's interface
- `systemd`: a scope that systemd makes, a v2 group in the end
- `choice`: which of these the host offers

Imports nothing but the standard library: a workspace's supervisor runs with that alone.
"""
