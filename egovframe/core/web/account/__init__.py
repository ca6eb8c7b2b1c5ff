"""Pages and API of accounts: sign-in, registration, recovery, profile, devices, tokens. The verbs are in ``core.auth``.

They stand in the web room because auth stands below it (docs/decisions/0001, 2).
"""
