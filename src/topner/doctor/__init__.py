"""Is this installation sound: packages, machine, fonts, weights, tokenizer, one prediction."""
