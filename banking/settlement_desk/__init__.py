"""The settlement desk (网银落单结算): orders to other banks that need hands, a verb group a module.

An order is claimed by lease (`queue.py`), completed by its maker (`making.py`), checked by
another, above a threshold by two (`checking.py`), set aside and taken up again
(`suspending.py`). What came back and found no account is under suspense until two pay it out
(`suspense.py`). `balancing.py` ties each day's books together, `shift.py` says what is handed
over and how long an order takes. Each verb locks the order first.
"""
