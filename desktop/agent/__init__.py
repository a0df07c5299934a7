"""The agent's page: her call left, the customer in the middle, what helps her right."""
