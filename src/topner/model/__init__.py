"""The network, its decoding, and what the machine can do."""
