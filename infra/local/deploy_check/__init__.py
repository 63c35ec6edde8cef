"""`make deploy-check`: all that can be known of a deploy without an account."""
