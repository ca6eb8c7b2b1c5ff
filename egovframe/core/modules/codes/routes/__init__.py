"""Routes of the codes room."""
