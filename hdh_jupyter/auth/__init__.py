"""Who signs in at the hub, and which workspaces that opens.

`roles` gives any authenticator of JupyterHub the rights of the projects' registry; `local` is sign-in with a password
kept by `accounts`; `openid` is sign-in with an identity provider, by `openid_client` (a sign-in and its renewal) with
`openid_settings`, `openid_provider` and `openid_exchange` (what is asked of it), `openid_tokens` and `openid_claims`
(what it says, pure), `openid_people` (what of it goes to the registry), `openid_handlers` (the pages) and
`openid_refusals` (the codes). May import `projects`, `audit`, `db`, `state`, `errors` and `i18n`; no other service.
"""
