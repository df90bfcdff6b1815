"""Readers: from the files a person has to documents with raw text."""
