"""Second factors: an app that counts (TOTP), passkeys, recovery codes; the steps of a sign-in, and its history."""
