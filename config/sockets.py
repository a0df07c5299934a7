"""Every WebSocket of the product."""

from django.urls import URLPattern, path

from desktop.agent.consumers import DeskConsumer
from telephony.phone.consumers import PhoneConsumer

urlpatterns: list[URLPattern] = [
    path("ws/desk/", DeskConsumer.as_asgi(), name="desk"),  # type: ignore[arg-type]
    path("ws/phone/", PhoneConsumer.as_asgi(), name="phone"),  # type: ignore[arg-type]
]
