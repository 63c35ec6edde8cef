"""Stand-ins for services of others: RDS Proxy, OpenAI, the Lambda runtime interface."""
