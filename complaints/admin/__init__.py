from complaints.admin import cases, terms

__all__ = ["cases", "terms"]
