from desktop.models.boards import Board
from desktop.models.traffic import Traffic

__all__ = ["Board", "Traffic"]
