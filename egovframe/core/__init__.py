"""The core: what every city service stands on."""
