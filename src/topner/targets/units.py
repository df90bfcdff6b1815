"""Units of quantities: which count things, which measure, and what is one and the same."""

from __future__ import annotations

import re

_COUNTING = """
个 家 项 户 人 名 位 条 座 处 台 套 辆 所 件 次 场 种 间 栋 幢 只 头 匹 根 箱 株 眼 口 羽 尾 张 支 艘 架 列 节 班
期 批 轮 届 部 本 册 篇 份 块 片 棵 道 门 宗 起 例 笔 单 款 组 队 对 双 盏 孔 面 枚 颗 粒 桶 瓶 袋 盒 群 村 镇 乡
县 市 省 校 院 店 馆 园 企 趟 宿 席 床 类 档 路 线 段 层 井 站 点 区 员 岗 首 幅 扇 樘 人次 户次 车次 班次 架次 部次
场次 辆次 亩次 例次 对次 台次 台套 艘次 航次 批次 车 票 席位 标台 标箱 标准箱 TEU 人天
"""
_MEASURING = """
元 美元 欧元 港元 日元 吨 公斤 千克 克 斤 担 亩 公顷 平方公里 平方千米 平方米 平方 立方米 立方厘米 立方 空方 方 标方 公里 千米 米
厘米 毫米 里 海里 寸 尺 微米 纳米 千瓦时 千瓦 兆瓦时 兆瓦 吉瓦时 吉瓦 瓦 度 摄氏度 ℃ 小时 分钟 秒 天 日 周 个月 月 年 个工作日
工作日 学时 课时 升 毫升 吨标准煤 吨标煤 吨二氧化碳当量 吨二氧化碳 千伏安 兆伏安 千伏 伏 字节 GB TB PB MB KB Gbps
Mbps Tbps EFLOPS PFLOPS TFLOPS 机架 页 字 分 级 岁 折 代 倍 GW MW kW kWh MWh GWh kV 安时 微克 毫克 克 蒸吨 载重吨 总吨 羊单位
标准羊单位 石 分贝 站位 车公里 吨公里 人公里
"""
COUNTING = frozenset(_COUNTING.split())
"""Classifiers: one of them is one thing, person or act."""

_SAME = {
    "％": "%", "﹪": "%", "‰": "‰", "百分点": "个百分点", "㎡": "平方米", "平米": "平方米", "m2": "平方米", "m²": "平方米",
    "km": "公里", "千米": "公里", "KM": "公里", "㎞": "公里", "km2": "平方公里", "km²": "平方公里", "平方千米": "平方公里",
    "m3": "立方米", "m³": "立方米", "立方": "立方米", "平方": "平方米", "块钱": "元", "元人民币": "元",
    "人民币": "元",
    "kW": "千瓦", "MW": "兆瓦", "kWh": "千瓦时", "吨标煤": "吨标准煤", "标准箱": "标箱", "TEU": "标箱", "t": "吨",
    "千克": "公斤", "°C": "℃", "摄氏度": "℃",
}  # fmt: skip

_SIMPLE = sorted({*COUNTING, *_MEASURING.split(), *_SAME}, key=len, reverse=True)
_ONE = "|".join(map(re.escape, _SIMPLE))
UNIT = rf"(?:个百分点|(?:{_ONE})(?:(?:[/／·]|每)(?:{_ONE}|人|户|亩))?)"
"""A regular expression for one unit, the longest first; 微克/立方米 is one."""


def base_unit(unit: str) -> str:
    """The unit under its one name: ㎡ and 平米 are 平方米, ％ is %."""
    head, slash, tail = unit.replace("／", "/").partition("/")
    return f"{_SAME.get(head, head)}{slash}{_SAME.get(tail, tail)}"


def counts(unit: str) -> bool:
    """Whether the unit counts things, people or acts."""
    return unit.partition("/")[0] in COUNTING
