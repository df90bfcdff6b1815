"""``topner predict`` as a script, for jobs that launch files."""

from topner.cli import run
from topner.cli.predict import predict_command

if __name__ == "__main__":
    run(predict_command)
