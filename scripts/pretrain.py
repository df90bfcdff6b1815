"""``topner pretrain`` as a script, for jobs that launch files (``torchrun`` among them)."""

from topner.cli import run
from topner.cli.pretrain import pretrain_command

if __name__ == "__main__":
    run(pretrain_command)
