"""``topner evaluate`` as a script, for jobs that launch files."""

from topner.cli import run
from topner.cli.evaluate import evaluate_command

if __name__ == "__main__":
    run(evaluate_command)
