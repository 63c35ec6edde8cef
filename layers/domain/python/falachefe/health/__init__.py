"""Health checks of the service and its dependencies."""
