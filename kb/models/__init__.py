from kb.models.articles import Article, ArticleStep, ArticleVersion, Category
from kb.models.attachments import Attachment, Document
from kb.models.corrections import Charge, Correction, Hearer, HearerStep, Hearing
from kb.models.feedback import Gap, GapReport, Opinion, Verdict
from kb.models.imports import ArticleFile
from kb.models.meaning import Meaning
from kb.models.procedures import (
    Procedure,
    ProcedureStep,
    ProcedureVersion,
    Walk,
    WalkEnd,
    WalkStep,
)
from kb.models.regulations import Attestation, Regulation, RegulationStep, RegulationVersion
from kb.models.scripts import Script, ScriptReading, ScriptStep, ScriptVersion
from kb.models.synonyms import Synonyms
from kb.models.usage import Reading, Receipt, Search

__all__ = [
    "Article",
    "ArticleFile",
    "ArticleStep",
    "ArticleVersion",
    "Attachment",
    "Attestation",
    "Category",
    "Charge",
    "Correction",
    "Document",
    "Gap",
    "GapReport",
    "Hearer",
    "HearerStep",
    "Hearing",
    "Meaning",
    "Opinion",
    "Procedure",
    "ProcedureStep",
    "ProcedureVersion",
    "Reading",
    "Receipt",
    "Regulation",
    "RegulationStep",
    "RegulationVersion",
    "Script",
    "ScriptReading",
    "ScriptStep",
    "ScriptVersion",
    "Search",
    "Synonyms",
    "Verdict",
    "Walk",
    "WalkEnd",
    "WalkStep",
]
