"""The life of a turn: start, claim, run, tool calls, hand-over, reply, and the sweep of what got stuck."""
