"""Compare libraries that read Chinese numbers, and our own reader, on the hard quantities of ``tests/targets``."""

from __future__ import annotations

import contextlib
import csv
import importlib
import io
import re
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from topner.cli import run

CASES = Path(__file__).parents[1] / "tests" / "targets" / "hard_quantities.tsv"
_DIGITS = "0-9０-９零〇一二两三四五六七八九十百千万亿廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
NUMERAL = re.compile(f"[-－]?[{_DIGITS}][{_DIGITS}点.．,，]*")
WRITTEN = re.compile(
    r"(?P<over>\d+)/(?P<under>\d+)|(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?)(?P<places>[十百千万亿]*)(?P<unit>%?)"
)
PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
MONEY = {"accurate": {"="}, "blur+": {">", ">="}, "blur-": {"<", "<=", "about"}, "blur": {"about", "between"}}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a contender made of one quantity; unit and comparator are ``None`` where it offers none."""

    value: Fraction | None
    high: Fraction | None = None
    unit: str | None = None
    comparators: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A phrase with the one quantity in it (none: no value) and the kind of trouble it makes."""

    text: str
    gold: Reading
    category: str

    def same_value(self, reading: Reading | None) -> bool:
        """Whether the value is right, to nine digits for the sake of floating point."""
        return _same(self.gold.value, reading.value if reading else None)


Reader = Callable[[str], list[Reading]]


def arabic(text: str) -> list[Reading]:
    """The control: Arabic numbers with 万 and 亿 behind them, fractions in percent. Also reads what a rewriter rewrote."""
    found = []
    for match in WRITTEN.finditer(unicodedata.normalize("NFKC", text)):
        if match["over"]:
            value = Fraction(int(match["over"]) * 100, int(match["under"]) or 1)
        else:
            value = Fraction(match["number"].replace(",", ""))
            for place in match["places"]:
                value *= PLACES[place]
        found.append(Reading(value))
    return found


def numerals(parse: Callable[[str], Any]) -> Reader:
    """A reader that hands each stretch of numeral characters to a function for numbers alone."""

    def read(text: str) -> list[Reading]:
        found = []
        for match in NUMERAL.finditer(text):
            with contextlib.suppress(Exception):  # each library refuses in its own way
                value = parse(match[0].strip(".,．，点"))
                found.append(Reading(Fraction(str(value))))
        return found

    return read


def cn2an_transform() -> Reader:
    """``cn2an.transform`` rewrites the text, the control reads it."""
    rewrite = importlib.import_module("cn2an").transform
    return lambda text: arabic(rewrite(text, "cn2an"))


def cn2an_smart() -> Reader:
    """``cn2an.cn2an(…, "smart")`` for each numeral."""
    parse = importlib.import_module("cn2an").cn2an
    return numerals(lambda numeral: parse(numeral, "smart"))


def pycnnum() -> Reader:
    """``pycnnum.cn2num`` for each numeral."""
    return numerals(importlib.import_module("pycnnum").cn2num)


def chinesenumberutils() -> Reader:
    """``cnc.chinese2number`` of ChineseNumberUtils for each numeral."""
    return numerals(importlib.import_module("cnc.convert").chinese2number)


def wetext() -> Reader:
    """The inverse text normalisation of WeTextProcessing rewrites the text, the control reads it."""
    normalizer = importlib.import_module("wetext").Normalizer(lang="zh", operator="itn")
    return lambda text: arabic(normalizer.normalize(text))


def chinese2digits() -> Reader:
    """``takeNumberFromString``; what it found with a percent sign or 分之 in it is brought to percent."""
    take = importlib.import_module("chinese2digits").takeNumberFromString

    def read(text: str) -> list[Reading]:
        taken = take(text)
        pairs = zip(taken["CHNumberStringList"], taken["digitsStringList"], strict=True)
        return [
            Reading(Fraction(digits) * (100 if re.search("[%‰]|分之", written) else 1)) for written, digits in pairs
        ]

    return read


def jionlp() -> Reader:
    """``jionlp.ner.extract_money``, which parses what it finds: the one reader of quantities that JioNLP has."""
    extract = importlib.import_module("jionlp").ner.extract_money

    def read(text: str) -> list[Reading]:
        found = []
        for entity in extract(text, with_parsing=True):
            detail = entity["detail"]
            low, high = detail["num"] if isinstance(detail["num"], list) else (detail["num"], None)
            comparators = frozenset(MONEY.get(detail["definition"], ()))
            found.append(Reading(Fraction(low), high and Fraction(high), detail["case"], comparators))
        return found

    return read


def recognizers() -> Reader:
    """Microsoft Recognizers-Text: number, ordinal, percentage, currency and dimension; the longest where they overlap."""
    number = importlib.import_module("ms_recognizers_number")
    unit = importlib.import_module("ms_recognizers_number_with_unit")
    models = (
        unit.recognize_currency,
        unit.recognize_dimension,
        number.recognize_percentage,
        number.recognize_ordinal,
        number.recognize_number,
    )

    def read(text: str) -> list[Reading]:
        results = [result for recognize in models for result in recognize(text, "zh-cn") if result.resolution["value"]]
        numbers = [result for result in results if result.type_name == "number"]
        kept: list[Any] = []
        for result in sorted(results, key=lambda result: result.start - result.end):
            if not any(result.start <= other.end and other.start <= result.end for other in kept):
                kept.append(result)
        found = []
        for result in sorted(kept, key=lambda result: result.start):
            value = Fraction(result.resolution["value"].rstrip("%"))
            written = None
            if result.type_name == "percentage":
                written = "%"
            elif result.type_name in (
                "currency",
                "dimension",
            ):  # its own unit names are English: compare the written one
                ends = [other.end for other in numbers if result.start <= other.start and other.end <= result.end]
                written = text[max(ends, default=result.end) + 1 : result.end + 1]
            elif "分之" in result.text:
                value *= 100
            found.append(Reading(value, None, written))
        return found

    return read


def topner() -> Reader:
    """Our own ``find_quantities``."""
    find = importlib.import_module("topner.targets.quantity").find_quantities
    return lambda text: [Reading(q.value, q.high, q.unit, frozenset([q.comparator])) for q in find(text)]


CONTENDERS: tuple[Callable[[], Reader], ...] = (
    cn2an_transform,
    cn2an_smart,
    pycnnum,
    chinesenumberutils,
    chinese2digits,
    wetext,
    jionlp,
    recognizers,
    topner,
)


def read_cases(path: Path) -> list[Case]:
    """The hard quantities, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as rows:
        return [
            Case(
                row["text"],
                Reading(
                    Fraction(row["value"]) if row["value"] else None,
                    Fraction(row["value_max"]) if row["value_max"] else None,
                    row["unit"],
                    frozenset([row["comparator"]]),
                ),
                row["category"],
            )
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def load() -> Iterator[tuple[str, Reader | Exception]]:
    """Each contender that can be imported, and why the others cannot."""
    yield "control", arabic
    for contender in CONTENDERS:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield contender.__name__, contender()
        except Exception as error:  # a broken package is a finding, not the end
            yield contender.__name__, error


def read_all(reader: Reader, cases: list[Case]) -> list[list[Reading]]:
    """What the reader makes of each case; a phrase it fails on counts as nothing found."""
    readings = []
    for case in cases:
        found: list[Reading] = []
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            found = reader(case.text)
        readings.append([reading for reading in found if reading.value is not None])
    return readings


def score(cases: list[Case], readings: list[list[Reading]]) -> dict[str, str]:
    """Right answers over all cases that have the field; ``-`` where the contender does not offer it."""
    first = [found[0] if found else None for found in readings]
    valued = [(case.gold, reading) for case, reading in zip(cases, first, strict=True) if case.gold.value is not None]
    ranges = [(gold, reading) for gold, reading in valued if gold.high is not None]
    given = [reading for found in readings for reading in found]
    whole = sum(
        case.same_value(reading)
        and (reading is None or (_same(case.gold.high, reading.high) and _unit(case.gold, reading)))
        and (reading is None or _binds(case.gold, reading))
        for case, reading in zip(cases, first, strict=True)
    )
    return {
        "value": f"{sum(map(Case.same_value, cases, first))}/{len(cases)}",
        "value, whichever": f"{sum(map(_any_value, cases, readings))}/{len(cases)}",
        "upper value": f"{sum(r is not None and _same(g.high, r.high) for g, r in ranges)}/{len(ranges)}",
        "unit": f"{sum(_unit(g, r) for g, r in valued)}/{len(valued)}"
        if any(r.unit is not None for r in given)
        else "-",
        "comparator": f"{sum(_binds(g, r) for g, r in valued)}/{len(valued)}"
        if any(r.comparators is not None for r in given)
        else "-",
        "all fields": f"{whole}/{len(cases)}",
    }


def _same(gold: Fraction | None, value: Fraction | None) -> bool:
    if gold is None or value is None:
        return gold is value
    return abs(gold - value) <= abs(gold) / 10**9


def _any_value(case: Case, found: list[Reading]) -> bool:
    return any(map(case.same_value, found)) if case.gold.value is not None else not found


def _unit(gold: Reading, reading: Reading | None) -> bool:
    return reading is not None and reading.unit == gold.unit


def _binds(gold: Reading, reading: Reading | None) -> bool:
    return reading is not None and bool(
        gold.comparators and reading.comparators and gold.comparators <= reading.comparators
    )


@click.command()
@click.argument("cases", default=CASES, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wrong/--no-wrong", default=False, help="List the cases whose value each contender gets wrong.")
def main(cases: Path, wrong: bool) -> None:
    """Score every contender that is installed on CASES, by category, by field and by time.

    The value is that of the first quantity found; ``whichever`` asks only that the right one is among those found. A case
    without a value is right when nothing is found. The control shows how far Arabic digits alone get one.
    """
    warnings.simplefilter("ignore")
    table = read_cases(cases)
    categories = list(dict.fromkeys(case.category for case in table))
    results: dict[str, list[list[Reading]]] = {}
    columns: dict[str, dict[str, str]] = {}
    for name, reader in load():
        if isinstance(reader, Exception):
            click.echo(f"missing: {name} ({type(reader).__name__}: {reader})")
            continue
        read_all(reader, table[:1])  # some load their rules at the first call
        begun = time.perf_counter()
        results[name] = read_all(reader, table)
        spent = time.perf_counter() - begun
        columns[name] = {}
        for category in categories:
            pairs = [(c, f) for c, f in zip(table, results[name], strict=True) if c.category == category]
            columns[name][category] = f"{sum(c.same_value(f[0] if f else None) for c, f in pairs)}/{len(pairs)}"
        columns[name] |= score(table, results[name]) | {"ms a phrase": f"{1000 * spent / len(table):.2f}"}
    click.echo("\t".join(["", *columns]))
    for row in next(iter(columns.values())):
        click.echo("\t".join([row, *(column[row] for column in columns.values())]))
    if wrong:
        for name, readings in results.items():
            click.echo(f"\n{name}")
            for case, found in zip(table, readings, strict=True):
                if not case.same_value(found[0] if found else None):
                    values = ", ".join(str(reading.value) for reading in found) or "nothing"
                    click.echo(f"  {case.category}: {case.text}: {values}; it is {case.gold.value}")


if __name__ == "__main__":
    run(main)
