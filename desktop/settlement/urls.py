from django.urls import path

from desktop.settlement import views

app_name = "settlement"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("queue/", views.queue, name="queue"),
    path("banks/", views.banks, name="banks"),
    path("next/", views.take_next, name="next"),
    path("handover/", views.handover, name="handover"),
    path("suspense/<int:journal_id>/", views.ask_payout, name="payout"),
    path("<int:order_id>/original/", views.original, name="original"),
    path("<int:order_id>/<slug:verb>/", views.do, name="do"),
]
