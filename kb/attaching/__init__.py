"""What a file is, by what is in it: values in, values out. Nothing of it is ever run.

A file comes from somebody's mail and will be opened by agents and by everybody who reads the help
pages. What is not certainly one of a few harmless kinds is refused, with the reason.
"""
