"""The test phone: a staff member dials as a caller would, and sees what is said as it is said."""
