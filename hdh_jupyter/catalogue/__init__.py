"""The catalogue of health databases: what a record says, how it comes about, where it is kept, how it is searched.

`facts`, `convention`, `variables`, `model`, `completeness`, `versions` and `search` also run inside a workspace and
import neither SQLAlchemy nor JupyterHub. The rest belongs to the hub zone: `drafting` and `negotiation` are the rules
of a record's life, pure; `forms`, `editing`, `term_forms` and `dictionary_csv` read what people type and send;
`tables`, `store`, `drafts`, `desk`, `desk_views`, `bargaining`, `stewardship` and `access_requests` keep it all; `seed`
and `snapshot` fill the catalogue and show it to workspaces. Imports `audit` and what stands below it, never `projects`.
"""
