"""Which row a person means by "o último", "a gasolina de ontem", "a de 150", "o 2" or "isso"."""
