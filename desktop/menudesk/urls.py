from django.urls import path

from desktop.menudesk import views

app_name = "menudesk"
urlpatterns = [
    path("", views.newest, name="newest"),
    path("<int:version_id>/", views.version, name="version"),
    path("<int:version_id>/<slug:verb>/", views.do, name="do"),
]
