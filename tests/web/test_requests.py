"""One request: its form, its review, its archive."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from hdh_jupyter.egress.model import Status

from .conftest import CASE, SMALL_COUNTS, TABLE, Platform, notebook

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


async def test_a_finding_says_where_what_why_and_what_to_do(platform: Platform) -> None:
    request = await platform.checked({"hebdo.csv": SMALL_COUNTS})

    page = await (await platform.browser("rosa")).get(f"egress/{request.id}")

    finding = " ".join(page.one(".hdh-finding-block").get_text(" ").split())
    assert "Pourquoi :" in finding
    assert "Que faire :" in finding
    assert "son contenu reste dans l'espace" in page.text
    assert "Bloqué" in page.text
    assert "Léa Roux" in page.one(".hdh-next").get_text()
    assert not page.html.select("button[value=submit]")


async def test_findings_are_in_the_language_of_the_page(platform: Platform) -> None:
    request = await platform.checked({"hebdo.csv": SMALL_COUNTS})

    page = await (await platform.browser("lea", "en")).get(f"egress/{request.id}")

    assert "What to do:" in page.text
    assert "lets people be recognised" in page.text


async def test_the_lead_states_the_case_and_submits(platform: Platform) -> None:
    request = await platform.checked()
    lea = await platform.browser("lea")

    page = await lea.post(f"egress/{request.id}", {"do": "submit", "turn": 0, **CASE})

    assert page.status == 200
    assert "La demande est soumise." in page.text
    now = platform.services.egress.request(request.id, "lea")
    assert (now.status, now.turn, now.purpose) == (Status.SUBMITTED, 1, CASE["purpose"])


async def test_an_incomplete_form_keeps_what_was_typed_and_names_every_field(platform: Platform) -> None:
    request = await platform.checked()
    lea = await platform.browser("lea")
    typed = {**CASE, "purpose": "court", "recipient": "", "justification": "Texte gardé"}

    page = await lea.post(f"egress/{request.id}", {"do": "submit", "turn": 0, **typed})

    assert page.status == 422
    assert page.one("#field-purpose").get_text(strip=True) == "court"
    assert page.one("#field-justification").get_text(strip=True) == "Texte gardé"
    assert page.one("#field-title")["value"] == CASE["title"]
    for name in ("purpose", "recipient", "justification"):
        assert page.one(f"#problem-{name}").get_text(strip=True)
        assert f"problem-{name}" in page.one(f"#field-{name}")["aria-describedby"]
    now = platform.services.egress.request(request.id, "lea")
    assert (now.status, now.justification) == (Status.DRAFT, "Texte gardé")


async def test_a_text_that_cannot_be_saved_is_still_on_the_page(platform: Platform) -> None:
    request = await platform.checked()
    lea = await platform.browser("lea")

    page = await lea.post(f"egress/{request.id}", {"do": "save", **CASE, "purpose": "caché\u200b" + "x" * 30})

    assert page.status == 422
    assert "caché" in page.one("#field-purpose").get_text()
    assert page.one("#field-recipient")["value"] == CASE["recipient"]
    assert platform.services.egress.request(request.id, "lea").recipient == ""


async def test_what_was_typed_is_shown_when_the_request_moved_on_meanwhile(platform: Platform) -> None:
    request = await platform.submitted()
    lea = await platform.browser("lea")

    page = await lea.post(f"egress/{request.id}", {"do": "save", **CASE, "justification": "Ma longue explication"})

    assert page.status == 409
    assert "Votre texte n'a pas été enregistré" in page.text
    assert "Ma longue explication" in page.text


async def test_a_file_is_removed_and_the_rest_checked_again(platform: Platform) -> None:
    request = await platform.checked({"a.csv": TABLE, "b.csv": SMALL_COUNTS})
    rosa = await platform.browser("rosa")

    page = await rosa.post(f"egress/{request.id}", {"do": "remove", "file": 1})

    assert "Le contrôle des fichiers va commencer." in page.text
    assert [f.name for f in platform.services.egress.request(request.id, "rosa").files] == ["a.csv"]
    assert (await rosa.get(f"egress/{request.id}/check")).response.json() == {"state": "pending", "status": "draft"}


async def test_the_queue_lists_what_waits_for_this_checker(platform: Platform) -> None:
    first, second = await platform.submitted(), await platform.submitted()
    platform.services.egress.decide(second.id, "carl", "approve", turn=1)
    carl = await platform.browser("carl")

    page = await carl.get("review")

    def listed(group: str) -> list[str]:
        return [a["href"].rsplit("/", 2)[1] for a in page.html.select(f"[aria-labelledby=group-{group}] td a")]

    assert listed("waiting") == [str(first.id)]
    assert listed("decided") == [str(second.id)]
    assert not (await (await platform.browser("ines")).get("review")).html.select("td a")


async def test_a_second_checker_learns_nothing_of_the_first_decision(platform: Platform) -> None:
    request = await platform.submitted()
    path = f"egress/{request.id}/review"
    carl, cleo, lea = [await platform.browser(name) for name in ("carl", "cleo", "lea")]
    before = (await cleo.get(path)).source

    page = await carl.post(path, {"decision": "return", "comment": "Seuil à préciser", "turn": 1})
    assert "Vous verrez l'autre avis quand les deux seront rendus." in page.text
    assert "Seuil à préciser" in page.text

    for browser in (cleo, lea):
        text = (await browser.get(path)).source
        assert "Seuil à préciser" not in text
        assert "Carl" not in text
    assert (await cleo.get(path)).source == before

    page = await cleo.post(path, {"decision": "approve", "comment": "", "turn": 1})
    for name in ("Carl Blanc", "Cléo Noir", "Seuil à préciser"):
        assert name in page.text
        assert name in (await lea.get(f"egress/{request.id}")).text


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        pytest.param({"decision": "reject", "comment": " "}, "comment", id="00 a rejection without a comment"),
        pytest.param({"decision": "return", "comment": ""}, "comment", id="01 a return without a comment"),
        pytest.param({"comment": "Mon avis"}, "decision", id="02 no decision"),
        pytest.param({"decision": "release", "comment": "Mon avis"}, "decision", id="03 no such decision"),
    ],
)
async def test_an_incomplete_decision_keeps_its_text(platform: Platform, form: dict[str, str], problem: str) -> None:
    request = await platform.submitted()
    carl = await platform.browser("carl")

    page = await carl.post(f"egress/{request.id}/review", {**form, "turn": 1})

    assert page.status == 422
    assert page.one(f"#problem-{problem}").get_text(strip=True)
    assert page.one("#field-comment").get_text().strip() == form["comment"].strip()
    assert platform.services.egress.request(request.id, "carl").decided == 0


async def test_a_decision_on_what_was_changed_since_is_refused_with_its_comment(platform: Platform) -> None:
    request = await platform.submitted()
    carl = await platform.browser("carl")

    page = await carl.post(f"egress/{request.id}/review", {"decision": "approve", "comment": "Avis", "turn": 0})

    assert page.status == 409
    assert "rechargez la page et relisez-la" in page.text
    assert "Avis" in page.one("#field-comment").get_text()


async def test_a_checker_sees_what_would_leave_and_nothing_else(platform: Platform) -> None:
    rows = "<tr><td>0-14</td><td>3</td></tr><tr><td>15-64</td><td>45</td></tr>"
    data = {"text/html": f"<table><tr><th>age</th><th>n</th></tr>{rows}</table>"}
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    secret = notebook(output)
    request = await platform.submitted({"analyse.ipynb": secret})
    carl, lea = await platform.browser("carl"), await platform.browser("lea")

    reviewed = await carl.get(f"egress/{request.id}/review?version=exact")
    assert "0-14" not in reviewed.text
    assert "Fichier d'origine" not in reviewed.text

    # The notebook holds an output that blocks: what its lead would see here would have left without a review.
    own = await lea.get(f"egress/{request.id}?version=exact")
    assert "0-14" not in own.text


ORIGINAL = b"departement,passages\n01,154\n02,320\n03,87\n"
BLOCKED = b"departement,passages\n01,154\n02,4\n03,87\n"


@pytest.mark.parametrize(
    ("name", "content", "shown", "offered"),
    [
        pytest.param("lea", ORIGINAL, True, True, id="00 the lead sees the original of what may leave"),
        pytest.param("rosa", ORIGINAL, True, False, id="01 another member sees the sanitised form alone"),
        pytest.param("lea", BLOCKED, False, False, id="02 what blocks stays in the workspace, for the lead too"),
        pytest.param("rosa", BLOCKED, False, False, id="03 and for other members"),
    ],
)
async def test_who_sees_the_content_of_a_draft(
    platform: Platform, name: str, content: bytes, shown: bool, offered: bool
) -> None:
    request = await platform.checked({"table.csv": content})

    page = await (await platform.browser(name)).get(f"egress/{request.id}?version=exact")

    assert ("154" in page.one("#file").get_text()) is shown
    assert ("Fichier d'origine" in page.text) is offered


async def test_the_archive_comes_as_a_file_and_is_what_was_reviewed(platform: Platform) -> None:
    request = await platform.released()
    lea = await platform.browser("lea")
    assert "Télécharger l'archive" in (await lea.get(f"egress/{request.id}")).text

    reply = (await lea.get(f"egress/{request.id}/archive")).response

    assert reply.headers["Content-Type"] == "application/zip"
    assert reply.headers["Content-Disposition"].startswith(f'attachment; filename="extraction-flu-{request.id}.zip"')
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert int(reply.headers["Content-Length"]) == len(reply.content)
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        digests = {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert {file.sanitised_sha256 for file in request.files} <= digests


async def test_nothing_hostile_becomes_markup(platform: Platform) -> None:
    quoted = HOSTILE.replace('"', '""')
    csv = f'"{quoted}",n\n"{quoted}",120\ny,340\n'.encode()
    html = f"<table><tr><td>cellule</td></tr></table>{HOSTILE}<p onclick=x>texte</p>"
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
    files = {"a'&amp;b-onerror=alert(1).csv": csv, "n.ipynb": notebook(output, source=HOSTILE)}
    request = await platform.checked(files)
    platform.services.egress.edit(request.id, "lea", title=HOSTILE, purpose=HOSTILE, recipient=HOSTILE)
    lea = await platform.browser("lea")

    for path in (
        f"egress/{request.id}?version=exact",
        f"egress/{request.id}?file=1&version=exact",
        f"egress/{request.id}?file=1&version=%22%3E{HOSTILE}",
        "projects/flu/egress",
        f"projects/flu/egress?q={HOSTILE}",
    ):
        page = await lea.get(path)

        assert page.status == 200
        assert "onerror=alert(1)" in page.text
        sources = [script.get("src", "") for script in page.html.select("script")]
        assert [source.partition("?")[0].rsplit("/", 1)[-1] for source in sources] == ["hdh.js"]
        assert not [tag for tag in page.html.find_all(True) for name in tag.attrs if name.startswith("on")]
        assert not page.html.select("img[src=x]")
        policy = page.response.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


async def test_a_title_of_brackets_is_no_format(platform: Platform) -> None:
    request = await platform.checked()
    platform.services.egress.edit(request.id, "lea", title="{titre} {0} %s")

    assert "{titre} {0} %s" in (await (await platform.browser("lea")).get(f"egress/{request.id}")).text


async def test_requests_are_filtered(platform: Platform) -> None:
    draft, submitted = await platform.checked(), await platform.submitted()
    lea = await platform.browser("lea")

    async def listed(query: str) -> list[str]:
        page = await lea.get(f"projects/flu/egress?{query}")
        return [a["href"].rsplit("/", 1)[1] for a in page.html.select("tbody a")]

    both = [str(submitted.id), str(draft.id)]
    assert await listed("") == both
    assert await listed("status=draft") == [str(draft.id)]
    assert await listed("q=PASSAGES") == [str(submitted.id)]
    assert await listed("author=rosa") == both
    assert await listed("author=lea") == []
    assert await listed("status=nonsense&page=-4") == both
