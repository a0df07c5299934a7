"""REST intake (docs/settlement-intake.md): orders that internet banking hands in, signed.

`signing.py` says what is signed and how; `clients.py` who may sign; `gate.py` lets a request in
once; `orders.py` takes the order on; `api.py` is what HTTP sees of it.
"""
