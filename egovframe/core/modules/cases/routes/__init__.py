"""Desk pages, a reporter's own list, and the API of cases."""
