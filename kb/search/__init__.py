"""Finding the article that answers: an index in each process, kept in step with the database."""
