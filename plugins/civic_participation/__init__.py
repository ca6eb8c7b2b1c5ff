"""Civic participation."""
