from django.urls import path

from kb.public import api

app_name = "help-api"
urlpatterns = [
    path("categories", api.Categories.as_view(), name="categories"),
    path("articles", api.Articles.as_view(), name="articles"),
    path("articles/<slug:key>", api.Article.as_view(), name="article"),
    path("schema", api.Schema.as_view(), name="schema"),
]
