"""Rate limits by caller, address and public endpoint."""
