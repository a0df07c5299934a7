from desktop.models.traffic import Traffic

__all__ = ["Traffic"]
