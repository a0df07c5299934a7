"""The knowledge base: what the bank answers, by whom it was reviewed, and how it is found."""
