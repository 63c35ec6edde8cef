"""Building blocks without dependencies on other packages: ids, clock, money, text, errors, events, configuration."""
