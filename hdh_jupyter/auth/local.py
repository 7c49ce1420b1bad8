"""Sign-in with a name and a password of the platform's own."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any

from traitlets import default

from .accounts import LocalAccounts
from .roles import ProjectRolesMixin


class LocalAccountAuthenticator(ProjectRolesMixin):
    """Checks passwords against the platform's own accounts; the hub's sign-in form asks for them."""

    @default("allow_all")
    def _allow_all_default(self) -> bool:
        # Whoever has a password and stands in the registry, which ProjectRolesMixin checks.
        return True

    @cached_property
    def accounts(self) -> LocalAccounts:
        return LocalAccounts(self.database)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any]:
        """Return the account's name.

        Raises
        ------
        PublicError
            `auth.wrong_password` or `auth.locked`.
        """
        name = self.normalize_username(data.get("username", ""))
        await asyncio.to_thread(self._verify, name, data.get("password", ""))
        return {"name": name}

    def _verify(self, name: str, password: str) -> None:
        # The accounts are opened here too: doing so hashes once, which is not for the event loop.
        self.accounts.verify(name, password)
