"""What the page shows of its own accord; other apps register theirs beside it."""
