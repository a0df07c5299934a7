"""A busy day on the simulated switch: callers with wishes and patience, agents who answer.

Everything goes the way that people go: callers dial and press keys, agents sign in, answer and
write up. Nothing is written that a person could not have done.
"""
