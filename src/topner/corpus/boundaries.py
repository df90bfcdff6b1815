"""Mentions whose ends, or whose presence, break a rule of the annotation guidelines.

The rules read the surface alone and know the default labels; a label set without TARGET, ORG or PROJECT meets fewer of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from topner.corpus.suspicion import Kind, Suspicion, free, suspect, suspect_untagged
from topner.document import Document, Mention
from topner.labels import OUTSIDE, PROJECT, TARGET

_DIGIT = "0-9０-９"
_GROUP = rf",[{_DIGIT}]{{3}}(?![{_DIGIT}])"
_NUMBER = rf"[{_DIGIT}]+(?:{_GROUP})*(?:[.．][{_DIGIT}]+)?"
_UNIT = (
    r"(?:[十百千万亿]*(?:个百分点|美元|欧元|人次|人民币|平方米|平方公里|立方米|公里|千瓦时?|元|吨|亩|公顷|米|度|人|户|家|"
    r"个|项|条|座|所|名|台|套|件|篇|辆|艘|架|株|头|只|羽|场|次|批|处|栋|幢|间|床|张|岁|天|倍|成|强|位|宗|期|类|村|镇)|"
    r"[%％‰]|[十百千万亿]+)(?:以[上下内外]|左右)?"
)
_NUMBER_RIGHT = re.compile(_NUMBER)
_CUT_RIGHT = re.compile(rf"(?<=[{_DIGIT}十百千万亿]){_UNIT}|(?<=[{_DIGIT}])(?:[.．]?[{_DIGIT}]+|{_GROUP})(?:{_UNIT})?")
_HEDGE_RIGHT = re.compile(r"(?:以[上下内外]|左右)(?![海蒙资])")
_CUT_LEFT = re.compile(rf"[{_DIGIT}]+[.．]?$")
_HEDGE_LEFT = re.compile(r"(?:不(?:低于|少于|高于|超过|突破)|超过?|突破|至少|逾|约|(?<!附)近|达到?|控制在)$")
_MADE = (
    "新增|新引进|引进|承接|建成|新建|共建|改造|组建|培育|认定|完成|实施|取得|安排|组织|发展|创建|举办|推介|开工|"
    "增长|增加|提高|下降|降低|减少|压减|招收|招引|投放|发放"
)
_VERB_LEFT = re.compile(rf"(?:{_MADE})$")
_QUANTITY_FIRST = re.compile(rf"[{_DIGIT}]")
_INTENT = re.compile(
    r"(?:(?:力争|力求|确保|争取(?!.{0,6}(?:资金|投资|债券|国债|专项|支持))|实现|全力(?:以赴)?|推动|冲刺|努力|"
    r"今年|明年|本年度?|到?(?:20|２０)[0-9０-９]{2}年(?:底|末)?|再用[^，。；]{1,6}年)[，,]?)+"
)
_SUBJECT = re.compile(
    rf"(?:我[省市县区州盟旗镇乡国](?![段籍境])|全[省市县区州盟旗镇乡](?=(?:{_MADE})[超约近]?[{_DIGIT}]))"
)
_PROMISED = re.compile(
    rf"(?:力争|力求|确保|争取)(?P<target>[^，。；、：！？（）\n]{{0,16}}?(?:[超约近逾])?{_NUMBER}(?!年|月|日|时|号){_UNIT})"
)
_WRAPPER = re.compile(r"(?:这一|这个|的)目标$|[的和及与或等]$")
_QUANTITY = re.compile(
    rf"[{_DIGIT}ⅠⅡⅢⅣⅤ%％]|(?!一般|一体|一流|一批|统一|一定|千方百计|万众)[一二三四五六七八九十两百千万亿〇零半]|"
    r"几[个家项条座倍成]|全部|全覆盖|全面|清零|同步|持平|平均|翻番|倍增|减半|[高低快慢优多少]于|不[高低超少突]|不断档|达标|超过|同等|"
    r"以[内上下]|任务|控制数|指标|目标|要求|标准|水平|应.尽.|[首末]位|前列|中游|上游|归零|(?:数|值|线|量)(?:之内|以内)"
)
_MANAGED = re.compile(r"(?:加快|推进|推动|启动|续建|抓好|支持|开展|深化|加强|大力|全力|继续|加大|落实)(?=.{3})")
_BUILT = re.compile(
    r"(?<=铁路|公路|高速|大桥|机场|园区|新区|基地|工程|项目|中心|水库|港口|码头|校区|新城|地铁|号线|发区|范区)"
    r"(?:建设|开工|投产|通车|竣工|施工)$"
)
_TITLE = re.compile(
    r"(?:党组|党委|党工委)?(?:副?书记|副?局长|副?主任|副?行长|副?校长|副?院长|副?部长|副?厅长|副?处长|董事长|总经理|"
    r"副?镇长|副?县长|副?市长|副?区长|副?省长|副?主席|副?所长|负责人|秘书长|总工程师)(?:[、，]?副?[局厅部院校行所]长|、?主任)*$"
)
_GENERIC = re.compile(
    r"该[^、]{0,8}$|各(?:级|有关|相关|市|县|区|镇|乡|单位|部门|地)|有关|相关|我[省市县区州盟旗镇乡国]$|"
    r"(?:企业|部门|高校|高校院所|专业园区|重点项目|院所|单位|园区|项目|银行|医院|学校)$"
)
_THIS = re.compile(r"(?:^|[，。；、：\n])该$")
_WORKS = re.compile(r"《[^《》\n]*》")
_QUOTED = re.compile(r"“([^“”]*)”")
_SUFFIX = r"(?:工程|行动|计划|项目|大赛|活动|攻坚战|基金|战略|试点)"
_SUFFIX_BEHIND = re.compile(rf"”{_SUFFIX}")
_ENDS_IN_SUFFIX = re.compile(rf"{_SUFFIX}$")

_REACH = 12

_HEADS: tuple[tuple[Kind, re.Pattern[str], str], ...] = (
    ("intent", _INTENT, "begins with intent or time"),
    ("subject", _SUBJECT, "begins with who acts"),
)
_GRANTED = re.compile(r"资金|债券|国债|贷款|补助|专项")

_Rule = Callable[[Document, Mention], Iterator[Suspicion]]


def boundary_suspicions(documents: Sequence[Document]) -> Iterator[Suspicion]:
    """Mentions that break a rule of the guidelines.

    The kinds are, for a TARGET, ``cut`` (its number, unit or bound goes on outside), ``intent`` (begins with 力争, 实现, a
    year ...), ``subject`` (begins with who acts), ``verb outside`` (begins with its quantity, the verb that makes it stands
    in front), ``wrapper`` (ends in 的目标 or a function word) and ``no quantity``; for the names ``name edge`` (a verb, 建设
    or a job title is inside), ``generic`` (no name at all), ``in a title`` (inside 《》), ``quotes`` (quotation marks that
    should be out, or in), and ``cut`` inside a number.
    """
    for document in documents:
        for mention in document.mentions:
            for rule in _RULES:
                yield from rule(document, mention)


def untagged_targets(documents: Sequence[Document], label: str = TARGET) -> Iterator[Suspicion]:
    """Untagged quantities that an intent promises (确保…增长5%); kind ``untagged target``.

    Money applied for is left out: 争取 stands before it in reports of what has been got as well.

    Args:
        documents: with gold mentions.
        label: label of targets.
    """
    for document in documents:
        spans = (promise.span("target") for promise in _PROMISED.finditer(document.text))
        for start, end in free(document, spans):
            if not _GRANTED.search(document.text, start, end):
                yield suspect_untagged(
                    "untagged target", document, (start, end, label), "a promised quantity is untagged"
                )


def _cut(document: Document, m: Mention) -> Iterator[Suspicion]:
    text, start, end = document.text, m.start, m.end
    if m.label == TARGET:
        right = _CUT_RIGHT.match(text, end) or _HEDGE_RIGHT.match(text, end)
        left = _QUANTITY_FIRST.match(m.text) and (_before(_CUT_LEFT, text, start) or _before(_HEDGE_LEFT, text, start))
    else:
        right = _NUMBER_RIGHT.match(text, end) if re.search(rf"[{_DIGIT}]$", m.text) else None
        left = _before(_CUT_LEFT, text, start) if _QUANTITY_FIRST.match(m.text) else None
    if right or left:
        span = (left.start() if left else start, right.end() if right else end, m.label)
        outside = "”, “".join(part[0] for part in (left, right) if part)
        yield suspect("cut", document, m, f"the quantity goes on outside: “{outside}”", span)


def _target_ends(document: Document, m: Mention) -> Iterator[Suspicion]:
    if m.label != TARGET:
        return
    for kind, pattern, reason in _HEADS:
        found = pattern.match(m.text)
        if found and found.end() < len(m.text):
            span = (m.start + found.end(), m.end, m.label)
            yield suspect(kind, document, m, f"{reason}: “{found[0]}”", span)
    verb = _before(_VERB_LEFT, document.text, m.start) if _QUANTITY_FIRST.match(m.text) else None
    if verb:
        span = (verb.start(), m.end, m.label)
        yield suspect("verb outside", document, m, f"the verb in front belongs to it: “{verb[0]}”", span)
    tail = _WRAPPER.search(m.text)
    if tail and tail.start() and _QUANTITY.search(m.text, 0, tail.start()):
        span = (m.start, m.start + tail.start(), m.label)
        yield suspect("wrapper", document, m, f"ends in “{tail[0]}”", span)


def _no_quantity(document: Document, m: Mention) -> Iterator[Suspicion]:
    if m.label == TARGET and not _QUANTITY.search(m.text):
        yield suspect("no quantity", document, m, "no number, rank, bound or benchmark in it", (*m.span, OUTSIDE))


def _name_ends(document: Document, m: Mention) -> Iterator[Suspicion]:
    if m.label == TARGET:
        return
    if _GENERIC.match(m.text) or _before(_THIS, document.text, m.start):
        yield suspect("generic", document, m, "a generic noun, no name", (*m.span, OUTSIDE))
    head = _MANAGED.match(m.text) if m.label == PROJECT else None
    tail = (_BUILT if m.label == PROJECT else _TITLE).search(m.text)
    if head or (tail and tail.start()):
        span = (m.start + (head.end() if head else 0), m.start + (tail.start() if tail else len(m.text)), m.label)
        outside = "”, “".join(part[0] for part in (head, tail) if part)
        yield suspect("name edge", document, m, f"does not belong to the name: “{outside}”", span)


def _cited(document: Document, m: Mention) -> Iterator[Suspicion]:
    line = document.text.rfind("\n", 0, m.start) + 1
    for work in _WORKS.finditer(document.text, line):
        if work.start() >= m.end:
            return
        if work.start() <= m.start and m.end <= work.end():
            yield suspect("in a title", document, m, f"nothing is tagged inside {work[0]}", (*m.span, OUTSIDE))


def _quotes(document: Document, m: Mention) -> Iterator[Suspicion]:
    if m.label == TARGET:
        return
    whole = _QUOTED.fullmatch(m.text)
    if whole and whole[1]:
        span = (m.start + 1, m.end - 1, m.label)
        yield suspect("quotes", document, m, "the whole name is quoted: its quotes stay outside", span)
    behind = _SUFFIX_BEHIND.match(document.text, m.end)
    if behind and document.text[m.start - 1 : m.start] == "“" and not _ENDS_IN_SUFFIX.search(m.text):
        span = (m.start - 1, behind.end(), m.label)
        yield suspect("quotes", document, m, f"the name goes on behind its quotes: “{behind[0][1:]}”", span)


def _before(pattern: re.Pattern[str], text: str, end: int) -> re.Match[str] | None:
    """Where the pattern ends right before a position; it may be ``_REACH`` code points long."""
    return pattern.search(text, max(end - _REACH, 0), end)


_RULES: tuple[_Rule, ...] = (_cut, _target_ends, _no_quantity, _name_ends, _cited, _quotes)
