from kb.models.articles import Article, ArticleStep, ArticleVersion, Category
from kb.models.synonyms import Synonyms
from kb.models.usage import Reading, Search

__all__ = [
    "Article",
    "ArticleStep",
    "ArticleVersion",
    "Category",
    "Reading",
    "Search",
    "Synonyms",
]
