"""The supervisor's page: what needs help first, and the floor as it stands."""
