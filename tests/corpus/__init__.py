"""Labelled result files in French health flavour, all synthetic, made anew from a seed: `python -m tests.corpus OUT`.

Independent of the rules: it is written from what is asked of disclosure control and from how results are published, and
imports nothing of `hdh_jupyter`. `cases` says what a labelled file is, `words` what it speaks of (in two halves, of
which nobody tunes on the second: even seeds), `writers` how it is written down; `people` invents persons. The other
modules each hold families of files: `clean_*`, `block_*`, `flag`, `groups`.
"""
