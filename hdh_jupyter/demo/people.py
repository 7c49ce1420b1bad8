"""The people and projects of the demonstration; days are counted from today so that it never goes stale."""

from __future__ import annotations

from datetime import date, timedelta

from ..projects.model import (
    Authorisation,
    BasisKind,
    Grant,
    Member,
    Opinion,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)

STEWARD, ADMIN = "farid", "gaelle"
"""Who represents the demonstration's dataset, and who administers the platform."""

OPEN_PROJECT = "urgences-covid"
EXPIRED_PROJECT = "bronchiolite-2023"
AWAITING_PROJECT = "chaleur-urgences"

PEOPLE = (
    Person("alice", "Alice Bernard", "alice.bernard@example.org"),
    Person("bruno", "Bruno Lefèvre", "bruno.lefevre@example.org"),
    Person("claire", "Claire Fontaine", "claire.fontaine@example.org"),
    Person("david", "David Nguyen", "david.nguyen@example.org", frozenset({PlatformRole.CHECKER})),
    Person("emma", "Emma Garnier", "emma.garnier@example.org", frozenset({PlatformRole.CHECKER})),
    Person("farid", "Farid Haddad", "farid.haddad@example.org", frozenset({PlatformRole.STEWARD})),
    Person("gaelle", "Gaëlle Le Goff", "gaelle.legoff@example.org", frozenset({PlatformRole.ADMIN})),
)

ROLES = {
    "alice": "chercheuse",
    "bruno": "chercheur",
    "claire": "responsable du projet ouvert",
    "david": "vérificateur des sorties",
    "emma": "vérificatrice des sorties",
    "farid": "responsable de données",
    "gaelle": "administratrice de la plateforme",
}
"""What each person shows in the demonstration."""


def projects(today: date) -> tuple[Project, ...]:
    """Return one open project, one whose authorisation has expired, one that awaits its opinion."""
    alice = Member("alice", ProjectRole.RESEARCHER)
    bruno = Member("bruno", ProjectRole.RESEARCHER)
    claire = Member("claire", ProjectRole.LEAD)
    start, end = today - timedelta(days=365), today + timedelta(days=365)
    ended = today - timedelta(days=91)
    began = ended - timedelta(days=730)
    return (
        Project(
            OPEN_PROJECT,
            "Recours aux urgences pendant la pandémie",
            "Évolution hebdomadaire des passages aux urgences par département et classe d’âge, de 2020 à 2025.",
            Authorisation(
                BasisKind.AUTHORISATION,
                Opinion.FAVOURABLE,
                start - timedelta(days=60),
                f"DR-{start.year}-000 (fictif)",
                start,
                end,
            ),
            (alice, bruno, claire),
            (Grant("oscour", start, end),),
        ),
        Project(
            EXPIRED_PROJECT,
            "Bronchiolite du nourrisson et tension hospitalière",
            "Passages aux urgences pour bronchiolite et devenir des enfants.",
            Authorisation(
                BasisKind.AUTHORISATION,
                Opinion.FAVOURABLE,
                began - timedelta(days=60),
                f"DR-{began.year}-000 (fictif)",
                began,
                ended,
            ),
            (alice, Member("bruno", ProjectRole.LEAD)),
            (Grant("oscour", began, ended),),
        ),
        Project(
            AWAITING_PROJECT,
            "Vagues de chaleur et passages aux urgences",
            "Effet des épisodes de canicule sur les passages des personnes âgées.",
            Authorisation(BasisKind.AUTHORISATION, Opinion.PENDING),
            (alice, claire),
        ),
    )
