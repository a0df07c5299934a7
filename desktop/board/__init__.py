"""The wallboard: six facts on a TV, by a link that needs no log-in and can be revoked."""
