"""Words around an indicator that do not belong to it; the decided cases stand in ``data/TARGETS.md``."""

from __future__ import annotations

import re


def _any(words: str) -> str:
    """An alternation of words, the longest first."""
    return "|".join(sorted(set(words.split()), key=lambda word: (-len(word), word)))


UP = _any(
    "增长 增加 提高 提升 上升 上浮 增收 增产 增效 净增 扩大 多收 多增 攀升 上涨 增值 延长 上调 跃升 提速 扩容 涨 升 增 再扩"
)
"""Verbs of going up by a quantity."""
DOWN = _any(
    "下降 降低 减少 压减 压缩 削减 调减 缩短 下浮 收窄 缩减 回落 节约 节省 压降 缩小 精简 下调 调低 减轻 降 减 再压"
)
"""Verbs of going down by a quantity."""
WEAK = _any(
    """
    发放 投放 筹集 布设 布放 招引 招录 新引进 新认定 新培育 建成 配备 引进 投运 投用 投产 新铺 交付 分配 安装
    加装 认定 培育 (?<=岗位)开发 新增 新建 新签 新招 新开 实现 完成 安排 须 需 超过 突破 力保 稳定 保持
    """
)
"""What may stand before a quantity without being a verb of the indicator's own."""
REACH = _any(
    """
    达到 达 增长到 增加到 增至 提高到 提高至 提高为 提升到 提升至 上升到 扩大到 扩大至 扩大为 发展到 恢复到
    恢复至 降到 降至 降低到 降低至 下降到 下降至 缩短到 缩短至 压缩到 压缩至 压减到 压减至 减少到 减少至 缩小到
    缩小至 达到日产 达到年产 开到 办到 建到 扩种到 扩到 扩至 扩充到 扩充至 扩展到 扩展至 做到 配到 占到 涨到
    涨至 缩到 缩至 缩短为 释放到 释放至 提升为 增长至 增加至 增加为 回升到 回升至 调整到 调整至 拓宽到 拓宽至
    提速到 恢复为 下探到 补到 补至 抬升到 抬升至 优化到 优化至 加密到 安排在 变成 放到 回落到 稳定在 稳定到 稳在
    保持在 维持在 控制在 控制到 控制 提到 提至 压到 压至 升到 升至 改到 拓展到 拓展至 延伸到 延伸至 迈上 跨上
    跨越 为 至 到 延长到 延长至 收窄至 收窄到 压降至 压降到 下探至 增到 减到 减至
    """
)
"""Verbs of reaching a value."""
ADVERBS = _any(
    """
    分别 力争 确保 争取 预计 预期 计划 年均 同比 再 各 均 也 将 要 都 就 平均 累计 合计 总计 共 全部 不再 净 又
    每年 左右 继续 普遍 总体 整体 稳步 比上年 较上年 比去年 较去年 比同期 同口径 年均复合 当年 今年 全年 年内 年底
    年底前 按可比口径 按可比价格 按可比价格计算 其中 逐步 持续 首批 免费 至少 全面 拟 务必
    """
)
_DELIVER = """
    新增 引进 新引进 建成(?!区) 新建 共建 改造 组建 培育 打造 认定 完成 实施 取得 安排 组织 发展 创建 建设 建立
    设立 开工建设 新开工 开工 改建 扩建 续建 改扩建 新改扩建 新改建 修建 修复 恢复 加固 整治 治理 铺设 敷设 架设
    布设 部署 安装 配备 配置 购置 更新 投放 开通 开设 开行 增开 增设 新设 开办 举办 开展 推进 启动 落地 招引
    引育 引入 招聘 选聘 聘用 新培育 新认定 新创建 新登记 新发展 推动 全面完成 建成投用 投用 建成投产 投产
    建成通车 通车 建成开放 竣工 发放 落实 筹集 筹措 下达 交付 配租 配售 补种 补植 补建 栽植 新栽 新植 新种 种植
    定植 嫁接 拓宽 维修 硬化 制定 出台 发布 推出 推广 布局 选育 育成 审定 添置 增派 派出 选派 下派 选拔 评选
    评定 招收 招录 招募 录用 攻克 转化 新打 收储 出让 带动 拉动 加装 安放 配套 立项 铺排 更换 导入 新导入 应用
    推广应用 清理 开放 投入 定向培养 招募 签约 增加 巩固 垫付 上架 新招 新造 新签约 更换 形成 培养 拨付 补齐
    补充 备足 列支 发行 衬砌 重建 获得 提供 基本建成 整治提升 优化提升 引回 增调 采购 施划 铺装 疏挖 选取 遴选
    聘任 聘请 配建 配齐 筹建 援建 划拨 募集 投运 加开 评出 布置 选树 创办 修通 栽种 补栽 柔性引进 编制 浇筑 建起
    建好 购买 购进 改造提升 完善 新辟 整合 扶持 支持 申报 申请 改善 签订 疏浚 扩种 加停 开发 创成 挂牌 追加 增配
    检修 翻建 翻修 迁建 复建 抚育 装配 装修 修缮 整修 翻新 改装 加宽 加高 统筹(?!城乡|区|规划)
    装备(?!制造|产业|水平|项目|企业|工业) 争创 考取 选送 招用 注入 上线 选定 构建 搭建 建造 兴建 增补 增聘 增招
    增购 增修 扩招 特聘 派遣 外派 安设 置办 订购 购建 制订 编写 编印 研制 开挖 砌筑 浇注 铺筑 拨给 拓展 大修
    繁育(?!基地|场|体系|中心|能力) 补造 派驻 列支 架通 贯通 铺通 联办 兴办 承办 试种 延伸 改良 设置 组成 放流
    增殖放流 解决 打通 新签 升级 提升改造
    """
DELIVER = _any(_DELIVER)
"""Verbs that put something in place: they go from the front of an indicator."""
# A verb of one character goes only where it makes no word with the next one (产值, 设施, 种子).
_SHORT = {
    **{"产": "值能量业品销出妇学院权地区油", "建": "筑制档材成", "设": "施备计", "招": "生商标录聘用", "办": "公事学案结理证"},
    **{"种": "植业子粮养畜质苗薯", "补": "贴助偿造链短给水", "育": "种苗婴儿繁秧雏幼", "引": "水导领客", "签": "约证名发订"},
    **{"打": "桩击瓜", "修": "复订缮改编建", "派": "出", "植": "物保树", "栽": "培", "添": "加", "列": "车入席"},
    **{"装": "备配置卸机修饰", "换": "热届气电种", "增": "长加收值效幅速量减产强资", "购": "物销房置", "聘": "请任用会"},
}  # fmt: skip
SHORT = "|".join(f"{verb}(?![{after}])" for verb, after in _SHORT.items())
"""The same of one character, as a regular expression."""

_LONG = "|".join(word for word in ADVERBS.split("|") if len(word) > 1 and word not in ("每年", "年均", "平均"))
_NEW = rf"新(?:{DELIVER}|{SHORT}|[评供辟砌铺架敷](?!\w?[的率])|[上开](?!工|办|市|线|业))"
# Verbs that make a noun with what follows them: 配套资金, 改造面积, 培训基地, 带动户均增收.
_NOUN = r"[后的率业]|会(?![展议])|户(?![用表厕外])|面(?!粉)|基(?!层|站|础|本|膜)"
_COMPOUND = (
    "配套(?:资金|设施|企业|产业|服务)|招聘(?:活动|专场|会|岗位)|通车里程|挂牌企业"
    "|(?:建设|改造|治理|整治|推广|实施|发展|推进)(?:资金|规模|任务|能力|成本|周期|时间|进度)"
)
_HOW = r"市场化|公开|定向|联合(?!培养)|集中|统一|自主|同步|滚动|分批|提前|就地|持续|累计|高标准|柔性"
_SEASON = "(?:供暖季|采暖季|主汛期|汛期|旅游旺季|旺季)"
FRONT = re.compile(
    rf"(?:(?!(?:{_COMPOUND}))(?:{DELIVER})(?:(?:并|和)(?={DELIVER})|了)?(?!{_NOUN})|(?:{_NEW})(?!{_NOUN})|(?:{SHORT})(?![后的率])"
    rf"|(?:{_LONG})|年度(?={DELIVER})|(?:{_HOW})(?={DELIVER})|{_SEASON}(?=\w{{3}})|[再各](?=(?:{DELIVER}))|[，,、：:\s])+"
)
"""What goes from the front of an indicator."""
EACH = re.compile(
    rf"(?P<who>[每各][^，,\\d一二两三]{{0,5}}?|全[市省区县镇州国]|全社会|(?:为|给|向)[^，,]{{2,10}}?)(?:{DELIVER}|配)(?!{_NOUN}|套|置)(?P<what>[^，,]{{2,}})$"
)
"""Who gets it and what, with a verb of delivery between them: 为牧民安装电暖气."""
WITHIN = r"[一二三四五六七八九十两\d]+(?:年|个?月|天|日|小时)(?:之?内|底前?|前|底)"
"""A time that a mention says inside itself, as a regular expression."""
SPAN = "(?<=.)[一二三四五六七八九十两]+年(?:累计|合计|共)"
"""Over how many years a quantity adds up."""
NAMED = re.compile("(?:[均年]增收|增幅|增速|涨幅|降幅|增长率)$")
"""What says growth and yet belongs to the indicator's name."""
GAIN = re.compile("净增(?=[^\\d加长至到])")
"""A verb of going up in front of its object: 净增市场主体5000户."""
LESSEN = re.compile("(?:减少|削减|压减|调减|压降)(?=[^\\d至到])")
"""A verb of going down in front of its object: 减少农村贫困人口92万人."""
TAIL = re.compile(
    rf"(?:{REACH}|{WEAK}|{UP}|(?!(?<=[起升])降$)(?:{DOWN})|{ADVERBS}|{WITHIN}|{SPAN}|^上|(?<![许认按])可|了|[，,、：:\s])$"
)
"""What goes from its end."""
