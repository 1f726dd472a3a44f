"""A mapping file to start from, with every field said in both languages."""

from __future__ import annotations

from ._fields import FIELDS, MEANINGS, Field, Reads, Shape

__all__ = ["template"]

_HEAD = """\
# 台账映射文件：哪一列是什么，里面的词是什么意思。井号后面是说明；用得着的行去掉行首的井号。
# Which column of a ledger is what, and what its words mean. Take away the # of a line you need.

# 一行是什么：cases 一行一案；units 一案多行，一行一个单位（或一个单位的一个事项）；acts 一行一个环节
# What a row is: cases, a row a case; units, a row a unit (or an item of it); acts, a row an act
shape = "{shape}"

[file]
# header_row = 1                  # 表头在第几行；两层表头写[1, 2]  row of the header
# sheet = "办件台账"               # XLSX的工作表名，不写就是第一张  sheet of a workbook
# encoding = "gb18030"            # CSV的编码，不写就自动识别  encoding of a CSV file
# delimiter = ","                 # CSV的分隔符，不写就自动识别  delimiter of a CSV file
# separators = "、；;，,\\n"        # 一格写几个单位、几个事项时，用什么隔开  what parts several in a cell
# blank = ["待补"]                 # 哪些词等于没有填；“-”“—”“/”本来就是  words for an empty cell
# not_cases = ["本月小结"]          # 合计、填表人一类的行本来就认得；还有哪些行不是案件  rows that are no cases
# date_formats = ["%d.%m.%Y"]     # 除常见写法外的日期写法  further ways of writing dates

# 字段 = "台账的列名"。台账没有的列就不写：那一项不判断，报告里说明。
# 时间可以由两列合成：["上门日期", "上门时刻"]。几个字段可以用同一列。
# field = "the column's name". Leave out what the ledger does not have: it is then not judged, and
# the report says so. A time may be made of two columns, its date and its time of day.
[columns]
case = "案号"
"""

_WORDS = """
# 台账自己的词；常见的词本来就认得。
# The ledger's own words; the usual ones are known.
"""

_EXAMPLES = {
    Shape.CASES: ("applied_at", "transferred_at", "unit", "replied_at", "reply", "arrived_at"),
    Shape.UNITS: ("applied_at", "transferred_at", "unit", "role", "replied_at", "reply"),
    Shape.ACTS: ("act", "at", "unit"),
}

_TAIL = """
# 没有这一列、但每一行都一样的内容。
# What every row has, without a column for it.
[fixed]
# unit = "某区残疾人联合会"

# 单位、事项的其它叫法。
# Other names of units and items.
[units]
# "残联" = "某区残疾人联合会"
[items]
# "残疾证换证" = "A.5.2"
"""


def _line(field: Field, shape: Shape) -> str:
    mark = "" if field.name in _EXAMPLES[shape] else "# "
    column = field.zh.split("（", maxsplit=1)[0].split("；", maxsplit=1)[0]
    text = f'{mark}{field.name} = "{column}"'
    return f"{text:<44}# {field.zh} / {field.en}\n"


def template(shape: Shape = Shape.CASES) -> str:
    """A mapping file for that shape, as TOML with comments in Chinese and English."""
    fields = [f for f in FIELDS.values() if shape in f.shapes and f.reads is not Reads.CASE]
    words = [_WORDS]
    for kind, meanings in MEANINGS.items():
        if kind == "act" and shape is not Shape.ACTS:
            continue
        words.append(f"[words.{kind}]\n# ... = {' | '.join(meanings)}\n")
    return (
        _HEAD.format(shape=shape.value)
        + "".join(_line(f, shape) for f in fields)
        + "".join(words)
        + _TAIL
    )
