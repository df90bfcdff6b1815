"""The table of pinyin syllables, and the usual readings of common characters.

The 3,755 characters of GB 2312 level 1 are ordered by reading, so the first character of each syllable gives the
reading of all of them, and the syllables themselves.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

_FIRST = """
a啊 ai埃 an鞍 ang肮 ao凹 ba芭 bai白 ban斑 bang邦 bao苞 bei杯 ben奔 beng崩 bi逼 bian鞭 biao标 bie鳖
bin彬 bing兵 bo玻 bu哺 ca擦 cai猜 can餐 cang苍 cao操 ce厕 ceng层 cha插 chai拆 chan搀 chang昌 chao超
che车 chen郴 cheng撑 chi吃 chong充 chou抽 chu初 chuai揣 chuan川 chuang疮 chui吹 chun春 chuo戳 ci疵
cong聪 cou凑 cu粗 cuan蹿 cui摧 cun村 cuo磋 da搭 dai呆 dan耽 dang当 dao刀 de德 deng蹬 di堤 dian颠
diao碉 die跌 ding丁 diu丢 dong东 dou兜 du都 duan端 dui堆 dun墩 duo掇 e蛾 en恩 er而 fa发 fan藩 fang坊
fei菲 fen芬 feng丰 fo佛 fou否 fu夫 ga噶 gai该 gan干 gang冈 gao篙 ge哥 gei给 gen根 geng耕 gong工 gou钩
gu辜 gua刮 guai乖 guan棺 guang光 gui瑰 gun辊 guo锅 ha哈 hai骸 han酣 hang夯 hao壕 he呵 hei嘿 hen痕
heng哼 hong轰 hou喉 hu呼 hua花 huai槐 huan欢 huang荒 hui灰 hun荤 huo豁 ji击 jia嘉 jian歼 jiang僵
jiao蕉 jie揭 jin巾 jing荆 jiong炯 jiu揪 ju鞠 juan捐 jue撅 jun均 ka喀 kai开 kan刊 kang康 kao考 ke坷
ken肯 keng坑 kong空 kou抠 ku枯 kua夸 kuai块 kuan宽 kuang匡 kui亏 kun坤 kuo括 la垃 lai莱 lan蓝 lang琅
lao捞 le勒 lei雷 leng棱 li厘 lia俩 lian联 liang粮 liao撩 lie列 lin琳 ling玲 liu溜 long龙 lou楼 lu芦
lü驴 luan峦 lüe掠 lun抡 luo萝 ma妈 mai埋 man瞒 mang芒 mao猫 me么 mei玫 men门 meng萌 mi眯 mian棉
miao苗 mie蔑 min民 ming明 miu谬 mo摸 mou谋 mu拇 na拿 nai氖 nan南 nang囊 nao挠 ne呢 nei馁 nen嫩 neng能
ni妮 nian蔫 niang娘 niao鸟 nie捏 nin您 ning柠 niu牛 nong脓 nu奴 nü女 nuan暖 nüe虐 nuo挪 o哦 ou欧 pa啪
pai拍 pan攀 pang乓 pao抛 pei呸 pen喷 peng砰 pi坯 pian篇 piao飘 pie撇 pin拼 ping乒 po坡 pu扑 qi期
qia掐 qian牵 qiang枪 qiao橇 qie切 qin钦 qing青 qiong琼 qiu秋 qu趋 quan圈 que缺 qun裙 ran然 rang瓤
rao饶 re惹 ren壬 reng扔 ri日 rong戎 rou揉 ru茹 ruan软 rui蕊 run闰 ruo若 sa撒 sai腮 san三 sang桑 sao搔
se瑟 sen森 seng僧 sha莎 shai筛 shan珊 shang墒 shao梢 she奢 shen砷 sheng声 shi师 shou收 shu蔬 shua刷
shuai摔 shuan栓 shuang霜 shui谁 shun吮 shuo说 si斯 song松 sou搜 su嗽 suan酸 sui虽 sun孙 suo蓑 ta塌
tai胎 tan坍 tang汤 tao掏 te特 teng藤 ti梯 tian天 tiao挑 tie贴 ting厅 tong通 tou偷 tu凸 tuan湍 tui推
tun吞 tuo拖 wa挖 wai歪 wan豌 wang汪 wei威 wen瘟 weng嗡 wo挝 wu巫 xi昔 xia瞎 xian掀 xiang相 xiao萧
xie楔 xin薪 xing星 xiong兄 xiu休 xu墟 xuan轩 xue靴 xun勋 ya压 yan焉 yang殃 yao邀 ye椰 yi一 yin茵
ying英 yo哟 yong拥 you幽 yu淤 yuan鸳 yue曰 yun耘 za匝 zai栽 zan咱 zang赃 zao遭 ze责 zei贼 zen怎
zeng增 zha扎 zhai摘 zhan瞻 zhang樟 zhao招 zhe遮 zhen珍 zheng蒸 zhi芝 zhong中 zhou舟 zhu珠 zhua抓
zhuai拽 zhuan专 zhuang桩 zhui椎 zhun谆 zhuo捉 zi兹 zong鬃 zou邹 zu租 zuan钻 zui嘴 zun尊 zuo昨
"""
# Standard syllables that head no character of level 1.
_RARE = "cen ceng chua dei den dia ei eng fiao kei lo lüan nia nou nun pou rua sei shei tei zhei"
# Second readings that policy text is likely to carry.
_SECOND = """
阿e 便pian 参shen 藏zang 曾ceng 差chai 长zhang 场chang 车ju 称chen 乘sheng 重chong 传zhuan 大dai 单shan 弹tan 的di
地de 都dou 度duo 埔bu 给ji 更geng 行hang 和huo 核hu 会kuai 降xiang 角jue 校jiao 解xie 觉jiao 还hai 夹ga 见xian 卡qia
勒lei 乐yue 了le 累lei 率shuai 绿lu 落la 模mu 铺pu 曝bao 强jiang 切qie 什shen 省xing 石dan 识zhi 属zhu 说shui 似shi
宿xiu 调tiao 拓ta 尾yi 系ji 厦sha 纤qian 相xiang 巷hang 血xie 压ya 员yun 着zhe 择zhai 仔zai 扎za 粘nian 朝zhao 种zhong
"""

_STARTS: list[bytes] = []
_READINGS: list[str] = []
for _entry in _FIRST.split():
    _STARTS.append(_entry[-1].encode("gb2312"))
    _READINGS.append(_entry[:-1])
_LAST = "座".encode("gb2312")
_OTHER = {entry[0]: entry[1:] for entry in _SECOND.split()}

SYLLABLES = frozenset(_READINGS) | frozenset(_RARE.split())
"""Every standard syllable, without tone, in lower case, with ü."""

LETTERS = "A-Za-zÀ-ǜɑɡ\u0300-\u030c"
"""Inside of a character class: all that pinyin is written with, tone marks precomposed or combining."""

_TONES = re.compile("[\u0300\u0301\u0304\u0306\u030c]")  # the breve is often written for the caron
_WORD = re.compile(rf"(?:(?:{'|'.join(sorted(SYLLABLES, key=len, reverse=True))})[ '’-]?)+")


class Pinyin(NamedTuple):
    """What a piece of Latin text says when read as pinyin.

    Attributes:
        letters: the text in lower case without tone marks, with ü; a member of SYLLABLES when it is one syllable.
        tones: how many tone marks it carries.
    """

    letters: str
    tones: int


def read_pinyin(text: str) -> Pinyin | None:
    """Read a text as pinyin, of one syllable or more; ``None`` when it is no pinyin.

    Understood are precomposed and combining tone marks, no tone mark, ü, v, a capital and the print forms ɑ and ɡ.
    """
    plain, tones = _TONES.subn("", unicodedata.normalize("NFD", text.strip().lower()))
    plain = unicodedata.normalize("NFC", plain.replace("ɑ", "a").replace("ɡ", "g")).replace("v", "ü")
    plain = re.sub("(?<=[jqxy])ü", "u", plain).replace("lue", "lüe").replace("nue", "nüe")
    return Pinyin(plain, tones) if plain in SYLLABLES or _WORD.fullmatch(plain) else None


def readings(char: str) -> frozenset[str]:
    """The readings known of a simplified character, as members of SYLLABLES; empty for a character not in the table."""
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return frozenset()
    if not _STARTS[0] <= code <= _LAST:
        return frozenset()
    reading = _READINGS[bisect_right(_STARTS, code) - 1]
    return frozenset((reading, _OTHER[char])) if char in _OTHER else frozenset((reading,))
