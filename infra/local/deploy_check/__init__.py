"""`make deploy-check`: checks of a deploy that need no account."""
