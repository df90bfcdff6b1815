"""Who speaks: the heads of bodies that a text quotes or sets as headings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from topner.targets.scene import Placed, Scene, within

_TITLE = (
    "(?:党[组委]书记|副?书记|副?[区县市省州镇乡]长|副?主任|副?[局厅处科行校院站队社会所]长|董事长|副?总经理|总裁|经理|主席"
    "|理事长|秘书长|负责人|负责同志|相关负责人|发言人)"
)
_SPEAKS = "(?:说|表示|介绍|提出|透露|告诉|坦言|承诺|答应|回应|讲|认为|答复|表态|的(?:口径|账|算法))"
SAYS = re.compile(rf"^[^，。；、\n]{{0,6}}?{_TITLE}[^。；\n]{{0,24}}?{_SPEAKS}|^(?:承诺|答应|表示|提出|介绍|明确)")
"""What stands behind a body whose head speaks: 局长陈实表示."""
_OPENS = re.compile(rf"^[^，。；：:\n]{{0,8}}?{_TITLE}[^。；：:，\n]{{0,16}}$")
_ANSWER = re.compile(r"[\s　]*(?:[问答]|[一-龥·]{2,4})[:：]")
_NUMBERED = re.compile(r"[\s　]*(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[—·●■]+)?[\s　]*[“《]?$")
_HEADING = 60


class Voices:
    """Who speaks each line of a text.

    A short line that opens with a body and its head (市科技局局长陈实：) speaks for the lines under it, until the next such line
    or another short line that ends in a colon. Answers in an interview are nobody's: half of them speak of the whole place.

    Attributes:
        starts: where lines begin.
        bodies: the body that speaks each; ``None`` where none does.
    """

    def __init__(self, scene: Scene) -> None:
        self.starts: list[int] = []
        self.bodies: list[Placed | None] = []
        heading: Placed | None = None
        start = 0
        for line in scene.text.split("\n"):
            self.starts.append(start)
            self.bodies.append(None if _ANSWER.match(line) else heading)
            if len(line) <= _HEADING:
                heading = _heading(line, start, within(scene.bodies, start, start + len(line)), heading)
            start += len(line) + 1

    def at(self, place: int) -> Placed | None:
        """The body that speaks the line of a place.

        Args:
            place: in the clean text.
        """
        return self.bodies[bisect_right(self.starts, place) - 1]


def _heading(line: str, start: int, bodies: Sequence[Placed], before: Placed | None) -> Placed | None:
    """Who speaks under a short line: the body it opens with, nobody behind another colon, else who spoke before."""
    text = line.rstrip()
    colon = text.endswith(("：", ":"))
    if bodies and _NUMBERED.match(line[: bodies[0].start - start]):
        after = text[bodies[0].end - start :]
        if _OPENS.match(after) or (colon and re.match(rf"[^，。；：:]{{0,8}}?{_TITLE}", after)):
            return bodies[0]
    return None if colon else before
