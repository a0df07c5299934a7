from kb.models.articles import Article, ArticleStep, ArticleVersion, Category

__all__ = ["Article", "ArticleStep", "ArticleVersion", "Category"]
