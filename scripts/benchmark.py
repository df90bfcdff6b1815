"""``topner benchmark`` as a script, for jobs that launch files."""

from topner.cli import run
from topner.cli.benchmark import benchmark_command

if __name__ == "__main__":
    run(benchmark_command)
