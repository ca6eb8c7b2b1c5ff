"""The common modules: one room each, the same rooms as a plugin."""
