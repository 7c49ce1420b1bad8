"""Clean outputs of statistical work: regressions, survival, validation, tuning, as articles and programs print them."""

from __future__ import annotations

import json
import math

import numpy as np

from .cases import Draw, Label, case
from .writers import Sheet, Value, in_notebook, notebook

CLEAN = Label.CLEAN


def _ratio(draw: Draw) -> tuple[float, float, float, str]:
    log, error = draw.random.gauss(0, 0.5), draw.random.uniform(0.04, 0.2)
    p = math.erfc(abs(log / error) / math.sqrt(2))
    return (
        round(math.exp(log), 2),
        round(math.exp(log - 1.96 * error), 2),
        round(math.exp(log + 1.96 * error), 2),
        "<0.001" if p < 0.001 else f"{p:.3f}",
    )


@case(CLEAN, "clean.regression", "csv", "csv_fr", "xlsx", "tex", "md", "html", "pdf")
def odds_ratios(draw: Draw) -> Sheet:
    """Odds ratios with intervals, some of whose figures are whole numbers below 11."""
    rows: list[list[Value]] = []
    for title in (*draw.words.ages[1:], draw.words.sexes[1], *(name for _, name in draw.some(draw.words.diseases, 6))):
        rows.append([title, *_ratio(draw)])
    rows.insert(0, [draw.words.ages[0] + " (réf.)", 1, None, None, ""])
    return Sheet(["Variable", draw.turn("OR", "ORa", "Odds ratio"), "IC95 inf", "IC95 sup", "p"], rows)


@case(CLEAN, "clean.regression", "csv", "xlsx", "parquet", "json")
def hazard_ratios(draw: Draw) -> Sheet:
    """Cox model as `broom::tidy` gives it, with persons and events of each group."""
    rows: list[list[Value]] = [
        [f"traitement{name}", draw.count(9000), draw.count(700, 90), *_ratio(draw)] for _, name in draw.words.drugs
    ]
    return Sheet(["term", "n", "events", "HR", "conf.low", "conf.high", "p.value"], rows)


SUMMARY = """                           Logit Regression Results
==============================================================================
Dep. Variable:                  deces   No. Observations:                {n:>5}
Model:                          Logit   Df Residuals:                    {df:>5}
Method:                           MLE   Df Model:                            {k}
Date:                Mon, 04 Mar 2024   Pseudo R-squ.:                  0.1043
Time:                        10:41:07   Log-Likelihood:                -7714.2
converged:                       True   LL-Null:                       -8612.6
Covariance Type:            nonrobust   LLR p-value:                     0.000
==============================================================================
                 coef    std err          z      P>|z|      [0.025      0.975]
------------------------------------------------------------------------------
{lines}
==============================================================================
"""


@case(CLEAN, "clean.regression", ".txt", ".log", ".ipynb", ".md")
def statsmodels_summary(draw: Draw) -> bytes:
    """Summary of a logistic regression on many persons, as statsmodels prints it."""
    names = ["Intercept", "age", "sexe", *(code.lower() for code, _ in draw.some(draw.words.diseases, 4))]
    lines = []
    for name in names:
        coef, error = draw.random.gauss(0, 0.4), draw.random.uniform(0.03, 0.1)
        z, low, high = coef / error, coef - 1.96 * error, coef + 1.96 * error
        p = math.erfc(abs(z) / math.sqrt(2))
        lines.append(f"{name:<12}{coef:>9.4f}{error:>11.3f}{z:>11.3f}{p:>11.3f}{low:>12.3f}{high:>12.3f}")
    n = draw.count(20000, 9000)
    text = SUMMARY.format(n=n, df=n - len(names), k=len(names) - 1, lines="\n".join(lines))
    if draw.variant == 2:
        return notebook("# Modèle", ("print(modele.summary())", [text]))
    return (f"# Modèle\n\n```\n{text}```\n" if draw.variant == 3 else text).encode()


R_GLM = """
Call:
glm(formula = deces ~ age + sexe + charlson, family = binomial, data = cohorte)

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept) {0:>9.5f}    0.10312  {1:>7.3f}  < 2e-16 ***
age         {2:>9.5f}    0.00142   {3:>6.3f}  < 2e-16 ***
sexeM       {4:>9.5f}    0.04321   {5:>6.3f}  1.2e-05 ***
charlson    {6:>9.5f}    0.01017   {7:>6.3f}  < 2e-16 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: {8:.0f}  on {9}  degrees of freedom
Residual deviance: {10:.0f}  on {11}  degrees of freedom
AIC: {12:.0f}

Number of Fisher Scoring iterations: 5
"""


@case(CLEAN, "clean.regression", ".txt", ".log")
def r_glm_summary(draw: Draw) -> bytes:
    """Summary of a logistic regression on many persons, as R prints it."""
    n = draw.count(15000, 5000)
    coefs = [draw.random.uniform(0.02, 0.6) for _ in range(4)]
    deviance = n * 0.9
    return R_GLM.format(
        -coefs[0] - 4, -39.2, coefs[1] / 8, 31.2, coefs[2], 4.4, coefs[3] / 2, 14.6, deviance, n - 1,
        deviance * 0.9, n - 4, deviance * 0.9 + 8,
    ).encode()  # fmt: skip


R_COX = """Call:
coxph(formula = Surv(delai, deces) ~ groupe + age, data = base)

  n= {n}, number of events= {e}

              coef exp(coef)  se(coef)      z Pr(>|z|)
groupeB  -0.231415  0.793410  0.041277 -5.606 2.07e-08 ***
age       0.047733  1.048891  0.002104 22.687  < 2e-16 ***

        exp(coef) exp(-coef) lower .95 upper .95
groupeB    0.7934     1.2604    0.7318    0.8603
age        1.0489     0.9534    1.0446    1.0532

Concordance= 0.684  (se = 0.006 )
Likelihood ratio test= 611.2  on 2 df,   p=<2e-16
"""


@case(CLEAN, "clean.regression", ".txt", ".md")
def r_cox_summary(draw: Draw) -> bytes:
    """Cox model on many persons, as R prints it."""
    text = R_COX.format(n=draw.count(9000, 3000), e=draw.count(900, 300))
    return (f"## Survie\n\n```r\n{text}```\n" if draw.variant else text).encode()


@case(CLEAN, "clean.survival", "csv", "csv_fr", "xlsx", "tex", "parquet")
def at_risk(draw: Draw) -> Sheet:
    """Kaplan-Meier by year, with large numbers at risk and many events in each interval."""
    rows: list[list[Value]] = []
    alive, survival = draw.count(14000, 6000), 1.0
    for year in range(9):
        events = max(60, round(alive * draw.random.uniform(0.04, 0.07))) if year else 0
        survival *= 1 - events / alive
        if year:
            rows.append([year, alive, events, round(survival, 4), round(survival * 0.99, 4), round(survival * 1.01, 4)])
        alive -= events + draw.count(300, 100)
    return Sheet(
        [draw.turn("annee_suivi", "temps (années)"), "n_a_risque", "n_evenements", "survie", "ic_inf", "ic_sup"], rows
    )


@case(CLEAN, "clean.validation", "csv", "csv_fr", "parquet")
def roc_points(draw: Draw) -> Sheet:
    """A curve of a hundred points, rounded."""
    power = draw.random.uniform(0.2, 0.4)
    rows: list[list[Value]] = [
        [round(i / 100, 2), round((i / 100) ** power, 3), round(1 - i / 100, 2)] for i in range(101)
    ]
    return Sheet(["fpr", "tpr", "seuil"], rows)


@case(CLEAN, "clean.validation", "csv_fr", "xlsx", "csv")
def calibration(draw: Draw) -> Sheet:
    """Observed and predicted risk by decile of about a thousand persons each."""
    size = draw.count(1000, 700)
    rows: list[list[Value]] = []
    for decile in range(1, 11):
        risk = decile / 14
        rows.append([decile, size, round(risk, 3), round(risk + draw.random.gauss(0, 0.01), 3)])
    return Sheet([draw.turn("decile", "Décile de risque"), "n", "risque_predit", "risque_observe"], rows)


@case(CLEAN, "clean.validation", ".txt", ".ipynb", ".md")
def classification_report(draw: Draw) -> bytes:
    """scikit-learn's report, with large supports, and its confusion matrix."""
    a, b = draw.count(4000, 1500), draw.count(1200, 500)
    text = (
        "              precision    recall  f1-score   support\n\n"
        f"           0       0.91      0.94      0.92{a:>10}\n           1       0.77      0.69      0.73{b:>10}\n\n"
        f"    accuracy                           0.88{a + b:>10}\n"
        f"   macro avg       0.84      0.81      0.83{a + b:>10}\n"
        f"weighted avg       0.88      0.88      0.88{a + b:>10}\n"
    )
    matrix = f"[[{round(a * 0.94)} {a - round(a * 0.94)}]\n [{b - round(b * 0.69)} {round(b * 0.69)}]]\n"
    if draw.variant == 1:
        return notebook(
            "# Validation", ("print(classification_report(y, p))\nprint(confusion_matrix(y, p))", [text, matrix])
        )
    return (f"# Validation\n\n```\n{text}\n{matrix}```\n" if draw.variant == 2 else text + "\n" + matrix).encode()


@case(CLEAN, "clean.validation", "csv", "xlsx", "json", "csv_fr")
def tuning_grid(draw: Draw) -> Sheet:
    """Hyper-parameters (small whole numbers) and scores of folds."""
    rows: list[list[Value]] = [
        [depth, leaf, fold, draw.between(0.6, 0.9, 4), draw.between(1, 90)]
        for depth in (3, 5, 7)
        for leaf in (50, 100)
        for fold in range(1, 6)
    ]
    return Sheet(["max_depth", "min_samples_leaf", "fold", "auc", "duree_s"], rows)


@case(CLEAN, "clean.validation", "csv", "csv_fr", "html")
def importances(draw: Draw) -> Sheet:
    """Ranked variables."""
    names = ["age", "sexe", "charlson", "nb_hospit_n1", "ald", *(code for code, _ in draw.words.drugs)]
    rows: list[list[Value]] = [[rank, name, round(0.4 / rank, 4)] for rank, name in enumerate(names, 1)]
    return Sheet([draw.turn("rang", "rank"), "variable", "importance"], rows)


@case(CLEAN, "clean.validation", "csv", ".log")
def training_log(draw: Draw) -> Sheet | bytes:
    """Losses by epoch."""
    losses = [(epoch, round(0.7 * 0.9**epoch, 4), round(0.72 * 0.92**epoch, 4)) for epoch in range(1, 31)]
    if draw.variant:
        lines = [f"Epoch {e}/30\n312/312 - 4s - loss: {a} - val_loss: {b}" for e, a, b in losses]
        return "\n".join(lines).encode()
    return Sheet(["epoch", "loss", "val_loss"], [list(row) for row in losses])


@case(CLEAN, "clean.description", "csv", "csv_fr", "ipynb", "xlsx")
def means_and_deviations(draw: Draw) -> Sheet:
    """Means, deviations and quartiles of large groups; no smallest or largest value."""
    rows: list[list[Value]] = [
        [
            name,
            draw.count(8000, 900),
            draw.between(4, 90),
            draw.between(1, 15),
            draw.random.randint(1, 4),
            draw.random.randint(5, 9),
        ]
        for name in ("Durée de séjour (jours)", "Âge (ans)", "Score IGS II", "Nombre de consultations", "HbA1c (%)")
    ]
    return Sheet(["Variable", "n", "moyenne", "ecart_type", "q1", "q3"], rows)


@case(CLEAN, "clean.description", "csv", "parquet", "xlsx")
def correlations(draw: Draw) -> Sheet:
    """Matrix of correlations."""
    names = ["age", "imc", "hba1c", "pas", "charlson"]
    matrix = np.corrcoef(draw.numpy.normal(size=(5, 400)) + draw.numpy.normal(size=400)).round(3)
    rows: list[list[Value]] = [[name, *line.tolist()] for name, line in zip(names, matrix, strict=True)]
    return Sheet(["", *names], rows)


@case(CLEAN, "clean.description", "csv_fr", "csv", "md")
def sample_sizes(draw: Draw) -> Sheet:
    """Persons needed by power and difference: planned, not counted."""
    rows: list[list[Value]] = [
        [power, difference, math.ceil(15.7 * (power / 0.8) / (difference / 100) ** 2 / 8)]
        for power in (0.8, 0.85, 0.9)
        for difference in (5, 8, 10, 15)
    ]
    return Sheet(["puissance", "difference_attendue_pct", "sujets_necessaires_par_bras"], rows)


@case(CLEAN, "clean.description", "csv_fr", "xlsx", "csv")
def delays(draw: Draw) -> Sheet:
    """Medians of delays in days, whole numbers below 11, beside large numbers of patients."""
    rows: list[list[Value]] = [
        [place, draw.count(600, 200), draw.random.randint(2, 9), draw.random.randint(1, 2), draw.random.randint(10, 30)]
        for place in draw.words.places
    ]
    return Sheet(["Ville", "Nombre de patients", "Délai médian (jours)", "Q1", "Q3"], rows)


@case(CLEAN, "clean.regression", ".json", ".json")
def coefficients(draw: Draw) -> bytes:
    """A score's coefficients for reuse."""
    names = ["age", "sexe_m", *(code for code, _ in draw.some(draw.words.drugs, 4))]
    model = {
        "modele": draw.turn("regression_logistique", "cox"),
        "n_entrainement": draw.count(30000, 9000),
        "intercept": round(draw.random.gauss(-3, 0.2), 3),
        "coefficients": {name: round(draw.random.gauss(0, 0.4), 3) for name in names},
        "auc_validation": draw.between(0.6, 0.8, 3),
    }
    return json.dumps(model, ensure_ascii=False, indent=2).encode()


@case(CLEAN, "clean.regression", ".ipynb", ".ipynb")
def several_tables(draw: Draw) -> bytes:
    """A notebook of three results: table 1, model, curve."""
    ratios = odds_ratios(draw)
    risk = at_risk(draw)
    return (
        notebook(
            "# Cohorte\n\nPériode 2015-2022, suivi médian 4 ans.",
            ("tableau", [ratios]),
            ("courbe", [risk]),
            ("len(cohorte)", [f"{draw.count(40000, 20000)}\n"]),
            "Conclusion : association stable dans 3 analyses de sensibilité.",
        )
        if draw.variant
        else in_notebook(risk)
    )
