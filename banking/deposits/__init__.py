"""存款: opened out of a demand account, paid into, announced, withdrawn, and paid at maturity.

What each product earns is `banking/interest.py`; here it is looked up, posted and written down.
"""
