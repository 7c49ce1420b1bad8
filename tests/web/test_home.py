"""The home page says what a person can do now."""

from __future__ import annotations

from .conftest import Platform


async def test_a_project_shows_its_state_and_reason(platform: Platform) -> None:
    page = await (await platform.browser("rosa")).get("home")

    cards = {card.h3.get_text(strip=True): " ".join(card.get_text(" ").split()) for card in page.html.select("article")}
    assert "Ouvert" in cards["Grippe et urgences"]
    assert "Ouvrir l'espace" in cards["Grippe et urgences"]
    assert "oscour" in cards["Grippe et urgences"]
    assert "expirée le 31/03/2025" in cards["Projet ancien"]
    assert "L'espace ne peut pas être ouvert." in cards["Projet ancien"]
    assert "en attente de l'avis du CESREES" in cards["Projet nouveau"]
    assert "Asthme" not in page.text


async def test_the_home_page_speaks_english(platform: Platform) -> None:
    page = await (await platform.browser("lea", "en-GB,en;q=0.9")).get("home")

    assert "Hello Léa Roux" in page.text
    assert "Project lead" in page.text
    assert page.html.html["lang"] == "en"


async def test_counts_of_requests_lead_to_them(platform: Platform) -> None:
    await platform.checked()
    await platform.released()

    text = (await (await platform.browser("lea")).get("home")).text

    assert "2 demandes d'extraction" in text
    assert "Une à compléter" in text
    assert "Une à télécharger" in text
    assert "Une à télécharger" not in (await (await platform.browser("rosa")).get("home")).text


async def test_a_checker_sees_how_many_wait(platform: Platform) -> None:
    carl = await platform.browser("carl")
    assert "Aucune demande n'attend votre décision." in (await carl.get("home")).text

    request = await platform.submitted()
    page = await carl.get("home")
    assert "Une demande attend votre décision. La plus ancienne attend depuis moins d'une heure." in page.text

    platform.services.egress.decide(request.id, "carl", "approve", turn=1)
    assert "Aucune demande n'attend votre décision." in (await carl.get("home")).text


async def test_who_belongs_to_no_project_is_told_what_to_do(platform: Platform) -> None:
    assert "« hdh-jupyter person »" in (await (await platform.browser("ada")).get("home")).text
    assert "Responsable de données" in (await (await platform.browser("sven")).get("home")).text
    platform.services.registry.set_member("asthma", "otto", None)
    assert "Vous n'êtes membre d'aucun projet" in (await (await platform.browser("otto")).get("home")).text


async def test_a_workspace_is_opened_entered_and_closed(platform: Platform) -> None:
    rosa = await platform.browser("rosa")
    await rosa.get("spawn/prj-flu", follow=False)
    account = platform.hub.users["prj-flu"]
    assert account.spawners[""].ready

    page = await rosa.get("home")
    assert "Entrer dans l'espace" in page.text
    assert "Les fichiers enregistrés sont conservés." in page.text

    page = await rosa.post("projects/flu/close", {})
    assert page.status == 200
    assert not account.spawners[""].active
    assert "À l'arrêt" in page.text


async def test_a_card_without_a_button_looks_again_by_itself(platform: Platform) -> None:
    rosa = await platform.browser("rosa")
    await rosa.get("spawn/prj-flu", follow=False)
    assert not (await rosa.get("home")).html.select("meta[http-equiv=refresh]")
    spawner = platform.hub.users["prj-flu"].spawners[""]

    spawner._stop_pending = True
    page = await rosa.get("home")
    spawner._stop_pending = False

    assert "Fermeture en cours" in page.text
    assert page.one("meta[http-equiv=refresh]")["content"] == "3"


async def test_a_stopped_workspace_says_so_at_its_own_address(platform: Platform) -> None:
    page = await (await platform.browser("rosa")).get("user/prj-flu/lab")

    assert page.status == 424
    assert "L'espace est fermé" in page.text
    assert page.one("#start")["href"].startswith("/@/space%20word/hub/spawn/prj-flu")
