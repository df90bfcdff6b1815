"""From documents to training windows."""
