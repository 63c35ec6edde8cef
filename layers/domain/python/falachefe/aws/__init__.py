"""Adapters to AWS: queues, tables, files, metrics, rate limits, circuit breaker, and the loop of SQS workers."""
