"""How the reader's language puts words together, for templates."""

from django import template

from people import words

register = template.Library()
register.filter("listed", words.listed)
