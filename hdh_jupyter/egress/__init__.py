"""Results leave a project here: drafted by a member, submitted by its lead, checked, reviewed by two, released.

`model` holds the terms; `states`, `review` and `forms` the rules, pure; `store` the bytes, `tables` and `records` the
rows. `service` is the one door for people (with `intake`, `editing` and `reviewing` behind it), `checks` the worker
(with `check_queue` and `sealed_check`), `release` what leaves. May import `projects`, `audit`, `disclosure`, `db`,
`state`, `bubblewrap`, `errors` and `i18n`; nothing of the web, the gateway, the spawner or the sign-in.
"""
