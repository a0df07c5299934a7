from django.urls import path

from kb import views

app_name = "kb"
urlpatterns = [path("file/<int:attachment_id>/", views.file, name="file")]
