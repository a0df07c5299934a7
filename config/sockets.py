"""Every WebSocket of the product."""

from django.urls import URLPattern, path

from desktop.agent.consumers import DeskConsumer
from desktop.board.consumers import BoardConsumer
from desktop.floor.consumers import FloorConsumer
from telephony.phone.consumers import PhoneConsumer
from telephony.softphone.consumers import SoftphoneConsumer

urlpatterns: list[URLPattern] = [
    path("ws/board/<str:link>/", BoardConsumer.as_asgi(), name="board"),  # type: ignore[arg-type]
    path("ws/desk/", DeskConsumer.as_asgi(), name="desk"),  # type: ignore[arg-type]
    path("ws/floor/", FloorConsumer.as_asgi(), name="floor"),  # type: ignore[arg-type]
    path("ws/phone/", PhoneConsumer.as_asgi(), name="phone"),  # type: ignore[arg-type]
    path("ws/softphone/", SoftphoneConsumer.as_asgi(), name="softphone"),  # type: ignore[arg-type]
]
