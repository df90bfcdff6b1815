"""Masked-language-model pretraining of a BERT encoder on plain text."""
