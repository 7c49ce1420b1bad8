"""The catalogue of health databases: what a record says, where it is kept, how it is searched.

`facts`, `convention`, `variables`, `model` and `search` also run inside a workspace and import neither SQLAlchemy nor
JupyterHub; `tables`, `store`, `seed` and `snapshot` belong to the hub zone. Imports `audit` and what stands below it,
never `projects`.
"""
