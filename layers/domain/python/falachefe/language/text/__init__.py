"""Text normalization, word lists and names of people."""
