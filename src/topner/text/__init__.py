"""From a raw page to clean text that knows its way back: cleaning steps over an aligned text."""
