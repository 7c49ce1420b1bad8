"""The one page that the gateway writes itself: a sentence on why something is not there, and the way to the portal."""

from __future__ import annotations

from tornado.template import Template

from ..errors import PublicError
from ..i18n import translate

_PAGE = Template(
    """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font-family: system-ui, sans-serif; color: #1b1b35; background: #f6f6fb; margin: 0; }
main { max-width: 36rem; margin: 15vh auto 0; padding: 2rem; background: #fff; border-top: 4px solid #3558a2; }
h1 { font-size: 1.4rem; margin-top: 0; }
a { color: #3558a2; }
small { color: #666; }
</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
<p>{{ message }}</p>
<p><a href="{{ home }}">{{ back }}</a></p>
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
    return _PAGE.generate(
        language=language,
        title=translate("gateway.page.title", language),
        message=error.message(language),
        back=translate("gateway.page.back", language),
        home=home,
        code=error.code,
    )
