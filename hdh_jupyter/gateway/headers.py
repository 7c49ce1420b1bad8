"""The headers of every reply, and the few of a browser's that a workspace sees.

The content security policy is the one under which JupyterLab 4.6 was seen to run whole, in Chromium and Firefox:
`sandbox` without `allow-downloads` closes downloads that a page starts, scripts come from the gateway's own paths
alone, and connections stay below the project's base URL.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

FORWARDED = ("Accept", "Accept-Language", "Content-Type")
"""The request headers that a workspace gets to see; cookies, credentials and addresses stay outside."""

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": "bluetooth=(), camera=(), clipboard-write=(), display-capture=(), geolocation=(), hid=(), "
    "microphone=(), serial=(), usb=(), web-share=()",
}


def closed_policy(ancestors: str = "'none'") -> str:
    """Return the policy of a reply that belongs to no workspace.

    Parameters
    ----------
    ancestors
        The origin that may frame it.
    """
    return (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {ancestors}; sandbox allow-top-navigation-by-user-activation"
    )


def content_security_policy(origin: str, base_url: str, ancestors: str = "'none'") -> str:
    """Return the policy of a workspace's replies.

    Parameters
    ----------
    origin
        The project's origin.
    base_url
        The path below which its workspace answers, with a slash at both ends.
    ancestors
        The origin that may frame them: the portal's, for the page.
    """
    base = f"{origin}{base_url}"
    websocket = "ws" + base.removeprefix("http")
    directives = (
        "default-src 'none'",
        f"script-src 'unsafe-eval' {base}static/lab/ {base}static/hdh/ {base}lab/extensions/",
        f"style-src 'unsafe-inline' {base}static/ {base}lab/extensions/ {base}lab/api/themes/",
        f"connect-src {base} {websocket}",
        "img-src 'self' data: blob:",
        "media-src data: blob:",
        "font-src 'self' data:",
        "frame-src 'none'",
        "worker-src 'none'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        f"frame-ancestors {ancestors}",
        "object-src 'none'",
        "sandbox allow-scripts allow-same-origin allow-forms",
    )
    return "; ".join(directives)


def identity_header(name: str, display_name: str) -> str:
    """Return the value of `X-HDH-User`."""
    return base64.b64encode(json.dumps({"name": name, "display_name": display_name}).encode()).decode()


def upstream_headers(headers: Mapping[str, str], identity: str) -> dict[str, str]:
    """Return what a workspace gets of a request's headers, and who sent it."""
    kept = {name: headers[name] for name in FORWARDED if name in headers}
    return {**kept, "Host": "localhost", "Accept-Encoding": "identity", "X-HDH-User": identity}
