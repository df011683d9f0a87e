"""A harbour begins with a jetty of six berths."""

from django.db import migrations


def build(apps, schema_editor):
    berth = apps.get_model("berths", "Berth")
    for number in range(1, 7):
        berth.objects.get_or_create(number=number)


class Migration(migrations.Migration):
    dependencies = [("berths", "0001_berths")]
    operations = [migrations.RunPython(build, migrations.RunPython.noop)]
