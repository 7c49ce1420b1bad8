"""What a column's title says of its content, in French and English research usage and SNDS variable names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import re2

COUNTERS = frozenset("n nb nbr nbre nobs nombre effectif effectifs eff count counts cnt".split())
"""Words that make a title a count whatever else it says."""

COUNTED = frozenset(
    "passages visits visites patients patientes personnes individus persons people subjects sujets beneficiaires assures "
    "cas cases deces deaths sejours stays hospitalisations hospitalizations hospit admissions consultations naissances "
    "births femmes hommes women men female male females males filles garcons total totaux ensemble size evenements events "
    "consommants population support frequency observations obs tous all".split()
)
"""Words that make it a count unless another word makes it a measure or a dimension."""

STATISTICS = frozenset(
    "taux rate rates pct pourcent pourcentage pourcentages percent percentage perc prop proportion proportions part parts "
    "share ratio moyenne moyen mean avg average mediane median ecart std sd se var variance q1 q2 q3 iqr ic ci coef coefs "
    "coefficient coefficients estimate or hr rr irr p pvalue pval par per pour indice index prevalence incidence frequence "
    "freq score auc precision recall f1 accuracy min max minimum maximum quantile percentile densite density log z t".split()
)

STATISTIC_ROWS = re2.compile(
    r"(?i)\b(?:taux|rate|pct|pourcent\w*|percent\w*|prop\w*|ratio|moyenne|mean|avg|m[ée]diane?|[ée]cart|std|sd|se|variance"
    r"|min|max|iqr|ic|ci|coef\w*|p[- ]?val\w*|aic|bic|df|ddl|df\s?model|residuals?|iterations?|log[- ]?lik\w*|r-squared|auc"
    r"|dur[ée]e|version|\d+\s?%)\b|%"
)
"""Labels of rows whose numbers are statistics, in a table that mixes counts and statistics."""

COUNT_ROWS = re2.compile(r"(?i)^\s*(?:n|nb|nombre|effectifs?|count|counts|no\.? observations|total|cas|d[ée]c[èe]s)\b")
"""Labels of rows whose numbers are counts."""

MEASURES = frozenset(
    "montant montants depense depenses cout couts cost costs prix euros eur tarif mnt duree duration delai temps time jours "
    "days dose imc bmi poids weight taille height tension hba1c lat lon latitude longitude ddl df dof lag degree ordre "
    "epoch iteration iter fold seed".split()
)
DIMENSIONS = frozenset(
    "annee annees an year years ann mois month sem semaine semaines week weeks jour day dow date dates heure hour trimestre "
    "quarter age ages classe tranche groupe group cluster code codes cod dep dept departement departements dpt region reg "
    "commune communes insee finess siret siren cp postal iris id identifiant num numero cle key ccmu severite severity "
    "gravite grade stade stage niveau level rang rank sexe sex genre gender modalite variable caracteristique line ligne "
    "row chapitre cim10 icd10 icd atc cip cip13 ccam ghm cluster version nir rpps ipp nda".split()
)

PERSONS = frozenset(
    "patient ben beneficiaire personne individu person subject sujet assure sejour stay visit visite passage malade "
    "hospit enq".split()
)
IDENTIFIES = frozenset(
    "id idt ident identifiant identifier num numero no code hash cle key pseudo pseudonyme pseudonym uuid uid nir psa ano".split()
)
IDENTIFIERS = frozenset(
    "nir nirpp ipp iep nda nip nipp ins matricule prenom firstname lastname surname uuid pseudonyme pseudonym pseudo mrn".split()
)
"""Words that name an identifier of a person by themselves."""

QUASI_IDENTIFIERS = {
    "age": frozenset("age ages naissance birth nai dob ddn birthdate".split()),
    "sex": frozenset("sexe sex genre gender".split()),
    "place": frozenset("commune communes insee cp postal iris dep dept departement dpt region zone com".split()),
    "date": frozenset("date dtd dte jour day entree sortie admission".split()),
    "diagnosis": frozenset("diagnostic diagnosis diag dgn dp das cim10 icd icd10 cim atc ccam ghm".split()),
}

CATEGORY = re2.compile(
    r"(?i)^(?:\d{1,3}\s*(?:-|–|à|a|to|_)\s*\d{1,3}(?:\s*(?:ans|years))?|[\[(]?\s*[<>≥≤+]?=?\s*\d+\s*(?:[,;]\s*\d+\s*[\])])?\s*(?:\+|ans|et \+|et plus|and over)*"
    r"|(?:19|20)\d\d(?:[-/ ]?[WSTQM]?\d{1,2})?(?:-\d\d)?|[A-TV-Z]\d{2}(?:\.\d+)?|2[AB]|[SWTQ]\d{1,2}|true|false|oui|non|yes|no|[FHMU]"
    r"|janv\w*|f[ée]vr\w*|mars|avr\w*|mai|juin|juil\w*|ao[ûu]t|sept\w*|oct\w*|nov\w*|d[ée]c\w*|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*)$"
)
"""A title that is itself a category: a crossed table, whose cells are counts."""


@lru_cache(maxsize=4096)
def words(title: str) -> frozenset[str]:
    """Return the words of a title, lower case, without accents: `nbPassages_J2` is nb, passages, j2."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    plain = re2.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    return frozenset(re2.split(r"[^a-z0-9]+", plain.lower())) - {""}


def is_statistic(title: str) -> bool:
    """Tell whether a title names a rate, a mean, a test: a number that is no count."""
    return "%" in title or "‰" in title or bool(words(title) & STATISTICS)


def is_counter(title: str) -> bool:
    """Tell whether a title says that the column counts."""
    return bool(words(title) & COUNTERS) and not is_statistic(title)


def is_measure_or_dimension(title: str) -> bool:
    """Tell whether a title names a quantity, or what a table is broken down by."""
    return bool(words(title) & (MEASURES | DIMENSIONS))


def is_counted(title: str) -> bool:
    """Tell whether a title names what is counted (passages, patients)."""
    return bool(words(title) & COUNTED)


def is_category(title: str) -> bool:
    """Tell whether a title is a category."""
    return CATEGORY.match(title.strip()) is not None


def names_identifier(title: str) -> bool:
    """Tell whether a title names an identifier of persons or stays."""
    found = words(title)
    if found & COUNTERS or found & COUNTED:
        return False
    return bool(found & IDENTIFIERS) or (bool(found & PERSONS) and bool(found & IDENTIFIES)) or found == {"ben"}


def quasi_identifier(title: str) -> str | None:
    """Return which attribute of a person a title names, if any."""
    found = words(title)
    return next((kind for kind, names in QUASI_IDENTIFIERS.items() if found & names), None)


def quasi_identifiers(titles: Iterable[str]) -> dict[int, str]:
    """Return the columns that describe a person: index -> attribute."""
    return {i: kind for i, title in enumerate(titles) if (kind := quasi_identifier(title)) is not None}
