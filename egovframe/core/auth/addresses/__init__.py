"""Changes of e-mail addresses."""
