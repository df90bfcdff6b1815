"""Baselines: what a trained tagger is measured against."""
