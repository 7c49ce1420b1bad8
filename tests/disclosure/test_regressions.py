"""Summaries of models as the libraries print them: few degrees of freedom are told, ordinary results are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hdh_jupyter.disclosure.documents import Document, Text, whole
from hdh_jupyter.disclosure.model import Place
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.readers import grid, html_tables, text_tables
from hdh_jupyter.disclosure.rules.regressions import regressions

OLS = """
                            OLS Regression Results
==============================================================================
Dep. Variable:                      y   R-squared:                       {r2}
Model:                            OLS   Adj. R-squared:                  0.771
No. Observations:          {n:>10}   AIC:                             41.07
Df Residuals:              {dof:>10}   BIC:                             43.63
Df Model:                           3
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
Intercept     -0.2541      2.319     -0.110      0.915      -5.3        4.8
"""
LM = """
Call:
lm(formula = y ~ age + sexe, data = d)

Residuals:
     Min       1Q   Median       3Q      Max
-2.70301 -0.67041  0.00381  0.65803  2.90125

Coefficients:
            Estimate Std. Error t value Pr(>|t|)
(Intercept)  0.33811    0.31822   1.063    0.289

Residual standard error: 0.98 on {dof} degrees of freedom
Multiple R-squared:  0.51,\tAdjusted R-squared:  0.5057
F-statistic: 103.2 on 3 and {dof} DF,  p-value: < 2.2e-16
"""
GLM = """
Coefficients:
            Estimate Std. Error z value Pr(>|z|)
age         0.012      0.01   1.2    0.2
(Dispersion parameter for poisson family taken to be 1)
    Null deviance: 3.2  on 13  degrees of freedom
Residual deviance: 3.1  on {dof}  degrees of freedom
"""
COX = """
Call:
coxph(formula = Surv(t, dc) ~ age, data = d)

  n= {n}, number of events= {events}

       coef exp(coef) se(coef)     z Pr(>|z|)
age 0.01322   1.01331  0.00811 1.629    0.103
"""
LIFELINES = """<lifelines.CoxPHFitter: fitted with 400 total observations, 300 right-censored observations>
             duration col = 't'
      baseline estimation = breslow
   number of observations = {n}
number of events observed = {events}
   partial log-likelihood = -503.2
"""
STARGAZER = r"""
\begin{{tabular}}{{lcc}}
Observations & {n} & {n} \\
R$^{{2}}$ & 0.51 & 0.52 \\
Residual Std. Error & 0.97 (df = {dof}) & 0.96 (df = {dof}) \\
F Statistic & 103.2$^{{***}}$ (df = 3; {dof}) & 90.1$^{{***}}$ (df = 4; {dof}) \\
\end{{tabular}}
"""
AOV = """
            Df Sum Sq Mean Sq F value Pr(>F)
sexe         1   2.36   2.361   1.607  0.218
Residuals   {dof}  32.32   1.469
"""
CASES = [
    ("00", OLS.format(n=400, dof=396, r2="0.51"), set()),
    ("01", OLS.format(n=14, dof=10, r2="0.8"), set()),
    ("02", OLS.format(n=13, dof=9, r2="0.8"), {"low_dof"}),
    ("03", OLS.format(n=4, dof=0, r2="1.000"), {"saturated", "few"}),
    ("04", LM.format(dof=296), set()),
    ("05", LM.format(dof=5), {"low_dof"}),
    ("06", "lm(y ~ x)\nALL 4 residuals are 0: no residual degrees of freedom!\n", {"saturated"}),
    ("07", GLM.format(dof=12), set()),
    ("08", GLM.format(dof=0), {"saturated"}),
    ("09", COX.format(n=300, events=120), set()),
    ("10", COX.format(n=300, events=4), {"few"}),
    ("11", COX.format(n=9, events=4), {"few"}),
    ("12", LIFELINES.format(n=400, events=120), set()),
    ("13", LIFELINES.format(n="1 400", events=6), {"few"}),
    ("14", STARGAZER.format(n=400, dof=396), set()),
    ("15", STARGAZER.format(n=12, dof=8), {"low_dof"}),
    ("16", AOV.format(dof=22), set()),
    ("17", AOV.format(dof=3), {"low_dof"}),
    ("18", "\tWelch Two Sample t-test\nt = 0.5, df = 489.3, p-value = 0.6\n", set()),
    ("19", "\tWelch Two Sample t-test\nt = 0.5, df = 4.3, p-value = 0.6\n", {"low_dof"}),
    ("20", "X-squared = 2.1, df = 2, p-value = 0.34\n", set()),
    ("21", "Observations 8 et suivantes du protocole. Number of observations: 5 tables.\n", set()),
    ("22", "F(3, 396) = 12.4\nNumber of obs = 1,400\nR-squared = 0.31\n", set()),
]


def found(text: str, kind: str = "text") -> set[str]:
    policy = default_policy()
    place = Place()
    document = Document(kind, (Text(place, whole(text)),), tuple(text_tables.tables(text, place)))
    return {finding.key.partition(".")[2] for finding in regressions(document, "f", policy)}


@pytest.mark.parametrize(("text", "keys"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_summaries_as_they_are_printed(text: str, keys: set[str]) -> None:
    assert found(text) == keys


def test_the_same_in_html() -> None:
    html = "<table><tr><th>No. Observations:</th><td>13</td><th>Adj. R-squared:</th><td>0.7</td></tr>" + (
        "<tr><th>Df Residuals:</th><td>9</td><th>BIC:</th><td>41</td></tr></table>"
    )
    text = html_tables.plain_text(html)
    document = Document("html", (Text(Place(), whole(text)),), tuple(html_tables.tables(html, Place())))
    assert {finding.key for finding in regressions(document, "f", default_policy())} == {"regressions.low_dof"}


def test_a_policy_may_ask_for_more() -> None:
    policy = default_policy()
    strict = replace(
        policy, thresholds={**policy.thresholds, "min_dof": replace(policy.thresholds["min_dof"], value=30)}
    )
    document = Document("text", (Text(Place(), whole(LM.format(dof=25))),))
    assert [f.params["threshold"] for f in regressions(document, "f", strict)] == [30]
    assert list(regressions(document, "f", policy)) == []


def rows(count: int, *columns: str) -> list[list[str]]:
    made = {
        "id": [str(i) for i in range(count)],
        "resid": [f"{(i * 37 % 101 - 50) / 13:.4f}" for i in range(count)],
        "fitted": [f"{i * 0.31:.3f}" for i in range(count)],
        "y_true": [str(i % 2) for i in range(count)],
        "semaine": [f"2021-W{i + 1:02d}" for i in range(count)],
        "n": [str(120 + i * 3) for i in range(count)],
        "df.residual": ["396"] + ["4"] * (count - 1),
    }
    return [[made[name][i] for name in columns] for i in range(count)]


TABLES = [
    ("00", ("resid", "fitted"), 40, {"individual_values"}),
    ("01", ("id", "resid"), 40, {"individual_values"}),
    ("02", ("y_true", "fitted"), 40, {"individual_values"}),
    ("03", ("semaine", "n", "fitted", "resid"), 40, set()),
    ("04", ("n", "fitted", "resid"), 40, set()),
    ("05", ("fitted",), 40, set()),
    ("06", ("resid", "fitted"), 10, set()),
    ("07", ("n", "df.residual"), 3, {"low_dof"}),
    ("08", ("n", "df.residual"), 1, set()),
]


@pytest.mark.parametrize(("columns", "count", "keys"), [c[1:] for c in TABLES], ids=[c[0] for c in TABLES])
def test_values_for_each_person_in_tables(columns: tuple[str, ...], count: int, keys: set[str]) -> None:
    table = grid.table(Place(), rows(count, *columns), titles=list(columns))
    assert table is not None
    document = Document("csv", (), (table,))
    assert {f.key.partition(".")[2] for f in regressions(document, "f", default_policy())} == keys


def test_residuals_as_r_prints_them() -> None:
    values = [f"{(i * 37 % 101 - 50) / 13:.5f}" for i in range(48)]
    lines = []
    for start in range(0, 48, 6):
        lines.append(" ".join(f"{start + i + 1:>10}" for i in range(6)))
        lines.append(" ".join(f"{value:>10}" for value in values[start : start + 6]))
    assert found("\n".join(lines)) == {"individual_values"}
    weekly = "\n".join(line.replace("-", " ") for line in lines)
    assert found(weekly) == set()
