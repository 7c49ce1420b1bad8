"""Tables of counts as systems of linear equations: what a reader can derive of the cells that are not shown. Pure.

- `system`: cells with what is known of each, and the equations between them
- `margins`: the equations of a table, from its totals
- `audit`: the exact interval of every cell that is not shown, by linear programming (HiGHS)

Stands below the rules and knows neither files nor findings.
"""
