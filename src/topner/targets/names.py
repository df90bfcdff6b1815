"""Canonical names of indicators, so that 规上工业增加值 and 规模以上工业增加值 are one."""

from __future__ import annotations

import re

# what is written → its full name, applied in order wherever it stands
_NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?i)(?<![A-Z])GDP(?![A-Z])|生产总值(?<!地区生产总值)(?<!国内生产总值)", "地区生产总值"),
        (r"(?:全社会)?(?i:R&D)(?:经费)?(?:投入|支出)?|全社会研发(?:经费)?投入", "全社会研发经费投入"),
        ("规上", "规模以上"),
        ("限上", "限额以上"),
        ("规模工业", "规模以上工业"),
        ("固投|固定资产投资额", "固定资产投资"),
        ("社零总额|社零额|社零|社消零|社会消费品零售额", "社会消费品零售总额"),
        ("(?:地方)?(?:一般公共|公共财政)预算收入|地方财政一般预算收入", "一般公共预算收入"),
        ("外贸进出口(?:总额)?|进出口总值|进出口总额", "外贸进出口总额"),
        ("城镇(?:常住)?居民人均(?:可支配)?收入", "城镇居民人均可支配收入"),
        ("农村(?:常住)?居民人均(?:可支配)?收入", "农村居民人均可支配收入"),
        ("(?<![城镇农村乡])居民人均(?:可支配)?收入", "居民人均可支配收入"),
        ("高企", "高新技术企业"),
        ("专精特新(?:中小)?企业", "专精特新中小企业"),
        ("(?:单位(?:GDP|地区生产总值|生产总值))能耗", "单位地区生产总值能耗"),
        ("万元(?:GDP|生产总值)能耗", "单位地区生产总值能耗"),
        ("PM₂[.．]₅|PM2[.．]5|细颗粒物", "PM2.5"),
        ("空气质量优良天数(?:比例|比率|占比|率)?|优良天数(?:比例|比率|占比|率)", "空气质量优良天数比例"),
        ("CPI|居民消费价格(?:涨幅|指数)?", "居民消费价格"),
        ("常住人口城镇化率|城镇化率", "城镇化率"),
    )
)


def canonical(indicator: str) -> str:
    """The indicator under its full name; what is not known stays as written.

    Args:
        indicator: as the text writes it.
    """
    name = indicator.strip()
    for pattern, full in _NAMES:
        found = pattern.search(name)
        if found and full not in name:
            name = name[: found.start()] + full + name[found.end() :]
    return name
