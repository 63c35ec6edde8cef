"""REST endpoints: `falachefe.http.api.Api`; problem details and the principal stand beside it."""
