"""日终: what each night does when a day of the bank is over.

Demand interest by quarters, interest of 存本取息, maturing deposits, notices not used. In batches
of one transaction each: killed at any point and run again, a night goes on where it stopped; two
at once share the work. `closing.py` runs it, one module a work.
"""
