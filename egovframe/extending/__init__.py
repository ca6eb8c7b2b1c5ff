"""A plugin's life: found, checked, imported, hooked, rehearsed, mounted; or left out and named."""
