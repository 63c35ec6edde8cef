"""`make resource`, `make endpoint`, `make worker`: create all their files; `make unscaffold` removes them.

`names` and `fields` read what was asked for; `resource`, `endpoint` and `worker` say what is written where, from the
texts of files/; `tree` writes it, with everything that is generated from it, and keeps what was there before.
"""
