"""Quality of service: what callers say of it."""
