from complaints.models.cases import CaseStep, Complaint
from complaints.models.terms import Category, ClockRule

__all__ = ["CaseStep", "Category", "ClockRule", "Complaint"]
