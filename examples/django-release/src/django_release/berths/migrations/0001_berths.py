"""The table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Berth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("boat", models.CharField(blank=True, max_length=60)),
                ("since", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["number"]},
        ),
    ]
