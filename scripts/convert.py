"""``topner convert`` as a script, for jobs that launch files."""

from topner.cli import run
from topner.cli.convert import convert_command

if __name__ == "__main__":
    run(convert_command)
