"""How the page writes numbers."""


def grouped(mobile: str) -> str:
    """As it is read: 138****6027 → 138 **** 6027; what is no mobile stays."""
    return f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}" if len(mobile) == 11 else mobile
