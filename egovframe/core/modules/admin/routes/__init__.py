"""The administration's doors."""
