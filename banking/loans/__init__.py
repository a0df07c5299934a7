"""Loans: paid out, repaid by schedule, by order or at night, and what each owes on a day.

What a loan costs is decided in `banking/schedules.py`, values in, values out.
"""
