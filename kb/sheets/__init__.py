"""Articles as rows of a spreadsheet, in and out: Excel and CSV, headings in either language.

`files.py` reads bytes into rows and `writing.py` does the reverse; `columns.py` knows what stands
in which column. What the rows mean for the articles that there are is `kb/importing.py`'s.
"""
