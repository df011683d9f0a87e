"""Addresses."""

from django.urls import path

from django_release.berths import views

urlpatterns = [
    path("", views.harbour, name="harbour"),
    path("berths/<int:number>", views.moor, name="moor"),
    path("api/berths", views.berths, name="berths"),
    path("healthz", views.healthz, name="healthz"),
]
