from django.urls import path

from telephony.phone import views

app_name = "telephony"
urlpatterns = [
    path("", views.phone, name="phone"),
    path("calls/<uuid:channel>/", views.record, name="phone_record"),
]
