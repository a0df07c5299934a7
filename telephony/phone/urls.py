from django.urls import path

from telephony.phone import views

app_name = "telephony"
urlpatterns = [
    path("", views.phone, name="phone"),
    path("own/<path:file>", views.own, name="own_recording"),
    path("calls/<uuid:channel>/", views.record, name="phone_record"),
]
