"""Complaints (投诉): registered, graded, handed to a branch, answered, reviewed, told, archived."""
