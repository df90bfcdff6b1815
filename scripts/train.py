"""``topner train`` as a script, for jobs that launch files (``torchrun`` among them)."""

from topner.cli import run
from topner.cli.train import train_command

if __name__ == "__main__":
    run(train_command)
