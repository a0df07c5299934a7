from kb.admin import articles, categories

__all__ = ["articles", "categories"]
