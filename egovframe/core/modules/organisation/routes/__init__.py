"""API of the organisation."""
