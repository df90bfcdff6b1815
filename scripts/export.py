"""``topner export`` as a script, for jobs that launch files."""

from topner.cli import run
from topner.cli.export import export_command

if __name__ == "__main__":
    run(export_command)
