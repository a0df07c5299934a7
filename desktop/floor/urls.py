from django.urls import path

from desktop.floor import views

app_name = "floor"
urlpatterns = [
    path("", views.floor, name="floor"),
    path("callback/<int:call_id>/", views.callback, name="callback"),
]
