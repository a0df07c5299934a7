"""Every WebSocket of the product."""

from django.urls import URLPattern, path

from telephony.phone.consumers import PhoneConsumer

urlpatterns: list[URLPattern] = [
    path("ws/phone/", PhoneConsumer.as_asgi(), name="phone"),  # type: ignore[arg-type]
]
