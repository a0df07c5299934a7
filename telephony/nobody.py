"""What there is for a caller whom nobody drives: the same in both switches' dialplans.

docs/switch-wire.md says how it runs; `telephony/emergencies.py` finds what is left.
"""

WITHIN_S = 2  # a call waits so long for a worker
NOTICE = "nobody.drives"  # the prompts, heard in Mandarin, then in English
INSTRUCTIONS = "nobody.record"
THANKS = "nobody.thanks"
REPORTS = "nobody"  # a folder below the recordings
LONGEST_REPORT_S = 120
