from kb.admin import (
    articles,
    calling_back,
    categories,
    corrections,
    gaps,
    imports,
    opinions,
    procedures,
    regulations,
    scripts,
    synonyms,
    usage,
)

__all__ = [
    "articles",
    "calling_back",
    "categories",
    "corrections",
    "gaps",
    "imports",
    "opinions",
    "procedures",
    "regulations",
    "scripts",
    "synonyms",
    "usage",
]
