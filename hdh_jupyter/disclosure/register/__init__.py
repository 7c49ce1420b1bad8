"""What a project has released: every cell with its table's population, dimensions and codes, as one system.

It imports the floor's `documents`, `model`, `policy` and `numbers`, and `tables`.
"""
