from kb.admin import articles, categories, synonyms

__all__ = ["articles", "categories", "synonyms"]
