"""Attacks on the running platform, each with a control that succeeds on a plain JupyterLab beside it.

`model` is the register of attacks and what came of them; `conftest` starts the platform, the plain JupyterLab
(`control`) and what attackers aim at (`targets`); the `inside_*` modules hold the code that runs where an attacker
stands, and the `test_*` modules run it on both sides. `make redteam` runs all of it and prints the table.
"""
