"""Sound and its transcript come in; when each syllable is said goes out."""
