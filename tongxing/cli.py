import os, sys
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(["tongxing", *sys.argv[2:]])
