"""``topner convert`` as a script, for jobs that launch files."""

from topner.cli.convert import convert_command

from topner.cli import run

if __name__ == "__main__":
    run(convert_command)
