"""What the simulated switch never says and a switch with an access list does."""

_WORDS = b"Access Denied, go away.\n"
REJECTION = b"Content-Type: text/rude-rejection\nContent-Length: %d\n\n%b" % (len(_WORDS), _WORDS)
