"""The Chinese character, as a piece of a regular expression."""

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f"
"""Inside of a character class: 々, 〇 and the CJK ideographs with their extensions."""
