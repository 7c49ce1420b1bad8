"""What a person may be told when something cannot be done.

One class: whatever is raised as :class:`PublicError` may be shown; everything else is a fault, goes to the log with
its traceback and is shown as a plain "something went wrong".
"""

from __future__ import annotations

from .i18n import DEFAULT_LANGUAGE, translate


class PublicError(Exception):
    """An error that a person may read.

    Parameters
    ----------
    code
        Stable identifier, which is also the key of its sentence (`egress.not_the_lead`): scripts and tests rely on
        it, people quote it to support.
    status
        The HTTP status that fits it.
    **params
        The values that the sentence names.
    """

    def __init__(self, code: str, status: int = 400, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        return translate(self.code, language, **self.params)

    def to_dict(self, language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
        """Return what a JSON reply carries."""
        return {"code": self.code, "message": self.message(language)}

    def __str__(self) -> str:
        return self.message("en")
