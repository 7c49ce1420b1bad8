"""The hub-zone pages: projects, requests, review, and the hub's own pages in our frame.

Tornado handlers on JupyterHub's `BaseHandler`, thin: parse, call a service in a thread, render. Who may do what is the
services' business; what is not for a person is answered 404. `services` is what they stand on, `language` what
templates speak, `previews` (with `tables`, `notebooks`, `images`, `html_blocks`, `view`) what is shown of files that
nobody vouches for.

May import every floor below (`egress`, `projects`, `audit`, `disclosure`...) and JupyterHub; nothing below imports it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def page_handlers() -> list[tuple[Any, ...]]:
    """Return the pages as handlers below the hub's prefix, to be placed before the hub's own."""
    from .handlers import HANDLERS

    return HANDLERS


def configure(config: Any, state_dir: str) -> None:
    """Tell the hub where the pages' templates, sentences and services are.

    Parameters
    ----------
    config
        JupyterHub's configuration.
    state_dir
        The state folder; the services on it are made at the first request.
    """
    config.JupyterHub.template_paths = [str(FOLDER / "templates")]
    config.JupyterHub.jinja_environment_options = {"extensions": ["hdh_jupyter.web.language.SentenceExtension"]}
    config.JupyterHub.tornado_settings = {"hdh_state_dir": state_dir}
