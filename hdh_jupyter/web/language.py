"""French and English in templates: the language of a request, its sentences, its dates and sizes.

The hub's own handlers (sign-in, starting a server, errors) render templates too and know nothing of languages, so all
of this is a Jinja extension that finds the request by itself instead of something each handler must pass on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from http.client import responses
from urllib.parse import urlencode

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context
from jupyterhub.spawner import SpawnException
from markupsafe import Markup
from tornado.web import RequestHandler

from .. import __version__
from ..errors import PublicError
from ..i18n import DEFAULT_LANGUAGE, preferred_language, sentences, translate

COOKIE = "hdh-language"

HUB_SENTENCES = {
    "Invalid username or password": "web.login.refused",
    "Login form invalid or expired. Try again.": "web.login.expired",
    responses[403]: "web.login.not_allowed",
}
"""What the hub says itself on the sign-in page, and our sentence for it."""


class SentenceExtension(Extension):
    """Gives every template the language of its request.

    Globals: `language()`, `t(key, **params)`, `counted(key, count)`, `language_url(code)`, `hdh_version`. Filters:
    `age`, `day`, `in_words`, `moment`, `number`, `size`, `hub_sentence`, `error_title`, `error_text`, `public_error`,
    `told`.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals.update(
            language=pass_context(language_in),
            t=sentence,
            counted=counted,
            language_url=language_url,
            hdh_version=__version__,
        )
        environment.filters.update(
            age=age,
            day=day,
            in_words=in_words,
            moment=moment,
            number=number,
            size=size,
            hub_sentence=hub_sentence,
            error_title=error_title,
            error_text=error_text,
            public_error=public_error,
            told=told,
        )


def language_of(handler: RequestHandler) -> str:
    """Return the language to speak with whoever sent the request: the one they chose, else what their browser asks."""
    return preferred_language(handler.request.headers.get("Accept-Language", ""), handler.get_cookie(COOKIE))


def language_in(context: Context) -> str:
    """Return the language of the page being rendered."""
    handler = _handler(context)
    return DEFAULT_LANGUAGE if handler is None else language_of(handler)


@pass_context
def language_url(context: Context, code: str) -> str:
    """Return the link that changes the language and comes back to this page."""
    handler = _handler(context)
    here = "" if handler is None or handler.request.uri is None else handler.request.uri
    return f"{context['base_url']}language/{code}?{urlencode({'next': here})}"


@pass_context
def sentence(context: Context, key: str, **params: object) -> str:
    """Return the sentence of `key`; it is escaped like any other value."""
    return translate(key, language_in(context), **params)


@pass_context
def counted(context: Context, key: str, count: int) -> str:
    """Return `key.none`, `key.one` or `key.many`, whichever fits `count`."""
    form = {0: "none", 1: "one"}.get(count, "many")
    return translate(f"{key}.{form}", language_in(context), count=count)


@pass_context
def day(context: Context, value: date | datetime) -> Markup:
    """Write a date in full, as a `time` element."""
    return _time(value.isoformat(), in_words(context, value))


@pass_context
def in_words(context: Context, value: date | datetime) -> str:
    """Write a date in full, for the inside of a sentence."""
    return _day(value.astimezone().date() if isinstance(value, datetime) else value, language_in(context))


@pass_context
def moment(context: Context, value: datetime) -> Markup:
    """Write a date and time of day, in the time zone of the machine."""
    language, local = language_in(context), value.astimezone()
    text = translate("web.time.moment", language, day=_day(local.date(), language), time=f"{local:%H:%M}")
    return _time(value.isoformat(timespec="seconds"), text)


@pass_context
def age(context: Context, since: datetime) -> str:
    """Write how long ago something was, in whole hours, or days from the second on."""
    hours = int((datetime.now(UTC) - since).total_seconds() // 3600)
    return counted(context, "web.time.hours", hours) if hours < 48 else counted(context, "web.time.days", hours // 24)


@pass_context
def size(context: Context, value: int) -> str:
    """Write a number of bytes with a decimal unit."""
    language, unit, amount = language_in(context), "byte", float(value)
    for larger in ("kilo", "mega", "giga"):
        if amount < 1000:
            break
        unit, amount = larger, amount / 1000
    number = f"{amount:.0f}" if unit == "byte" or amount >= 100 else f"{amount:.1f}"
    return translate(f"web.size.{unit}", language, number=number.replace(".", translate("web.size.point", language)))


@pass_context
def told(context: Context, error: BaseException | None) -> str:
    """Return what a person may be told of an error, or of what caused it; empty when that is nothing."""
    public = public_error(error)
    if public is not None:
        return public.message(language_in(context))
    # Whoever refuses a start puts the sentence in the language of the person who asked for it.
    return str(error.message) if isinstance(error, SpawnException) else ""


def public_error(error: BaseException | None) -> PublicError | None:
    """Return the error, or its cause, that has a code."""
    cause = getattr(error, "__cause__", None)
    return next((each for each in (error, cause) if isinstance(each, PublicError)), None)


@pass_context
def hub_sentence(context: Context, text: str) -> str:
    """Return our sentence for one of the hub's own; what it does not know stays as it is."""
    key = HUB_SENTENCES.get(text)
    return text if key is None else translate(key, language_in(context))


@pass_context
def error_title(context: Context, status: int) -> str:
    """Name an HTTP status for a person."""
    return translate(f"web.error.{_status_key(status)}.title", language_in(context))


@pass_context
def error_text(context: Context, status: int) -> str:
    """Say what an HTTP status means for a person and what they can do."""
    return translate(f"web.error.{_status_key(status)}.text", language_in(context))


def _status_key(status: int) -> str:
    if f"web.error.{status}.title" in sentences(DEFAULT_LANGUAGE):
        return str(status)
    return "fault" if status >= 500 else "request"


def _handler(context: Context) -> RequestHandler | None:
    # The hub gives its templates no request; `static_url` is a method of the handler that renders.
    handler = getattr(context.get("static_url"), "__self__", None)
    return handler if isinstance(handler, RequestHandler) else None


def _day(value: date, language: str) -> str:
    month = translate(f"web.time.month{value.month}", language)
    number = translate("web.time.first", language) if value.day == 1 else str(value.day)
    return translate("web.time.day", language, day=number, month=month, year=value.year)


def _time(machine: str, human: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, human)


def number(value: float) -> str:
    """Return a number for a form's field: no more digits than it has."""
    return str(int(value)) if float(value).is_integer() else repr(value)
