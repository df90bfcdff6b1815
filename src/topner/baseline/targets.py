"""TARGET by regular expressions: how far rules get without a trained model.

A clause with a quantity is a target unless the words around it say that the result is already there, that it only
describes, or that it dates. The span runs from behind what introduces it (intent, time, who acts) to the quantity's end or
the noun it counts. The rules follow the annotation guidelines and were written with training documents of the corpus in
view. The quantities are those of :mod:`topner.targets.quantity`, whose author also saw documents of dev and test: where
that makes a difference it favours the baseline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from topner.targets.quantity import Quantity, find_quantities
from topner.targets.units import counts
from topner.targets.verbs import DELIVER

_CLAUSE = re.compile(
    r"(?:[^，,；;：:。！？!?\n\s—（）()]|(?<=[0-9])[,:](?=[0-9])|(?<=[0-9%])—+(?=[0-9])|（[^0-9（），。；]{1,8}）)+"
)
_PAST = re.compile(
    r"去年|上年|前年|往年|昨[天日年]|以往|过去|同期|已[经建完达成有到被先在由签开获]?|截至|截止|以来|目前|现有|现在|当前|眼下|如今|"
    r"刚刚|曾|(?<![为达不除])[成到完出过]了|先后|原来|原有|历年|连续[0-9一二三四五六七八九十]+年|首次|同比|[1１]—|年均(?=增长.*了)|"
    r"完成情况|回顾|分别增长|获评|没有|只有|不足|仅|累计(?!缴|带|培|投)|实际(?!到|使|利)|仍"
)
_FUTURE = re.compile(
    r"今年(?![0-9以上]|前[一二三四五六七八九])|今[冬春夏秋]|明年|后年|下半年|下一步|下一年|力争|确保|争取|拟|(?<!即)将|(?<![主需重])要(?!求|素|点)|"
    r"目标|预期|预计|年内|年底前?|底前|月前|本年|打算|承诺|答应|准备|到(?:20[0-9]{2}|“?十[一二三四五]五)|届时|投产后|达产后|建成后|"
    r"(?:[两三四五六]|[2-6])年(?:内|再|里)|必须|应当|安排|任务|推动|冲刺|不低于|不少于|以内|左右|达到"
)
_DESCRIBES = re.compile(
    r"(?<![拥所持])有(?![效序机望条])|来自|总投资|占地|平均每|相当于|约合|距|高出|差|了|[0-9万亿千百十]多|来的|每(?![年千百万])|的[^0-9]{1,8}$"
)
_TIME = (
    r"(?:(?:在|到|从|自)?(?:20[0-9]{2}|[0-9]{1,2}|[今明后当本全每]|“?十[一二三四五]五”?|[一二三四五六两三]+)(?:年|个?月|个?季度|期间)"
    r"(?:[0-9]{1,2}月)?(?:上半年|下半年)?(?:底|末|内|里|前|后|中|度|起|初|间|之内|之前|以后|以内)*|今[冬春夏秋]|年[内底末中]前?|届时|"
    r"(?:投产|达产|建成|投用|完工|竣工|投运|通车|投运)后|[上下]半年|[一二三四]季度)"
)
_INTENT = (
    r"(?:力争|确保|争取|实现|全力|努力|积极|大力|切实|必须|务必|务求|推动|推进|冲刺|力促|力保|预期目标|预期|预计|计划|打算|准备|承诺|答应|"
    r"拟|将|需要|要|应(?!收|急|届|税)|须|可|能|把|让|使|目标是?|任务是?|合计|一?共)"
)
_FRONT = re.compile(
    rf"^(?:[一二三四五六七八九十]+[是、．.]|[0-9]+[．.、](?![0-9])|其中|同时|此外|另外|并且?|且|以及|还|也|又|都|先|再|就|首批|首期|逐步|"
    rf"全面(?!建)|{_INTENT}|{_TIME}|我[省市区县州旗镇乡]|[、和及与])+"
)
_INSIDE = re.compile(
    rf"^.{{0,30}}(?:{_TIME}|力争|确保|争取|计划(?!投资|数)|打算|拟|将|(?<![主需重])要(?!求|素|点)|再|承诺|答应|以后|(?:春耕|开学|汛期|入冬|春节|国庆|封冻)前|(?:目标|任务|数|指标|责任)是)+(?=.)"
)
_SUBJECT = re.compile(
    rf"^.{{0,24}}?(?:局|委|厅|办|院|中心|公司|集团|银行|联?社|学校|大学|医院|[省市区县州旗镇乡村])(?=(?:{DELIVER}|投入|投资|投放|招用|拿出))"
)
_TAIL = re.compile(r"^[^、]{1,16}?(?=$|[、的]|投入|投身|用于|参加|并|供|由|以|和[0-9一二三四五六七八九十两百千]|与)")
_NOT_BEHIND = re.compile(r"^(?:来|前|后|起|时|之一|以来|内(?!$)|间|里|的?(?:一半|补贴|奖励|罚款))")
_WORDED = re.compile(
    r"^.{2,30}(?:(?:不低于|高于|快于|低于|不高于|快过)[^0-9]{2,16}|与[^0-9]{2,16}(?:基本)?同步|(?:为|归|清)零|全部[^0-9的]{2,8}|全覆盖)$"
)
_LONE = re.compile(r"[一二两三四五六七八九十]")


def find_targets(text: str) -> list[tuple[int, int]]:
    """The spans that the rules take for targets.

    Args:
        text: clean text.

    Returns:
        Half-open code points of ``text``, sorted, not overlapping.
    """
    found: list[tuple[int, int]] = []
    promised = False
    for clause in _CLAUSE.finditer(text):
        past, future = _last(_PAST, clause[0]), _last(_FUTURE, clause[0])
        if past or future:
            promised = future > past
        if promised and not _DESCRIBES.search(clause[0]):
            found += [(clause.start() + start, clause.start() + end) for start, end in _spans(clause[0])]
    return found


def _last(pattern: re.Pattern[str], text: str) -> int:
    """One past the start of the last match; 0 without one."""
    return max((match.start() + 1 for match in pattern.finditer(text)), default=0)


def _spans(clause: str) -> Iterator[tuple[int, int]]:
    quantities = [quantity for quantity in find_quantities(clause) if _is_goal(quantity, clause)]
    begin = 0
    for number, quantity in enumerate(quantities):
        following = quantities[number + 1].start if number + 1 < len(quantities) else len(clause)
        if following < len(clause) and not re.search("[、和及与并]", clause[quantity.end : following]):
            continue  # the size of what is counted next: 亿元以上项目50个
        end = quantity.end
        if counts(quantity.unit) or not quantity.unit:
            tail = _TAIL.match(clause[end:following])
            end += tail.end() if tail else 0
        start = _start(clause, begin, quantity.start)
        if start < end:
            yield start, end
        begin = end
    if not quantities and _WORDED.match(clause):
        yield _start(clause, 0, len(clause)), len(clause)


def _start(clause: str, begin: int, end: int) -> int:
    """Where the indicator or its verb begins, in a head of a clause."""
    for pattern in (_INSIDE, _SUBJECT, _FRONT):
        match = pattern.match(clause[begin:end])
        begin += match.end() if match else 0
    return begin


def _is_goal(quantity: Quantity, clause: str) -> bool:
    if _NOT_BEHIND.match(clause[quantity.end :]):
        return False
    if (
        quantity.unit in ("年", "月", "日", "天", "期", "代", "段", "层", "线", "路", "区")
        and quantity.comparator == "="
    ):
        return False
    written = clause[quantity.start : quantity.end]
    return not (quantity.shape == "plain" and quantity.comparator == "=" and _LONE.match(written)) or bool(
        re.search(rf"(?:{DELIVER})$", clause[: quantity.start])
    )
