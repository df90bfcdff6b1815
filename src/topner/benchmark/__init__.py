"""Speed, memory and F1 of topner beside its peers, measured in turns on one machine."""
