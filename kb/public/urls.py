from django.urls import path

from kb.public import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:code>/", views.category, name="category"),
    path("<slug:code>/<slug:key>/", views.article, name="article"),
    path("<slug:code>/<slug:key>/<int:attachment_id>/", views.file, name="file"),
]
