"""Intent parsers: each recognises one kind of request and drafts its tool call."""
