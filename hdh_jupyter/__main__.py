"""`python -m hdh_jupyter` is the `hdh-jupyter` command."""

from .app import main

main()
