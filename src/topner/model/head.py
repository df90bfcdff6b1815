"""The kinds of head, named apart from the network so that configuration needs no torch."""

from typing import Literal

Head = Literal["softmax", "crf"]
