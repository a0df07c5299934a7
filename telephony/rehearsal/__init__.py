"""Saved calls: the real walker on a scripted line, in a transaction that never commits.

docs/decisions/007-saved-calls.md says why so.
"""
