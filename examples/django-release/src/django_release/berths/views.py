"""Pages and API."""

from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from django_release.berths.models import Berth


@require_safe
def harbour(request):
    """The jetty."""
    return render(request, "berths/harbour.html", {"berths": Berth.objects.all()})


@require_POST
def moor(request, number):
    """A boat comes, or goes when the name is empty."""
    berth = get_object_or_404(Berth, number=number)
    berth.boat = request.POST.get("boat", "").strip()[:60]
    berth.save()
    return redirect("harbour")


@require_safe
def berths(request):
    """Who lies where."""
    return JsonResponse({"berths": [{"number": berth.number, "boat": berth.boat} for berth in Berth.objects.all()]})


@require_safe
def healthz(request):
    """200 while the database answers, 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "no answer"}, status=503)
    return JsonResponse({"database": "ok"})
