"""Formulas, as far as a school's workbook needs them: arithmetic, comparison, references, a few functions, and Google's errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from . import a1
from .a1 import Rect
from .document import Document, Entered, Formula, Tab, number


class Error(NamedTuple):
    """A cell's error: Google's type, what the cell shows, and the sentence beside it."""

    type: str
    text: str
    message: str = ""


DIVIDE_BY_ZERO = Error("DIVIDE_BY_ZERO", "#DIV/0!", "Function DIVIDE parameter 2 cannot be zero.")
REF = Error("REF", "#REF!", "Reference does not exist.")
CIRCLE = Error("REF", "#REF!", "Circular dependency detected. To resolve with iterative calculation, see File > Settings.")
NOT_AVAILABLE = Error("N_A", "#N/A", "Value is not available.")
PARSE = Error("ERROR", "#ERROR!", "Formula parse error.")
LOADING = Error("LOADING", "Loading...", "Loading...")
NUM = Error("NUM", "#NUM!", "Numeric value is not a valid number.")

Value = None | bool | int | float | str | Error
Block = list[list[Value]]
Result = Value | Block

_LITERAL_ERRORS = {error.text: error for error in (DIVIDE_BY_ZERO, REF, NOT_AVAILABLE, PARSE, NUM)} | {
    "#VALUE!": Error("VALUE", "#VALUE!", "Value is not valid."),
    "#NAME?": Error("NAME", "#NAME?", "Unknown name."),
    "#NULL!": Error("NULL_VALUE", "#NULL!", "Null value."),
}

FORMULA_OF = {
    "DIVIDE_BY_ZERO": "=1/0", "REF": "=#REF!", "N_A": "=NA()", "NAME": "=#NAME?", "VALUE": "=#VALUE!", "NUM": "=#NUM!", "ERROR": "=#ERROR!",
    "NULL_VALUE": "=#NULL!", "LOADING": "=LOADING()",
}  # fmt: skip
"""A formula that comes to each type of error, for errors that come in as values."""

TOKEN = re.compile(
    r"""\s*(?:
    (?P<ref>(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?(?:\$?[A-Za-z]{1,3}\$?\d{1,8}(?::\$?[A-Za-z]{1,3}\$?\d{1,8}|:\$?[A-Za-z]{1,3}(?![\w(]))?
        |\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(])|\$?\d{1,8}:\$?\d{1,8})(?![\w(.]))
    |(?P<number>\d+(?:@\d*)?(?:[eE][+-]?\d+)?|@\d+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<error>(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?\#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|ERROR!))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<sign><>|<=|>=|[-+*/^&=<>%(){},;:\\!])
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=4)
def _tokens_of(decimal: str) -> re.Pattern[str]:
    return re.compile(TOKEN.pattern.replace("@", re.escape(decimal)), re.VERBOSE)


class _Unreadable(Exception):
    pass


Node = tuple[Any, ...]


@lru_cache(maxsize=20000)
def _parse(formula: str, decimal: str) -> Node:
    """The formula as nested tuples; ("error", PARSE) for what cannot be read."""
    try:
        return _Parser(formula[1:], decimal).whole()
    except _Unreadable:
        return ("value", PARSE)


class _Parser:
    _BINARY = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 6}

    def __init__(self, text: str, decimal: str) -> None:
        self.decimal = decimal
        self.tokens: list[tuple[str, str]] = []
        at, text, pattern = 0, text.rstrip(), _tokens_of(decimal)
        while at < len(text):
            found = pattern.match(text, at)
            if not found:
                raise _Unreadable
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" else ""

    def whole(self) -> Node:
        node = self.expression(0)
        if self.at < len(self.tokens):
            raise _Unreadable
        return node

    def expression(self, least: int) -> Node:
        node = self.operand()
        while True:
            sign = self.peek()
            if sign == "%":
                self.at += 1
                node = ("binary", "/", node, ("value", 100))
                continue
            strength = self._BINARY.get(sign, 0)
            if not strength or strength < least:
                return node
            self.at += 1
            node = ("binary", sign, node, self.expression(strength + 1))

    def operand(self) -> Node:
        if self.at >= len(self.tokens):
            raise _Unreadable
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("value", number(float(text.replace(self.decimal, "."))))
        if kind == "text":
            return ("value", text[1:-1].replace('""', '"'))
        if kind == "error":
            return ("value", _LITERAL_ERRORS[text[text.index("#") :]])
        if kind == "ref":
            return ("ref", *a1.split(text.replace("$", "") if not text.startswith("'") else text))
        if kind == "name":
            if self.peek() == "(":
                return self.call(text.upper())
            return ("value", text.upper() == "TRUE") if text.upper() in {"TRUE", "FALSE"} else ("name", text)
        if text in "+-":
            return ("unary", text, self.expression(7))
        if text == "(":
            node = self.expression(0)
            if self.peek() != ")":
                raise _Unreadable
            self.at += 1
            return node
        raise _Unreadable

    def call(self, name: str) -> Node:
        self.at += 1
        arguments: list[Node] = []
        if self.peek() == ")":
            self.at += 1
            return ("call", name, ())
        while True:
            arguments.append(("value", None) if self.peek() in {",", ";", ")"} and self.peek() else self.expression(0))
            sign = self.peek()
            self.at += 1
            if sign == ")":
                return ("call", name, tuple(arguments))
            if sign not in {",", ";"} or not sign:
                raise _Unreadable


def result(document: Document, tab: Tab, row: int, column: int) -> Value:
    """What a cell holds once its formula, if it has one, is worked out."""
    value: Entered = tab.get(row, column).value
    if type(value) is not Formula:
        return value
    key = (tab.id, row, column)
    if key not in document.results:
        document.results[key] = CIRCLE  # what a formula sees that comes back to itself
        try:
            document.results[key] = _single(_Evaluation(document, tab).value(_parse(value, _decimal(document))))
        except RecursionError:
            document.results[key] = CIRCLE
    return document.results[key]


def _decimal(document: Document) -> str:
    from .locales import locale

    return locale(document.locale).decimal


def _single(value: Result) -> Value:
    if isinstance(value, list):
        value = value[0][0] if value and value[0] else REF
    return number(value) if isinstance(value, float) else value


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _numeric(value: Value, function: str, place: int) -> int | float | Error:
    if isinstance(value, Error):
        return value
    if value is None:
        return 0
    if isinstance(value, str):
        try:
            return number(float(value)) if value.strip() else _no_number(function, place, value)
        except ValueError:
            return _no_number(function, place, value)
    return int(value) if isinstance(value, bool) else value


def _no_number(function: str, place: int, value: str) -> Error:
    message = f"Function {function} parameter {place} expects number values. But '{value}' is a text and cannot be coerced to a number."
    return Error("VALUE", "#VALUE!", message)


_WORDS = {"+": "ADD", "-": "MINUS", "*": "MULTIPLY", "/": "DIVIDE", "^": "POW"}
_RANK = {bool: 2, str: 1}


class _Evaluation:
    def __init__(self, document: Document, tab: Tab) -> None:
        self.document, self.tab = document, tab

    def value(self, node: Node) -> Result:
        return getattr(self, f"_{node[0]}")(*node[1:])

    def one(self, node: Node) -> Value:
        return _single(self.value(node))

    def _value(self, value: Value) -> Value:
        return value

    def _name(self, name: str) -> Result:
        named = next((one for one in self.document.named if one["name"].casefold() == name.casefold()), None)
        if named is None:
            return Error("NAME", "#NAME?", f"Unknown range name: '{name.upper()}'.")
        tab = self.document.find(named["range"].get("sheetId", 0))
        return REF if tab is None else self._block(tab, a1.from_grid_range(named["range"]))

    def _ref(self, title: str | None, area: str) -> Result:
        tab = self.tab if title is None else self.document.titled(title)
        if tab is None:
            return Error("REF", "#REF!", f"Unresolved sheet name '{title}'.")
        rect = a1.area(area.replace("$", ""))
        return REF if rect is None else self._block(tab, rect)

    def _block(self, tab: Tab, rect: Rect) -> Result:
        rect = rect.within(tab.height, tab.width)
        if not rect.height or not rect.width:
            return REF
        assert rect.bottom is not None and rect.right is not None
        columns = range(rect.left, rect.right)
        return [[result(self.document, tab, row, column) for column in columns] for row in range(rect.top, rect.bottom)]

    def _unary(self, sign: str, node: Node) -> Value:
        value = _numeric(self.one(node), "UMINUS" if sign == "-" else "UPLUS", 1)
        return value if isinstance(value, Error) or sign == "+" else -value

    def _binary(self, sign: str, left_node: Node, right_node: Node) -> Value:
        left, right = self.one(left_node), self.one(right_node)
        for side in (left, right):
            if isinstance(side, Error):
                return side
        if sign == "&":
            return _text(left) + _text(right)
        if sign in {"=", "<>", "<", ">", "<=", ">="}:
            return self._compare(sign, left, right)
        first, second = _numeric(left, _WORDS[sign], 1), _numeric(right, _WORDS[sign], 2)
        if isinstance(first, Error):
            return first
        if isinstance(second, Error):
            return second
        return self._reckon(sign, first, second)

    @staticmethod
    def _reckon(sign: str, first: float, second: float) -> Value:
        try:
            match sign:
                case "+":
                    return first + second
                case "-":
                    return first - second
                case "*":
                    return first * second
                case "/":
                    return first / second
                case _:
                    power = float(first) ** float(second)
                    return NUM if isinstance(power, complex) else power
        except ZeroDivisionError:
            return DIVIDE_BY_ZERO
        except OverflowError:
            return NUM

    @staticmethod
    def _compare(sign: str, left: Value, right: Value) -> bool:
        def key(value: Value, other: Value) -> tuple[int, Any]:
            if value is None:
                value = "" if isinstance(other, str) else 0
            return _RANK.get(type(value), 0), value.casefold() if isinstance(value, str) else value

        one, two = key(left, right), key(right, left)
        return {"=": one == two, "<>": one != two, "<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two}[sign]

    def _call(self, name: str, arguments: tuple[Node, ...]) -> Result:
        function = _FUNCTIONS.get(name)
        if function is None:
            return PARSE if name in _HEAVIER else Error("NAME", "#NAME?", f"Unknown function: '{name}'.")
        least, most, work = function
        if not least <= len(arguments) <= most:
            return Error(
                "N_A", "#N/A", f"Wrong number of arguments to {name}. Expected {least} arguments, but got {len(arguments)} arguments."
            )
        return work(self, arguments)

    def figures(self, arguments: tuple[Node, ...], function: str) -> list[int | float] | Error:
        """The numbers among the arguments: within ranges all else is passed over, a lone text is an error."""
        found: list[int | float] = []
        for place, node in enumerate(arguments, 1):
            value = self.value(node)
            if isinstance(value, list):
                for item in _flat(value):
                    if isinstance(item, Error):
                        return item
                    if isinstance(item, int | float) and not isinstance(item, bool):
                        found.append(item)
            elif value is not None:
                one = _numeric(value, function, place)
                if isinstance(one, Error):
                    return one
                found.append(one)
        return found

    def items(self, arguments: tuple[Node, ...]) -> Iterator[Value]:
        for node in arguments:
            value = self.value(node)
            if isinstance(value, list):
                yield from _flat(value)
            else:
                yield value


def _flat(block: Block) -> Iterator[Value]:
    for row in block:
        yield from row


def _of_figures(function: str, work: Callable[[list[int | float]], Value]) -> Callable[[_Evaluation, tuple[Node, ...]], Result]:
    def run(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
        figures = evaluation.figures(arguments, function)
        return figures if isinstance(figures, Error) else work(figures)

    return run


def _mean(figures: list[int | float]) -> Value:
    return (
        sum(figures) / len(figures)
        if figures
        else Error("DIVIDE_BY_ZERO", "#DIV/0!", "Evaluation of function AVERAGE caused a divide by zero error.")
    )


def _count(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
    return sum(1 for item in evaluation.items(arguments) if isinstance(item, int | float) and not isinstance(item, bool))


def _counta(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
    return sum(1 for item in evaluation.items(arguments) if item is not None)


def _if(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
    condition = evaluation.one(arguments[0])
    if isinstance(condition, str):
        return _no_number("IF", 1, condition)
    if isinstance(condition, Error):
        return condition
    if condition:
        return evaluation.value(arguments[1])
    return evaluation.value(arguments[2]) if len(arguments) > 2 else False


def _iferror(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
    value = evaluation.one(arguments[0])
    if not isinstance(value, Error):
        return value
    return evaluation.value(arguments[1]) if len(arguments) > 1 else None


def _round(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Result:
    from decimal import ROUND_HALF_UP, Decimal

    figures = evaluation.figures(arguments, "ROUND")
    if isinstance(figures, Error):
        return figures
    places = int(figures[1]) if len(figures) > 1 else 0
    return float(Decimal(repr(float(figures[0]))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


MANY = 30
_FUNCTIONS: dict[str, tuple[int, int, Callable[[_Evaluation, tuple[Node, ...]], Result]]] = {
    "SUM": (1, MANY, _of_figures("SUM", lambda figures: sum(figures))),
    "AVERAGE": (1, MANY, _of_figures("AVERAGE", _mean)),
    "MIN": (1, MANY, _of_figures("MIN", lambda figures: min(figures, default=0))),
    "MAX": (1, MANY, _of_figures("MAX", lambda figures: max(figures, default=0))),
    "COUNT": (1, MANY, _count),
    "COUNTA": (1, MANY, _counta),
    "IF": (2, 3, _if),
    "IFERROR": (1, 2, _iferror),
    "ROUND": (1, 2, _round),
    "NA": (0, 0, lambda evaluation, arguments: NOT_AVAILABLE),
    "LOADING": (0, 0, lambda evaluation, arguments: LOADING),
}

_HEAVIER = {
    "VLOOKUP", "HLOOKUP", "XLOOKUP", "INDEX", "MATCH", "COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIF", "QUERY", "FILTER",
    "SORT", "UNIQUE", "IMPORTRANGE", "ARRAYFORMULA", "INDIRECT", "OFFSET", "TODAY", "NOW", "DATE", "AND", "OR", "NOT", "LEN", "LEFT",
    "RIGHT", "MID", "TRIM", "UPPER", "LOWER", "TEXT", "VALUE", "HYPERLINK", "SUMPRODUCT", "REGEXMATCH", "SPLIT", "CONCATENATE",
    "TRANSPOSE", "RAND", "MEDIAN", "MOD", "ABS", "INT", "ROUNDUP", "ROUNDDOWN", "GOOGLEFINANCE", "IMAGE",
}  # fmt: skip
"""Functions that Google has and this server does not: such a formula shows #ERROR!."""


def moved(formula: Formula, change: Callable[[str | None, Rect, str], str | None], decimal: str) -> Formula:
    """The formula with every reference rewritten by `change(title, rect, area text)`; None: the reference is lost, #REF!."""
    pattern, text, at, parts = _tokens_of(decimal), str(formula), 1, ["="]
    while at < len(text):
        found = pattern.match(text, at)
        if not found:
            return formula
        token = found[0]
        if found.lastgroup == "ref":
            lead = token[: len(token) - len(token.lstrip())]
            title, area = a1.split(token.strip())
            prefix = token.strip()[: len(token.strip()) - len(area)]
            rect = a1.area(area.replace("$", ""))
            fresh = change(title, rect, area) if rect is not None else area
            token = lead + ("#REF!" if fresh is None else prefix + fresh)
        parts.append(token)
        at = found.end()
    return Formula("".join(parts))


def retitled(formula: Formula, old: str, new: str, decimal: str) -> Formula:
    """The formula with references to a renamed sheet following it; `new` is written as it stands in a formula."""
    pattern, text, at, parts = _tokens_of(decimal), str(formula), 1, ["="]
    while at < len(text):
        found = pattern.match(text, at)
        if not found:
            return formula
        token = found[0]
        if found.lastgroup == "ref":
            title, area = a1.split(token.strip())
            if title is not None and title.casefold() == old.casefold():
                token = token[: len(token) - len(token.lstrip())] + f"{new}!{area}"
        parts.append(token)
        at = found.end()
    return Formula("".join(parts))
