from django.urls import path

from desktop.studio import views

app_name = "studio"
urlpatterns = [
    path("", views.prompts, name="prompts"),
    path("do/<slug:verb>/", views.do, name="do"),
    path("heard/<path:file>", views.heard, name="heard"),
    path("renderings/<int:order_id>/", views.rendering, name="rendering"),
    path("renderings/<int:order_id>/progress/", views.progress, name="progress"),
    path("renderings/<int:order_id>/<int:place>/", views.tried, name="tried"),
]
