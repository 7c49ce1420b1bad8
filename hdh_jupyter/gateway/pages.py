"""The pages that the gateway writes itself: a sentence on why something is not there, and what to do."""

from __future__ import annotations

from tornado.template import Template

from ..errors import PublicError
from ..i18n import translate

FRAME_SCRIPT = "static/hdh/page.js"
"""The script by which a framed page tells the portal's page around it a word, below a project's base URL."""

WORDS = {"gateway.not_signed_in": "signed-out", "gateway.no_access": "signed-out"}
"""What the portal's page does something about."""

_PAGE = Template(
    """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
{% if script %}
<script src="{{ script }}" data-portal="{{ portal }}" data-word="{{ word }}"></script>
{% end %}
<style>
body { font-family: system-ui, sans-serif; color: #14303a; background: #f3f7f7; margin: 0; }
main { max-width: 36rem; margin: 15vh auto 0; padding: 2rem; background: #fff; border-top: 4px solid #0f6e78; }
h1 { font-size: 1.4rem; margin-top: 0; }
a { color: #0f6e78; }
small { color: #4d6870; }
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
<p>{{ message }}</p>
{% if home %}<p><a href="{{ home }}">{{ back }}</a></p>{% else %}<p>{{ back }}</p>{% end %}
<small>{{ code }}</small>
</main>
</body>
</html>
""",
    autoescape="xhtml_escape",
)


def error_page(error: PublicError, language: str, home: str) -> bytes:
    """Return the HTML page that tells of an error.

    Parameters
    ----------
    home
        The address of the portal.
    """
    return _page(error, language, translate("gateway.page.back", language), home=home)


def framed_error_page(error: PublicError, language: str, portal: str, script: str) -> bytes:
    """Return the page that tells of an error inside the portal's frame, where no link leads out.

    Parameters
    ----------
    portal
        The portal's origin.
    script
        Where the script is that tells the portal, or nothing when it cannot be had.
    """
    word = WORDS.get(error.code, "")
    return _page(error, language, translate("gateway.page.above", language), portal=portal, script=script, word=word)


def _page(error: PublicError, language: str, back: str, **given: str) -> bytes:
    values = {"home": "", "portal": "", "script": "", "word": "", **given}
    title, message = translate("gateway.page.title", language), error.message(language)
    return _PAGE.generate(language=language, title=title, message=message, code=error.code, back=back, **values)
