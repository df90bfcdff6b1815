"""What to annotate next: choosing raw texts, suggestions for the annotator's tool, and the reviewed file read back."""
