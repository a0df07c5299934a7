from kb.admin import articles, categories, gaps, opinions, synonyms, usage

__all__ = ["articles", "categories", "gaps", "opinions", "synonyms", "usage"]
