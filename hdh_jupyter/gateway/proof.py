"""How a server on a network proves that it is the workspace's: by the key that its pod alone was given.

Clusters give the address of a pod that is gone to another one, which may be another project's. Until the hub has
noticed, or while it is away, people of the first project would otherwise tell the second what they type.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from ..routes import RouteRecord


@dataclass(frozen=True)
class Proof:
    """What is asked of a workspace's server, and what must come back.

    Attributes
    ----------
    base_url
        The path below which the server answers.
    key
        The workspace's own.
    """

    base_url: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, record: RouteRecord) -> Proof | None:
        """Return what a workspace must prove, None when its record has no key.

        Raises
        ------
        ValueError
            The key is none.
        """
        if not record.key:
            return None
        key = bytes.fromhex(record.key)
        if len(key) < 32:
            raise ValueError("The key of a workspace is too short")
        return cls(record.base_url, key)

    def target(self, nonce: str) -> str:
        """Return the path and query of the question."""
        return f"{self.base_url}hdh-lockdown/proof?nonce={nonce}"

    def holds(self, nonce: str, content: bytes) -> bool:
        """Tell whether a reply to the question proves it."""
        try:
            proof = json.loads(content)["proof"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return False
        expected = hmac.new(self.key, nonce.encode(), hashlib.sha256).hexdigest()
        return isinstance(proof, str) and hmac.compare_digest(proof.encode(), expected.encode())
