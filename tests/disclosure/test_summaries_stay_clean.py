"""Ordinary outputs of regressions pass every rule, as texts: they are what most requests hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

R_LM = """
Call:
lm(formula = y ~ age, data = d)

Residuals:
    Min      1Q  Median      3Q     Max
-3.3371 -0.6919 -0.0760  0.7239  3.6297

Coefficients:
            Estimate Std. Error t value Pr(>|t|)
(Intercept)  0.48392    0.28604   1.692   0.0913 .
age          0.99183    0.00474 209.227   <2e-16 ***
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1

Residual standard error: 1.008 on 498 degrees of freedom
Multiple R-squared:  0.9888,\tAdjusted R-squared:  0.9887
F-statistic: 4.378e+04 on 1 and 498 DF,  p-value: < 2.2e-16
"""
R_ANOVA = """
Analysis of Variance Table

Response: y
           Df Sum Sq Mean Sq  F value Pr(>F)
age         1 404.13  404.13 404.3317 <2e-16 ***
bmi         1   0.37    0.37   0.3707  0.543
Residuals 397 396.80    1.00
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1
"""
STATSMODELS_ANOVA = """
              df      sum_sq     mean_sq           F        PR(>F)
C(sexe)      1.0    0.292742    0.292742    0.291303  5.896925e-01
age          1.0  404.128137  404.128137  402.142093  4.711391e-62
Residual   394.0  395.945817    1.004939         NaN           NaN
"""


@pytest.mark.parametrize("text", [R_LM, R_ANOVA, STATSMODELS_ANOVA], ids=["00", "01", "02"])
def test_ordinary_summaries_pass(judged: Callable[[str, str | bytes], Report], text: str) -> None:
    report = judged("modele.txt", text)
    assert [(finding.key, finding.where) for finding in report.findings] == []
