"""Prompts as text (`zh/`, `en/`: a file a subject), and the renderer that turns them into audio.

The renderer is the optional extra `voice`: what ships is rendered already, and a bank needs it
only for words of its own. `manage.py render_prompts` runs it.
"""
