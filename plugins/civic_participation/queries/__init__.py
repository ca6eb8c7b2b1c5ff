"""The reads of civic participation."""
