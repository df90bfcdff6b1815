"""Tagging texts and files."""
