"""The clauses of DB4209/T 32—2023, and what each normative sentence becomes in this library.

``CLAUSES`` is the standard's own text with a short English gloss. ``SENTENCES`` is the whole of
clauses 6 to 9, and what is normative outside them, cut where one sentence becomes different things.
Each part is realised as one or more of `Becomes`; none is left out, and what software cannot judge
is called ``human`` and says what the library keeps that helps a person judge it.

The numbers I-1 to I-17 are the project's readings of places where the text is silent or doubtful.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

__all__ = ["CLAUSES", "SENTENCES", "Clause"]


class Becomes(StrEnum):
    """What a normative sentence turns into."""

    GUARD = "guard"
    """A rule that refuses a command."""
    OBLIGATION = "obligation"
    """A duty with a bearer and perhaps a time limit."""
    RECORD = "record"
    """Something that is kept and can be shown."""
    REPORT = "report"
    """Something that is counted over many cases."""
    HUMAN = "human"
    """Judgement or conduct: named, never decided by software."""


@frozen(kw_only=True)
class Clause:
    """One numbered clause, or one annex.

    ``zh`` is the standard's own text: a heading, if the clause has one, stands on the first line.
    A clause that is divided further has its heading, or the sentence before its first division.
    ``en`` is a gloss, not a translation with any standing.
    """

    number: str
    zh: str
    en: str


@frozen(kw_only=True)
class Realisation:
    """One thing that a sentence becomes, and where to find it.

    Each entry of ``where`` is one of:

    - ``<command>.<rule>`` (guard; ``*`` stands for every command),
    - the kind of an obligation, such as ``reply`` (obligation),
    - ``event:<event>`` or ``form:<field of the registration form>`` (record, human),
    - ``report:<report>`` (report),
    - ``later:<subject>``: not in this version.
    """

    kind: Becomes
    where: tuple[str, ...]
    zh: str
    en: str


@frozen(kw_only=True)
class NormativeSentence:
    """A sentence of the standard that binds somebody, or a part of one.

    ``zh`` is verbatim, without the punctuation that closes it.
    """

    clause: str
    zh: str
    en: str
    becomes: tuple[Realisation, ...]


def _clause(number: str, zh: str, en: str) -> Clause:
    return Clause(number=number, zh=zh, en=en)


def _by_number(*clauses: Clause) -> Mapping[str, Clause]:
    return MappingProxyType({clause.number: clause for clause in clauses})


CLAUSES: Mapping[str, Clause] = _by_number(
    _clause(
        "1",
        "范围\n"
        "本文件规定了市、县（市、区）两级政务服务中心特殊群体“上门办、一次办”工作的术语和定义、"
        "服务对象、服务范围、要求、评价与改进、资料归档等内容。\n"
        "本文件适用于孝感市行政区域内市、县（市、区）两级政务服务中心“上门办、一次办”工作，"
        "孝感市行政区域内乡（镇、场、街道办事处）的便民服务中心参照执行。",
        "Scope. On-site, one-time service for special groups by the government service centres of "
        "Xiaogan city and its counties and districts; service centres of townships and "
        "subdistricts follow it by analogy.",
    ),
    _clause(
        "2",
        "规范性引用文件\n"
        "下列文件中的内容通过文中的规范性引用而构成本文件必不可少的条款。其中，注日期的引用文件，"
        "仅该日期对应的版本适用于本文件；不注日期的引用文件，其最新版本（包括所有的修改单）"
        "适用于本文件。\n"
        "- GB/T 36113 政务服务中心服务投诉处置规范\n"
        "- GB/T 39734 政务服务“一次一评”“一事一评”工作规范\n"
        "- GB/T 40762 政务服务满意度评价规范",
        "Normative references, all undated: GB/T 36113 (handling of complaints), GB/T 39734 "
        "(evaluation per visit and per matter), GB/T 40762 (evaluation of satisfaction).",
    ),
    _clause("3", "术语和定义\n下列术语和定义适用于本文件。", "Terms and definitions."),
    _clause(
        "3.1",
        "上门办、一次办 on-site and one-time service\n上门服务的一次办理、办结。",
        "On-site and one-time service: handled and completed in one visit.",
    ),
    _clause(
        "3.2",
        "特殊群体 special group\n老弱病残、不会上网、不会使用智能设备的群体。",
        "Special group: people who are elderly, frail, ill or disabled, who are not online, or who "
        "cannot use a smart device.",
    ),
    _clause("4", "服务对象", "Who is served."),
    _clause(
        "4.1",
        "不能前往市、县（市、区）两级政务服务中心办理事项的特殊群体。",
        "Members of special groups who cannot come to the service centre.",
    ),
    _clause(
        "4.2",
        "其他特殊情况需要提供政务服务上门办理的群体。",
        "Others whose special circumstances call for an on-site visit.",
    ),
    _clause("5", "服务范围", "What is served."),
    _clause(
        "5.1",
        "特殊群体证照办理、申领服务、申领待遇的事项。",
        "Certificates and licences, and claims to services and benefits, of special groups.",
    ),
    _clause(
        "5.2",
        "其他需要提供上门服务现场办理的事项。",
        "Other matters that need to be handled on the spot in an on-site visit.",
    ),
    _clause(
        "5.3",
        "政务服务“上门办、一次办”事项清单见附录 A。",
        "The list of items is Annex A.",
    ),
    _clause("6", "基本要求", "Basic requirements."),
    _clause(
        "6.1",
        "上门服务人员要态度诚恳，办事热情，诚信守约，认真负责做到特事特办。",
        "Visiting staff are sincere and willing, keep their word and their appointments, and treat "
        "special cases as special.",
    ),
    _clause(
        "6.2",
        "上门服务人员应严格按照法律法规以及中心相关制度，坚持原则性、纪律性、廉洁性，秉公办事。",
        "Visiting staff follow the law and the centre's rules strictly, with principle, discipline "
        "and integrity, and act impartially.",
    ),
    _clause(
        "6.3",
        "各经办窗口单位要做好上门服务的安排和登记工作，在完成上门服务后三个工作日内将"
        "《“上门办、一次办”服务登记表》（见附录 B）交“上门办、一次办”综合窗口。",
        "Each handling unit arranges and registers its on-site services, and hands the "
        "registration form (Annex B) to the integrated window within three working days of "
        "completing the visit.",
    ),
    _clause("7", "服务流程", "The procedure."),
    _clause(
        "7.1",
        "申请人向“上门办、一次办”综合窗口提出申请，并提供联络方式及准确地址，同时向窗口工作人员"
        "陈述正当充分的理由，必要时提供相关证件或证明。",
        "The applicant applies to the integrated window with a way to be reached, an exact address "
        "and a good and sufficient reason, and with documents or proof where necessary.",
    ),
    _clause(
        "7.2",
        "“上门办、一次办”综合窗口收到上门服务申请后，应向经办窗口单位签发"
        "《“上门办、一次办”转办通知书》（见附录 C），经办窗口单位需在一个工作日内予以回复是否"
        "上门服务。",
        "On receiving an application, the integrated window issues a transfer notice (Annex C) to "
        "the handling unit, which replies within one working day whether it will make the visit.",
    ),
    _clause(
        "7.2.1",
        "同意上门服务，应向申请人约定服务时间、地点，说明依法依规需要提供的相关资料。",
        "A unit that accepts agrees a time and a place with the applicant, and says which "
        "materials the law and the rules require.",
    ),
    _clause(
        "7.2.2",
        "不同意上门服务，应向申请人说明理由，并提供其它办理方法和途径。",
        "A unit that declines explains the reason to the applicant, and offers other ways to get "
        "the matter done.",
    ),
    _clause(
        "7.2.3",
        "涉及多个窗口单位的上门服务，应由主办窗口、协办窗口工作人员联合完成。",
        "A visit that involves several units is made jointly by staff of the lead and the "
        "assisting units.",
    ),
    _clause(
        "7.3",
        "上门服务的窗口单位工作人员，应在约定的时间准时到达服务地点，依法依规为申请人办理服务事项。",
        "The unit's staff arrive at the place on time, and handle the applicant's items according "
        "to the law and the rules.",
    ),
    _clause(
        "7.4",
        "不能当场办结的，需对申请人履行一次性告知义务，并事后告知办结情况，及时送达相关材料。",
        "Where an item cannot be completed on site, the applicant is told once and completely what "
        "is outstanding, is told the outcome afterwards, and is brought the materials promptly.",
    ),
    _clause(
        "7.5",
        "上门服务的窗口单位工作人员，应指导服务对象将有关表格一次性填写完整，及时为服务对象办理。",
        "The unit's staff guide the recipient so that the forms are filled in completely the first "
        "time, and handle the matter promptly.",
    ),
    _clause("8", "评价与改进", "Evaluation and improvement."),
    _clause(
        "8.1",
        "上门服务开展情况应纳入窗口工作考核加分内容，服务质量评价按照 GB/T 39734、GB/T 40762 的"
        "要求开展。",
        "On-site service earns bonus points in the windows' performance assessment; service "
        "quality is evaluated according to GB/T 39734 and GB/T 40762.",
    ),
    _clause(
        "8.2",
        "《“上门办、一次办”服务登记表》的结果可作为质量评价和改进的依据。",
        "The results on the registration forms may serve as the basis for evaluating and improving "
        "quality.",
    ),
    _clause(
        "8.3",
        "应建立投诉举报机制，畅通投诉举报渠道，投诉举报处理按照 GB/T 36113 的要求进行。",
        "There is an open channel for complaints and reports of misconduct, handled according to "
        "GB/T 36113.",
    ),
    _clause(
        "8.4",
        "应建立快速反馈机制，使申请人提出的诉求能够及时得到响应。",
        "There is a fast feedback mechanism, so that applicants' requests are answered promptly.",
    ),
    _clause(
        "8.5",
        "应加强对政务服务工作人员的业务培训，不断提升其工作能力和办理效率。",
        "Staff are trained, so that their competence and efficiency keep improving.",
    ),
    _clause(
        "9",
        "资料归档\n"
        "上门服务人员应按照一案一档的要求规范台账，对“上门办、一次办”的工作表单等文书材料进行"
        "整理、归档，并妥善保存。",
        "Archiving. Visiting staff keep an orderly ledger, one dossier a case; they sort and "
        "archive the forms and other papers, and keep them safe.",
    ),
    _clause(
        "A", "附录 A（规范性） “上门办、一次办”事项清单", "Annex A (normative): the list of items."
    ),
    _clause(
        "B",
        "附录 B（规范性） “上门办、一次办”服务登记表",
        "Annex B (normative): the registration form.",
    ),
    _clause(
        "C",
        "附录 C（规范性） “上门办、一次办”转办通知书",
        "Annex C (normative): the transfer notice.",
    ),
)
"""Every clause by its number, in document order; read-only."""


def clause(number: str) -> Clause:
    """The clause with this number (``"7.2.1"``, ``"B"``); raises KeyError if there is none."""
    try:
        return CLAUSES[number]
    except KeyError:
        raise KeyError(f"DB4209/T 32—2023 has no clause {number!r}") from None


def _guard(*where: str, zh: str, en: str) -> Realisation:
    return Realisation(kind=Becomes.GUARD, where=where, zh=zh, en=en)


def _obligation(*where: str, zh: str, en: str) -> Realisation:
    return Realisation(kind=Becomes.OBLIGATION, where=where, zh=zh, en=en)


def _record(*where: str, zh: str, en: str) -> Realisation:
    return Realisation(kind=Becomes.RECORD, where=where, zh=zh, en=en)


def _report(*where: str, zh: str, en: str) -> Realisation:
    """What a report counts is recorded; the reports themselves are not drawn up yet."""
    return Realisation(
        kind=Becomes.REPORT,
        where=where,
        zh=f"{zh}（所需各项已有记录，本版本尚未汇总成报表）",
        en=f"{en} (what it counts is recorded; the report is not in this version)",
    )


def _human(*where: str, zh: str, en: str) -> Realisation:
    return Realisation(kind=Becomes.HUMAN, where=where, zh=zh, en=en)


def _sentence(number: str, zh: str, en: str, *becomes: Realisation) -> NormativeSentence:
    return NormativeSentence(clause=clause(number).number, zh=zh, en=en, becomes=becomes)


SENTENCES: tuple[NormativeSentence, ...] = (
    # 1 Scope
    _sentence(
        "1",
        "本文件适用于孝感市行政区域内市、县（市、区）两级政务服务中心“上门办、一次办”工作",
        "This document applies to the government service centres of Xiaogan city and its counties "
        "and districts.",
        _guard(
            "apply.edition_in_force",
            zh="2023-07-01 实施之前没有可适用的版本，申请不予受理",
            en="before the implementation date, 2023-07-01, no edition is in force and no case can "
            "be opened",
        ),
        _record(
            "event:applied",
            zh="案件自申请时起固定适用当时施行的版本",
            en="a case is pinned to the edition in force when it was opened",
        ),
    ),
    _sentence(
        "1",
        "孝感市行政区域内乡（镇、场、街道办事处）的便民服务中心参照执行",
        "The service centres of townships and subdistricts follow it by analogy.",
        _human(
            "event:applied",
            zh="是否参照执行由各中心决定；所依据的版本随案件记录",
            en="whether to follow it is the centre's decision; the edition applied is kept with "
            "the case",
        ),
    ),
    # 4 Who is served
    _sentence(
        "4.1",
        "不能前往市、县（市、区）两级政务服务中心办理事项的特殊群体",
        "Members of special groups who cannot come to the service centre.",
        _guard(
            "apply.ground_given",
            zh="申请须指明属于第 4 章的哪一种情形",
            en="an application names its ground under clause 4",
        ),
        _human(
            "event:applied",
            "form:reason",
            zh="是否确实不能前往由工作人员判断；情形和理由留有记录",
            en="whether somebody really cannot come is for staff to judge; the ground and the "
            "reason are kept",
        ),
    ),
    _sentence(
        "4.2",
        "其他特殊情况需要提供政务服务上门办理的群体",
        "Others whose special circumstances call for an on-site visit.",
        _guard(
            "apply.circumstances_told",
            zh="以“其他”情形申请的，须说明具体情况",
            en="the ground “other” tells the circumstances",
        ),
        _human(
            "event:applied",
            zh="特殊情况是否需要上门由工作人员判断；所述情况留有记录",
            en="whether the circumstances call for a visit is for staff to judge; what was told is "
            "kept",
        ),
    ),
    # 5 What is served
    _sentence(
        "5.1",
        "特殊群体证照办理、申领服务、申领待遇的事项",
        "Certificates and licences, and claims to services and benefits, of special groups.",
        _guard(
            "apply.items_named",
            zh="申请须写明至少一个事项",
            en="an application names at least one item",
        ),
        _record(
            "event:applied",
            "form:items",
            zh="所申请的事项",
            en="the items asked for",
        ),
    ),
    _sentence(
        "5.2",
        "其他需要提供上门服务现场办理的事项",
        "Other matters that need to be handled on the spot in an on-site visit.",
        _guard(
            "apply.item_claim_grounded",
            zh="清单以外的事项须说明为什么需要上门现场办理",
            en="an item outside Annex A gives the ground for handling it on the spot",
        ),
        _human(
            "event:applied",
            "event:accepted",
            "event:declined",
            zh="是否需要上门由经办窗口单位答复；所述理由和答复留有记录",
            en="whether it needs a visit is the handling unit's reply to give; the ground and the "
            "reply are kept",
        ),
    ),
    _sentence(
        "5.3",
        "政务服务“上门办、一次办”事项清单见附录 A",
        "The list of items is Annex A.",
        _guard(
            "apply.items_named",
            "apply.items_distinct",
            zh="事项以附录 A 的序号和位置为标识，同一申请中不得重复",
            en="an item is identified by its row and position in Annex A, and is named once in an "
            "application (I-14)",
        ),
    ),
    # 6 Basic requirements
    _sentence(
        "6.1",
        "上门服务人员要态度诚恳，办事热情，诚信守约，认真负责做到特事特办",
        "Visiting staff are sincere and willing, keep their word and their appointments, and treat "
        "special cases as special.",
        _human(
            "form:recipient_opinion",
            "event:served",
            "event:visit_failed",
            zh="态度由服务对象的意见及评价反映；守约与否可从到达时间和上门未果的原因看出",
            en="manner shows in the recipient's opinion; keeping appointments shows in the times "
            "of arrival and the causes of failed visits",
        ),
    ),
    _sentence(
        "6.2",
        "上门服务人员应严格按照法律法规以及中心相关制度，坚持原则性、纪律性、廉洁性，秉公办事",
        "Visiting staff follow the law and the centre's rules strictly, with principle, discipline "
        "and integrity, and act impartially.",
        _human(
            "event:declined",
            "event:served",
            "event:corrected",
            zh="每一条记录都有经办人和时间，拒绝有理由，更正不抹去原记录，可供监督检查",
            en="every entry has its author and time, a refusal has its reason, and a correction "
            "never erases the entry: an inspection can follow who did what",
        ),
    ),
    _sentence(
        "6.3",
        "各经办窗口单位要做好上门服务的安排和登记工作",
        "Each handling unit arranges and registers its on-site services.",
        _guard(
            "file_registration_form.form_whole",
            "file_registration_form.signed_by_every_unit",
            zh="登记表各栏须有内容或说明为何空缺，并由每个上门单位的经办人员签字",
            en="every field of the form has a value or says why it is blank, and staff of every "
            "unit that visited have signed (I-17)",
        ),
        _record(
            "event:scheduled",
            "event:rescheduled",
            "event:registration_form_filed",
            "form:summary",
            "form:handler_signatures",
            zh="安排和登记的全部经过",
            en="how the visit was arranged, and its registration",
        ),
    ),
    _sentence(
        "6.3",
        "在完成上门服务后三个工作日内将《“上门办、一次办”服务登记表》（见附录 B）"
        "交“上门办、一次办”综合窗口",
        "The registration form goes to the integrated window within three working days of "
        "completing the visit.",
        _obligation(
            "form",
            zh="自上门服务结束离开之时起三个工作日（I-3）",
            en="three working days from the end of the visit (I-3)",
        ),
        _guard(
            "file_registration_form.unit_in_charge",
            "file_registration_form.visit_held",
            "file_registration_form.filed_once",
            "archive.registration_form_filed",
            zh="上门服务完成后由主办窗口提交一份；未交不得归档",
            en="filed once, by the lead, after a visit; without it nothing is archived",
        ),
        _record(
            "event:registration_form_filed",
            zh="提交的时间和内容",
            en="when it was filed, and what it says",
        ),
    ),
    # 7 The procedure
    _sentence(
        "7.1",
        "申请人向“上门办、一次办”综合窗口提出申请",
        "The applicant applies to the integrated window.",
        _guard(
            "apply.follows_existing_case",
            zh="延续此前案件的申请，所指案件须存在（I-10）",
            en="an application that follows an earlier case names one that exists (I-10)",
        ),
        _guard(
            "withdraw.reason_given",
            zh="撤回申请须有理由（I-8）",
            en="an application is withdrawn with a reason (I-8)",
        ),
        _record(
            "event:applied",
            "event:withdrawn",
            "form:applicant",
            "form:applied_at",
            zh="申请人、申请时间，以及撤回",
            en="who applied and when, and a withdrawal",
        ),
    ),
    _sentence(
        "7.1",
        "并提供联络方式及准确地址",
        "The applicant gives a way to be reached and an exact address.",
        _guard(
            "apply.applicant_reachable",
            "apply.address_given",
            zh="须有联络方式和地址",
            en="there is a way to reach the applicant, and an address",
        ),
        _record(
            "event:applied",
            "form:phone",
            "form:address",
            zh="联络方式和地址，平时以掩码显示",
            en="both, shown masked unless asked for in full",
        ),
    ),
    _sentence(
        "7.1",
        "同时向窗口工作人员陈述正当充分的理由",
        "The applicant states a good and sufficient reason to the window's staff.",
        _guard(
            "apply.reason_given",
            zh="须有理由",
            en="there is a reason",
        ),
        _record(
            "event:applied",
            "form:reason",
            zh="申请原因",
            en="the reason",
        ),
        _human(
            "event:applied",
            "form:reason",
            zh="理由是否正当充分由窗口工作人员判断；理由留有记录",
            en="whether it is good and sufficient is for the window to judge; the reason is kept",
        ),
    ),
    _sentence(
        "7.1",
        "必要时提供相关证件或证明",
        "Documents or proof are provided where necessary.",
        _record(
            "event:applied",
            zh="所提供的证件或证明的名称、摘要和位置",
            en="the name, digest and location of each document that was provided",
        ),
        _human(
            "event:applied",
            zh="何时必要由窗口工作人员判断；提供了什么留有记录",
            en="when it is necessary is for the window to judge; what was provided is kept",
        ),
    ),
    _sentence(
        "7.2",
        "“上门办、一次办”综合窗口收到上门服务申请后，应向经办窗口单位签发"
        "《“上门办、一次办”转办通知书》（见附录 C）",
        "On receiving an application, the integrated window issues a transfer notice to the "
        "handling unit.",
        _obligation(
            "transfer",
            zh="综合窗口须转办；条文未定时限",
            en="the integrated window owes a transfer; the text sets no limit",
        ),
        _guard(
            "transfer.every_item_in_a_notice",
            "transfer.only_items_of_the_case",
            "transfer.one_notice_per_unit",
            "transfer.numbers_present_and_distinct",
            zh="每个事项都有通知书，每单位一份，编号齐全且不重复",
            en="every item is in a notice, one notice a unit, each under its own number",
        ),
        _guard(
            "reassign.reason_given",
            "reassign.unit_has_notice",
            "reassign.unit_has_not_replied",
            "reassign.new_unit_has_no_notice",
            "reassign.same_items_and_role",
            "reassign.numbers_present_and_distinct",
            zh="改派须有理由，原单位尚未回复，新通知书事项和主协办身份不变、另编新号",
            en="a reassignment has a reason, replaces a unit that has not replied, and carries the "
            "same items and role under a new number",
        ),
        _record(
            "event:transferred",
            "event:reassigned",
            zh="每份通知书及其存根",
            en="each notice, with its counterfoil",
        ),
    ),
    _sentence(
        "7.2",
        "经办窗口单位需在一个工作日内予以回复是否上门服务",
        "The handling unit replies within one working day whether it will make the visit.",
        _obligation(
            "reply",
            zh="自通知书签发起一个工作日（I-1、I-2），每个单位各自负责",
            en="one working day from the issue of the notice (I-1, I-2), owed by each unit",
        ),
        _guard(
            "acknowledge.unit_has_notice",
            "acknowledge.not_yet_acknowledged",
            "accept.unit_has_notice",
            "accept.unit_has_not_replied",
            "decline.unit_has_notice",
            "decline.unit_has_not_replied",
            zh="只有收到通知书的单位可以签收和回复，且各一次",
            en="only a unit that was given a notice acknowledges it and replies to it, once each",
        ),
        _record(
            "event:acknowledged",
            "event:accepted",
            "event:declined",
            zh="签收和每个单位的回复（I-4、I-5）",
            en="the receipt, and the reply of each unit (I-4, I-5)",
        ),
    ),
    _sentence(
        "7.2.1",
        "同意上门服务，应向申请人约定服务时间、地点",
        "A unit that accepts agrees a time and a place with the applicant.",
        _obligation(
            "appointment",
            zh="主办窗口须约定；条文未定时限",
            en="the lead owes an appointment; the text sets no limit",
        ),
        _guard(
            "schedule.unit_in_charge",
            "schedule.start_in_future",
            "schedule.place_given",
            zh="由主办窗口约定，有将来的时间和地点",
            en="made by the lead, for a time to come and at a place",
        ),
        _guard(
            "reschedule.unit_in_charge",
            "reschedule.before_appointed_start",
            "reschedule.reason_given",
            "reschedule.start_in_future",
            zh="改约须在原定时间之前，并有理由（I-9）",
            en="changed before the appointed start, and with a reason (I-9)",
        ),
        _record(
            "event:scheduled",
            "event:rescheduled",
            "form:appointed_at",
            zh="约定的时间、地点和每次改约",
            en="the appointed time and place, and every change",
        ),
    ),
    _sentence(
        "7.2.1",
        "说明依法依规需要提供的相关资料",
        "The unit says which materials the law and the rules require.",
        _guard(
            "schedule.materials_told",
            zh="须列出所需资料；不需要资料时列空表，缺项不予通过",
            en="the materials are listed: an empty list says that none are needed, no list is "
            "refused",
        ),
        _record(
            "event:scheduled",
            "event:rescheduled",
            zh="告知了哪些资料",
            en="which materials were told",
        ),
    ),
    _sentence(
        "7.2.2",
        "不同意上门服务，应向申请人说明理由",
        "A unit that declines explains the reason to the applicant.",
        _obligation(
            "explanation",
            zh="不同意的单位须向申请人说明；条文未定时限",
            en="the unit that declined owes the applicant an explanation; the text sets no limit",
        ),
        _guard(
            "decline.reason_given",
            zh="不同意须有理由",
            en="a refusal has a reason",
        ),
        _guard(
            "explain_refusal.unit_declined",
            "explain_refusal.not_yet_explained",
            "explain_refusal.unit_in_charge",
            "explain_refusal.channel_and_person_given",
            "close.refusals_explained",
            zh="每次不同意都要向申请人说明一次，写明方式和对象；未说明不得结案（I-5）",
            en="each refusal is explained once, saying how and to whom; until then the case does "
            "not close (I-5)",
        ),
        _record(
            "event:declined",
            "event:refusal_explained",
            zh="理由，以及何时、以何种方式向谁说明",
            en="the reason, and when, how and to whom it was explained",
        ),
    ),
    _sentence(
        "7.2.2",
        "并提供其它办理方法和途径",
        "The unit offers other ways to get the matter done.",
        _guard(
            "decline.alternatives_given",
            zh="不同意须至少给出一种其它办理方法或途径",
            en="a refusal gives at least one alternative",
        ),
        _record(
            "event:declined",
            "event:refusal_explained",
            zh="提供了哪些方法和途径",
            en="which alternatives were offered",
        ),
    ),
    _sentence(
        "7.2.3",
        "涉及多个窗口单位的上门服务，应由主办窗口、协办窗口工作人员联合完成",
        "A visit that involves several units is made jointly by staff of the lead and the "
        "assisting units.",
        _obligation(
            "lead",
            zh="主办窗口不同意而有其他单位同意的，综合窗口须另定主办窗口（I-4）；条文未定时限",
            en="where the lead declined and another unit accepted, the integrated window owes a "
            "new lead (I-4); the text sets no limit",
        ),
        _guard(
            "transfer.exactly_one_lead",
            "transfer.shared_item_has_lead",
            "designate_lead.all_units_replied",
            "designate_lead.lead_declined",
            "designate_lead.new_lead_accepted",
            zh="有且只有一个主办窗口",
            en="exactly one unit leads",
        ),
        _guard(
            "schedule.staff_of_every_unit",
            "reschedule.staff_of_every_unit",
            "serve.staff_of_every_unit",
            zh="主办和每个同意上门的协办单位都有人员参加",
            en="the lead and every assisting unit that accepted send somebody",
        ),
        _record(
            "event:lead_designated",
            "event:scheduled",
            "event:served",
            "form:lead_unit",
            "form:lead_phone",
            "form:lead_handlers",
            "form:assisting_units",
            "form:assisting_phones",
            "form:assisting_handlers",
            zh="主办、协办单位及到场人员",
            en="the lead, the assisting units, and who was there",
        ),
    ),
    _sentence(
        "7.3",
        "上门服务的窗口单位工作人员，应在约定的时间准时到达服务地点",
        "The unit's staff arrive at the place on time.",
        _obligation(
            "arrival",
            zh="约定的开始时间，精确到分钟",
            en="at the appointed start, to the minute",
        ),
        _guard(
            "serve.unit_in_charge",
            "serve.times_in_order",
            "serve.on_appointed_day_or_later",
            zh="到达和离开时间先后有序，且不早于约定之日",
            en="arrival and leaving are in order, and not on a day before the appointed one",
        ),
        _guard(
            "report_failed_visit.unit_in_charge",
            "report_failed_visit.not_before_start",
            "report_failed_visit.cause_given",
            zh="上门未果的上门须写明原因，重新约定（I-9）",
            en="a visit that failed has a cause, and leads to a new appointment (I-9)",
        ),
        _record(
            "event:served",
            "event:visit_failed",
            "form:served_at",
            zh="到达和离开的时间，上门未果的原因；迟到是发现项，不阻止办理",
            en="the times of arrival and leaving, and why a visit failed; lateness is a finding "
            "and never refuses the act",
        ),
    ),
    _sentence(
        "7.3",
        "依法依规为申请人办理服务事项",
        "The staff handle the applicant's items according to the law and the rules.",
        _guard(
            "serve.result_for_every_item",
            "serve.only_accepted_items",
            "close.unit_in_charge",
            zh="每个同意办理的事项都有结果，且没有其他事项",
            en="every accepted item has a result, and no other item has one",
        ),
        _record(
            "event:served",
            "event:closed",
            "form:item_contents",
            zh="每个事项的结果",
            en="the result of each item",
        ),
        _human(
            "event:served",
            zh="是否依法依规由人判断；谁办理、结果如何留有记录",
            en="whether it was lawful is for people to judge; who handled what, and the result, "
            "are kept",
        ),
    ),
    _sentence(
        "7.4",
        "不能当场办结的，需对申请人履行一次性告知义务",
        "Where an item cannot be completed on site, the applicant is told once and completely what "
        "is outstanding.",
        _obligation(
            "notice",
            zh="有事项未当场办结时，主办窗口须一次性告知；条文未定时限",
            en="owed by the lead where an item was not completed on site; the text sets no limit",
        ),
        _guard(
            "give_one_time_notice.unit_in_charge",
            "give_one_time_notice.something_outstanding",
            "give_one_time_notice.everything_outstanding_named",
            "give_one_time_notice.only_outstanding_items",
            "close.every_item_completed",
            zh="一次告知全部未办结事项及所缺内容，不再二次告知（I-7）；未告知不得结案",
            en="one notice names every outstanding item and what it needs, and there is no second "
            "(I-7); without it the case does not close",
        ),
        _record(
            "event:one_time_notice_given",
            zh="告知的内容和时间",
            en="what was told, and when",
        ),
    ),
    _sentence(
        "7.4",
        "并事后告知办结情况",
        "The applicant is told the outcome afterwards.",
        _obligation(
            "outcome",
            zh="每个未办结事项一项；有承诺日期的以该日期为限",
            en="one for each outstanding item; due on the day promised for it, if there is one",
        ),
        _guard(
            "report_outcome.unit_in_charge",
            "report_outcome.item_outstanding",
            "report_outcome.not_yet_reported",
            "report_outcome.outcome_given",
            "close.every_outcome_reported",
            zh="告知书中的每个事项都要告知办结情况；未告知不得结案",
            en="the outcome of every item of the notice is told; until then the case does not "
            "close",
        ),
        _record(
            "event:outcome_reported",
            zh="办结情况和告知的时间、方式",
            en="the outcome, and when and how it was told",
        ),
    ),
    _sentence(
        "7.4",
        "及时送达相关材料",
        "The applicant is brought the materials promptly.",
        _obligation(
            "delivery",
            zh="告知办结情况时说明有材料送达的，须送达；“及时”未定时限",
            en="owed for materials that a reported outcome announces; “promptly” sets no limit",
        ),
        _guard(
            "deliver.unit_in_charge",
            "deliver.visit_held",
            "deliver.materials_and_recipient_given",
            "deliver.announced_and_undelivered",
            "close.everything_delivered",
            zh="写明材料和签收人；应送未送的不得结案",
            en="the materials and who received them are named; the case does not close before "
            "everything announced is delivered",
        ),
        _record(
            "event:delivered",
            zh="送达的材料、方式、签收人和时间",
            en="what was delivered, how, to whom and when",
        ),
    ),
    _sentence(
        "7.5",
        "上门服务的窗口单位工作人员，应指导服务对象将有关表格一次性填写完整",
        "The unit's staff guide the recipient so that the forms are filled in completely the first "
        "time.",
        _guard(
            "serve.forms_completed",
            zh="有事项办结的，有关表格须填写完整",
            en="where an item was completed, the forms are filled in whole",
        ),
        _record(
            "event:served",
            zh="表格是否填写完整",
            en="whether the forms were filled in whole",
        ),
    ),
    _sentence(
        "7.5",
        "及时为服务对象办理",
        "The staff handle the matter promptly.",
        _record(
            "event:served",
            "event:outcome_reported",
            zh="到达、离开和办结的时间",
            en="the times of the visit and of each outcome",
        ),
        _human(
            "event:served",
            zh="“及时”未定时限，由人判断；各项时间留有记录",
            en="“promptly” sets no limit and is for people to judge; the times are kept",
        ),
    ),
    # 8 Evaluation and improvement
    _sentence(
        "8.1",
        "上门服务开展情况应纳入窗口工作考核加分内容",
        "On-site service earns bonus points in the windows' performance assessment.",
        _report(
            "report:performance",
            zh="各单位的案件数、按时和逾期数、上门次数和评价",
            en="each unit's cases, acts on time and late, visits held, and evaluations",
        ),
        _human(
            "event:served",
            zh="加多少分由考核部门决定；可计数的都留有记录",
            en="how many points is the assessor's decision; what can be counted is kept",
        ),
    ),
    _sentence(
        "8.1",
        "服务质量评价按照 GB/T 39734、GB/T 40762 的要求开展",
        "Service quality is evaluated according to GB/T 39734 and GB/T 40762.",
        _record(
            "form:recipient_opinion",
            zh="服务对象的意见及评价；评价等级由引用标准规定，作为配置给出（I-13）",
            en="the recipient's opinion and evaluation; the scale is the cited standards' and is "
            "configuration (I-13)",
        ),
        _report(
            "report:performance",
            zh="评价计入各单位的情况",
            en="evaluations count in a unit's performance",
        ),
    ),
    _sentence(
        "8.2",
        "《“上门办、一次办”服务登记表》的结果可作为质量评价和改进的依据",
        "The results on the registration forms may serve as the basis for evaluating and improving "
        "quality.",
        _report(
            "report:registration_forms",
            zh="登记表结果的汇总，不含个人信息",
            en="the forms' results in summary, without people's data",
        ),
        _record(
            "event:registration_form_filed",
            "form:summary",
            "form:recipient_opinion",
            zh="办理概况、服务对象意见及评价",
            en="the summary of handling, and the recipient's opinion",
        ),
    ),
    _sentence(
        "8.3",
        "应建立投诉举报机制，畅通投诉举报渠道",
        "There is an open channel for complaints and reports of misconduct.",
        _record(
            "later:complaint",
            zh="本版本尚无投诉举报的记录",
            en="complaints are not yet recorded in this version",
        ),
        _obligation(
            "later:complaint",
            zh="本版本尚无答复投诉的期限",
            en="answering a complaint is not yet an obligation in this version",
        ),
    ),
    _sentence(
        "8.3",
        "投诉举报处理按照 GB/T 36113 的要求进行",
        "They are handled according to GB/T 36113.",
        _record(
            "later:complaint",
            zh="本版本尚无投诉举报的处理记录",
            en="how a complaint was handled is not yet recorded in this version",
        ),
        _obligation(
            "later:complaint",
            zh="期限由引用标准规定，将作为配置给出（I-13）；本版本尚无",
            en="its limits are the cited standard's and will be configuration (I-13); not yet in "
            "this version",
        ),
    ),
    _sentence(
        "8.4",
        "应建立快速反馈机制，使申请人提出的诉求能够及时得到响应",
        "There is a fast feedback mechanism, so that applicants' requests are answered promptly.",
        _record(
            "later:request",
            zh="本版本尚无诉求的记录",
            en="requests are not yet recorded in this version",
        ),
        _obligation(
            "later:request",
            zh="本版本尚无响应诉求的义务；“及时”未定时限",
            en="answering a request is not yet an obligation in this version; “promptly” sets no "
            "limit",
        ),
    ),
    _sentence(
        "8.5",
        "应加强对政务服务工作人员的业务培训，不断提升其工作能力和办理效率",
        "Staff are trained, so that their competence and efficiency keep improving.",
        _report(
            "report:training_needs",
            zh="各单位工作人员最常在哪些条款上受阻，作为培训需求",
            en="which clauses a unit's staff most often ran into, as training needs",
        ),
        _human(
            "event:corrected",
            zh="培训由单位组织；更正的记录也可看出需要培训之处",
            en="the training itself is the unit's; corrections also show where it is needed",
        ),
    ),
    # 9 Archiving
    _sentence(
        "9",
        "上门服务人员应按照一案一档的要求规范台账",
        "Visiting staff keep an orderly ledger, one dossier a case.",
        _guard(
            "*.at_not_after_recorded",
            "*.recorded_in_order",
            "*.at_not_before_cause",
            zh="记录按登记先后排列，行为不晚于登记、不早于其起因（I-15）",
            en="entries stand in the order they were recorded; no act is later than its entry, or "
            "earlier than what made it possible (I-15)",
        ),
        _guard(
            "correct.entry_exists",
            "correct.reason_given",
            "correct.fields_correctable",
            "correct.corrected_history_allowed",
            "correct.state_unchanged",
            "correct.author_of_entry",
            zh="错误只能更正，不能抹去（I-6）",
            en="a wrong entry is corrected, never erased (I-6)",
        ),
        _record(
            "event:corrected",
            zh="更正的内容、理由和原记录；每一案的全部记录即为其档案",
            en="the correction, its reason and the entry as it was; all entries of a case are its "
            "dossier",
        ),
    ),
    _sentence(
        "9",
        "对“上门办、一次办”的工作表单等文书材料进行整理、归档",
        "They sort and archive the forms and other papers.",
        _obligation(
            "archive",
            zh="结案后须归档（I-16）；条文未定时限",
            en="owed once the case is closed (I-16); the text sets no limit",
        ),
        _guard(
            "archive.unit_in_charge",
            "archive.archive_number_given",
            zh="由主办窗口或综合窗口归档，须有档号",
            en="by the lead or the integrated window, under an archive number",
        ),
        _record(
            "event:archived",
            zh="档号和保管人",
            en="the archive number and the keeper",
        ),
    ),
    _sentence(
        "9",
        "并妥善保存",
        "They keep them safe.",
        _human(
            "event:archived",
            zh="纸质材料的保管由人负责，保管人留有记录；保存期限条文未定，须由使用方给出（I-12）",
            en="keeping papers safe is people's work, and the keeper is recorded; the text sets no "
            "retention period, the embedding system must give it (I-12)",
        ),
    ),
    # Annex C speaks to the handling unit in its printed text
    _sentence(
        "C",
        "请立即与当事群众取得联系, 沟通好“上门办、一次办”相关事宜",
        "Contact the person at once, and arrange the on-site service with them.",
        _obligation(
            "appointment",
            zh="“立即”未定时限；联系的结果是约定（7.2.1）",
            en="“at once” sets no limit; the contact results in the appointment of 7.2.1",
        ),
        _record(
            "event:scheduled",
            zh="约定的时间和地点",
            en="the appointed time and place",
        ),
    ),
    _sentence(
        "C",
        "同时将《“上门办、一次办”服务登记表》反馈到“上门办、一次办”综合窗口",
        "Return the registration form to the integrated window.",
        _obligation(
            "form",
            zh="时限见 6.3",
            en="within the limit of 6.3",
        ),
        _record(
            "event:registration_form_filed",
            zh="提交的时间和内容",
            en="when it was filed, and what it says",
        ),
    ),
)
"""Every normative sentence, in document order."""
