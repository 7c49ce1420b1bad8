"""The written forms of identifiers: linear-time patterns, whose first group is the identifier itself.

A pattern with words before the group recognises by context what would be an ordinary number elsewhere.
"""

from __future__ import annotations

import re2

SEPARATOR = r"[ .\-\x{a0}\x{202f}\x{2009}]?"
DAY = r"(?:[12]\d|3[01]|0?[1-9])"
MONTH = r"(?:1[0-2]|0?[1-9])"
MONTHS = (
    r"(?i:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)"
)
DATE = (
    rf"(?:{DAY}[/. -]{MONTH}[/. -](?:19|20)\d\d|(?:19|20)\d\d[-/]{MONTH}[-/]{DAY}"
    rf"|{DAY}(?:er|st|nd|rd|th)? {MONTHS} (?:19|20)\d\d)"
)
CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
NAME = rf"(?:{CAPITAL}[a-zà-öø-ÿ]+|{CAPITAL}{{2,}})(?:[-'’]{CAPITAL}?[A-Za-zÀ-ÿ]+)*"
PERSON = rf"{NAME}(?: (?:(?:de|du|des|le|la|van|von|el|ben) |d['’])?{NAME}){{0,3}}"
STREET = (
    r"\d{1,4}(?: ?(?:bis|ter|quater))?,? (?i:rue|avenue|av\.?|boulevard|bd|impasse|all[ée]e|chemin|place|quai|route"
    r"|cours|square|r[ée]sidence|lotissement|hameau|passage|sente|villa|faubourg)s? [^\n,;|\t\"]{2,50}"
    r"(?:,? ?\d{5} [A-ZÀ-Þa-zà-ÿ'’\-]+(?: [A-ZÀ-Þ][A-Za-zÀ-ÿ'’\-]+)*)?"
)


def _spaced(pattern: str) -> str:
    return pattern.replace("S", SEPARATOR)


NIR = re2.compile(_spaced(r"\b([123478]S\d{2}S(?:0[1-9]|1[0-2]|[2-9]\d)S(?:\d{2}|2[ABab])S\d{3}S\d{3}S\d{2})(?:\b|_)"))
"""Sex, year, month (20 to 99 where it is unknown), département, commune, order, key (Insee, NIR)."""

NIR_MASKED = re2.compile(
    _spaced(
        r"\b([12]S\d{2}S(?:0[1-9]|1[0-2])S(?:\d{2}|2[ABab])S(?:[xX*•#?]{3}|\d{3})S[xX*•#?]{3}(?:S(?:\d{2}|[xX*•#?]{2}))?)"
    )
)
"""Sex, year and month, département of birth of one person, with commune or order masked."""

NIR_NAMED = re2.compile(
    r"(?i:\b(?:nir|nirpp|ins|nss|s[ée]curit[ée] sociale|num[ée]ro de s[ée]cu|n° ?ss|assur[ée]e?|immatriculation))\b"
    r"[^\d\n]{0,25}"
    + _spaced(r"([123478]S\d{2}S(?:0[1-9]|1[0-2]|20|[3-9]\d)S(?:\d{2}|2[ABab])S\d{3}S\d{3}(?:S\d{2})?)\b")
)
"""A NIR that something calls so; its key may be missing."""

GLUED = re2.compile(r"([0-9ABab]{30,})")

PROFESSIONAL = re2.compile(
    r"(?i:\brpps\b|\bidnps\b|1\.2\.250\.1\.71\.4\.2\.1\b)[^\d\n]{0,30}" + _spaced(r"(\d(?:S\d){10,11})\b")
)
ADELI = re2.compile(r"(?i:\badeli\b)[^\d\n]{0,20}" + _spaced(r"((?:\d\d|2[AB])S\d(?:S\d){6})\b"))

HOSPITAL = re2.compile(
    r"(?i:\b(?:ipp|iep|nda|nip|mrn|n° ?(?:de )?(?:patient|s[ée]jour|venue)"
    r"|num[ée]ro (?:de )?(?:patient|s[ée]jour|venue)"
    r"|(?:identifiant|dossier) (?:du |m[ée]dical |hospitalier )?patient|dossier m[ée]dical))"
    r"\"? ?(?:n°|:|=|#|no\.?)[ \"']{0,2}([A-Z]{0,4}\d{6,14})\b"
)

PHONE = re2.compile(_spaced(r"((?:\b0|(?:\+|\b00)33S(?:\(0\)S)?)[1-9](?:S\d{2}){4})(?:\b|_)"))
"""A French number: ten digits from 0, or +33 and nine digits."""

PHONE_ABROAD = re2.compile(
    r"((?:\+|\b00)(?:1|2\d\d|3[0-24-9]|35\d|4\d|5\d|6\d|7|8\d|9\d)(?:[ .\-]?\(?\d{1,4}\)?){2,6})\b"
)
PHONE_CONTEXT = re2.compile(
    r"(?i)\b(?:t[ée]l(?:[ée]phone)?s?|phone|mobile|portable|gsm|joignable(?: au)?|appeler|fax|whatsapp|call)\b"
    r"[^\d\n+]{0,15}$"
)

EMAIL = re2.compile(r"([A-Za-z0-9][A-Za-z0-9._%+\-]*@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,})\b")

ADDRESS = re2.compile(
    r"(?i:\b(?:demeurant|domicili[ée]e?|habite|habitant|r[ée]side|r[ée]sidant|vit|lives)\b|adresse (?:du|de la|des?) "
    r"(?:patiente?|domicile|assur[ée]e?)|\"(?:adresse|address|line)\")"
    rf"[^\d\n]{{0,30}}({STREET})"
)
STREETS = re2.compile(rf"^{STREET}")

BIRTH = re2.compile(
    r"(?i:\bn[ée]e?(?:\([ée]\))? le|\bdate de naissance|\bdate_?(?:de_?)?naissance|\bddn|\bdob|\bdate of birth"
    rf"|\bborn(?: on)?|\bbirth_?date)[ \t:\"'=(\[]{{0,6}}({DATE})"
)
CRITERION = re2.compile(
    r"(?i)^\W{0,3}(?:ou (?:apr[èe]s|avant|plus)|et (?:apr[èe]s|avant|le)|or (?:after|before|later)|au|to)\b"
)

CIVIL = re2.compile(rf"\b(?:M\.|Mr\.?|Mme\.?|Mlle|Mrs\.?|Ms\.|Monsieur|Madame|Mademoiselle) ({PERSON})")
DOCTOR = re2.compile(rf"\b(?:Dr\.?|Docteur|Doctor|Pr\.?|Professeur|Prof\.) ({PERSON})")
CITED = re2.compile(r"^,? ?(?:et al\b|and |\(?(?:19|20)\d\d\)?|[A-Z]\b)")
"""What follows a name in a reference, where `M.` is an initial."""
NAMED = re2.compile(
    r"(?i:\b(?:patiente?|assur[ée]e?|b[ée]n[ée]ficiaire|malade|nom(?: du patient| patient| complet| et pr[ée]nom)?"
    rf"|identit[ée]|pr[ée]noms?|name|given|family|first_?name|last_?name))[\"']? ?[:=][ \[\"'{{]{{0,3}}({PERSON})"
)
AGED = re2.compile(rf"\b({NAME} {PERSON}),? (?:âgée? de )?\d{{1,3}} ans\b")

IP = re2.compile(
    r"\b((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4})\b"
)
IP_CONTEXT = re2.compile(r"(?i)\b(?:ip|ipv4|ipv6|client|remote|adresse ip|from|depuis|connexion|login)\b[^\d\n]{0,20}$")

LONGER_VERSION = re2.compile(r"^[.\-_]|\|(?:\.\d|[-_])")
"""What stands on both sides, parted by a bar, of the numbers of a version or an OID."""

UNIT = re2.compile(r"(?i)^ ?(?:patient|bo[iî]te|unit|dispensation|d[ée]livr|consommant|euro|€|%)")
"""What follows an amount: IPP are also inhibitors of the proton pump."""

IBAN = re2.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,6}(?: ?[A-Z0-9]{1,3})?)\b")

POSITION = re2.compile(r"(?:\"coordinates\" ?: ?\[\s*|\bPOINT ?\()(-?\d{1,3}\.\d{4,}[, ]\s*-?\d{1,3}\.\d{4,})\s*[\])]")
"""A point of GeoJSON or WKT to ten metres or better."""

CARE = re2.compile(
    r"(?i)\b(?:n[ée]e? le|ans\b|patiente?\b|hospitalis|adress[ée]e? (?:par|en|pour)|admise?\b|op[ée]r[ée]e?\b|souffr"
    r"|sympt|douleur|dyspn|diagnosti|trait[ée]e? (?:par|pour)|d[ée]c[ée]d[ée]e?\b|chut[ée]|consult|ant[ée]c[ée]dent"
    r"|demeurant|domicili|ordonnance|prescri|s[ée]jour|urgences?\b|sortie? (?:le|vers)"
    r"|vu(?:e)? (?:le|en|par)|rappel[ée]|a re[çc]u|pr[ée]sente)"
)
"""Words of care, near which a civil title introduces a patient."""
CARED_BY = re2.compile(
    r"(?i)(?:adress[ée]e?s? (?:par|au|à)|m[ée]decin traitant|suivie?s? par|op[ée]r[ée]e?s? par|prescri\w+ par|vue? par"
    r"|examin[ée]e?s? par|lettre (?:du|au)|courrier (?:du|au)|trait[ée]e?s? par|r[ée]f[ée]rent"
    r"|consultation (?:du|de|avec))[^.\n]{0,30}$"
)
AUTHORSHIP = re2.compile(
    r"(?i)\b(?:auteure?s?|r[ée]dact\w*|r[ée]dig\w*|contacts?|correspond\w*|direct(?:eur|rice)|coordinat\w*|coordonn\w*"
    r"|remerci\w*|responsable|comit[ée]|relecture|relu|experte?s?|investigat\w*|authors?|maintain\w*|copyright|©"
    r"|publication|citation|citer|presse|standard|universit[ée]|inserm|laboratoire|service de|minist\w+|rapporteure?"
    r"|pr[ée]sident\w*|charg[ée]e? d|statistic\w*|encadr\w*|tut\w*|jury|num[ée]ro vert|secr[ée]tariat|cit[ée] par"
    r"|selon)"
)
"""Words near which a person is named for their work, as published reports do."""

EVERY = (
    *(NIR, NIR_MASKED, NIR_NAMED, GLUED, PROFESSIONAL, ADELI, HOSPITAL, PHONE, PHONE_ABROAD, EMAIL, ADDRESS, BIRTH),
    *(CIVIL, DOCTOR, NAMED, AGED, IP, IBAN, POSITION),
)
ANY = re2.compile("|".join(f"(?:{pattern.pattern})" for pattern in EVERY))
"""Matches somewhere in every text where one of them does: one pass tells that a text has none."""
