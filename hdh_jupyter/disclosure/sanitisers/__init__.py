"""Sanitisers: one module per kind of file, each writing the form that may leave.

They import the readers and the floor's `documents`, `model` and `policy`, and never a rule: the engine checks what they
wrote as it checks any file.
"""
