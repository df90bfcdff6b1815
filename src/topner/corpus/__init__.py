"""The corpus as a data set: what it holds, whether it agrees with itself, how far annotators agree."""
