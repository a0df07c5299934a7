"""What everybody may read, without a log-in: the help pages and their REST (docs/knowledge.md).

`answers.py` alone says what that is. Pages and REST ask nothing else, so that an article which is
not public, or not answered now, is there by no address, no search and no count.
"""
