"""From contributions to values: sums by level, the one division, statuses; and the way back from a value to its cells.

Contributions (lib/indicators/formulas.py) are summed to the levels that config/indicators/*.yaml names in `by`;
value = scale × Σ numerator / Σ denominator.
No contributions: not_collected. Σ denominator = 0: not_collected when something was expected, else not_applicable (nobody to count).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from itertools import product

import narwhals as nw
import pyarrow as pa

from lib.indicators.formulas import TEXT_UNITS, UNIT_COLUMNS, contributions, least, unit_query
from lib.indicators.plan import GROUND, Plan
from lib.indicators.relations import Data, quoted
from lib.model.calendar import PERIOD_KINDS
from lib.model.indicator import DIMENSIONS, Indicator, Status
from lib.settings import Settings

PLACES = ("stage", "grade", "school_class")
TOPICS = ("subject", "method_association")
VALUE_COLUMNS = (
    "indicator", "school_year", "period", "level", *DIMENSIONS, "part", "numerator", "denominator", "value", "status", "expected",
)  # fmt: skip
# The dimensions of a value apart from the school, in the order in which level names join them.
_DIMS = ("stage", "grade", "school_class", "subject", "method_association", "teacher")
_DIM_TYPES = {"grade": "INTEGER"}
# How the rows of values stand within a level: by the value of each dimension, grades as numbers.
_ORDERED = ("stage", "try_cast(grade AS INTEGER)", "school_class", "subject", "method_association", "teacher")
_WORDS = ("indicator", "school_year", "period", "stage", "school_class", "subject", "method_association", "teacher", "part")


def _levels() -> tuple[tuple[str, ...], ...]:
    """Every level a value may have, as a tuple of dimensions; () is the school."""
    found = []
    for place, topic in product(("", *PLACES), ("", *TOPICS)):
        found.append(tuple(name for name in (place, topic) if name))
    return (*found, ("teacher",))


LEVELS = _levels()
_RUNNERS = 2  # the queries are many and small: several at a time use the cores better than one that is split


def level_name(dims: Iterable[str]) -> str:
    """The name of a level: "school", "stage", "school_class+subject" …"""
    return "+".join(name for name in _DIMS if name in set(dims)) or "school"


# --- values ----------------------------------------------------------------------------------------------------------------


def compute(data: Data, settings: Settings | None = None, codes: Iterable[str] | None = None, plan: Plan | None = None) -> pa.Table:
    """All values of the catalogue and its companions, or of `codes`: a table with VALUE_COLUMNS.

    Dimensions are texts, "" meaning all; only those named in `level` are filled, `school` on the level "school". numerator,
    denominator, value and expected are doubles or null. Rows without a value say in `status` why. `plan`: the formulas' queries, where
    they are remembered; those that it does not have are built.
    """
    settings = settings or data.settings
    known = settings.all_indicators
    chosen = [known[code] for code in (codes if codes is not None else known)]
    if not data.school_year_ids or not chosen:
        return _no_values()
    _catalogue(data, settings, chosen)
    _gather(data, chosen, plan or Plan({}, {}, {}))
    parts = {}
    for ways, query in ((("sum", "count"), _sums), (("distinct",), _counts), (("median",), _medians)):
        used = {number for i in chosen if i.roll_up in ways for pair in _numbers(i).items() for number in pair}
        if used:
            parts[f"rolled_{ways[0]}"] = query(used)
    if any(i.roll_up == "spread" for i in chosen):
        parts["rolled_spread"] = _spreads(settings)
    _in_order({name: set() for name in parts}, lambda name: data.con.execute(f"CREATE OR REPLACE TABLE {name} AS {parts[name]}"))
    rolled = " UNION ALL BY NAME ".join(f"SELECT * FROM {name}" for name in parts)
    values = data.con.sql(_valued(settings, rolled)).to_arrow_table()
    for name in parts:
        data.con.execute(f"DROP TABLE {name}")  # it holds the words of these units
    return values


def _no_values() -> pa.Table:
    numbers = {"numerator", "denominator", "value", "expected"}
    return pa.table({name: pa.array([], pa.float64() if name in numbers else pa.string()) for name in VALUE_COLUMNS})


def _numbers(indicator: Indicator) -> dict[int, int]:
    """The levels of an indicator by number in LEVELS → the level that its denominator is taken from."""
    kept = set(indicator.denominator_by)
    found = {}
    for number, dims in enumerate(LEVELS):
        if set(dims) <= set(indicator.by):
            found[number] = LEVELS.index(tuple(name for name in dims if name in kept))
    return found


def _catalogue(data: Data, settings: Settings, chosen: list[Indicator]) -> None:
    """Tables `catalogue` (one row an indicator), `allowed` (its levels) and `least`."""
    con = data.con
    con.register(
        "given_catalogue",
        pa.table(
            {
                "indicator": [i.code for i in chosen],
                "scale": pa.array([float(i.scale) for i in chosen], pa.float64()),
                "roll_up": [i.roll_up for i in chosen],
                "kinds": pa.array([list(i.periods) for i in chosen], pa.list_(pa.string())),
                "only_grades": pa.array([list(i.grades) or None for i in chosen], pa.list_(pa.int32())),
                "marked_only": [i.marked_only for i in chosen],
                "in_parts": [bool(i.breakdown) for i in chosen],
            }
        ),
    )
    con.execute("CREATE OR REPLACE TABLE catalogue AS SELECT * FROM given_catalogue")
    allowed = [(indicator.code, *numbers) for indicator in chosen for numbers in _numbers(indicator).items()]
    con.register(
        "given_allowed",
        pa.table(
            {
                "indicator": [row[0] for row in allowed],
                "number": pa.array([row[1] for row in allowed], pa.int32()),
                "denominator_number": pa.array([row[2] for row in allowed], pa.int32()),
            }
        ),
    )
    con.execute("CREATE OR REPLACE TABLE allowed AS SELECT * FROM given_allowed")
    rules = least(settings)
    con.register(
        "given_least",
        pa.table(
            {
                "indicator": pa.array([row[0] for row in rules], pa.string()),
                "at_level": pa.array([row[1] for row in rules], pa.string()),
                "least": pa.array([row[2] for row in rules], pa.float64()),
            }
        ),
    )
    con.execute("CREATE OR REPLACE TABLE least AS SELECT * FROM given_least")


def _gather(data: Data, chosen: list[Indicator], plan: Plan) -> None:
    """Table `units`: the contributions of all chosen indicators, with grade and stage filled in from the class, and only where they
    apply."""
    con = data.con
    types = {"grade": "INTEGER"} | dict.fromkeys(("numerator", "denominator", "expected", "cases"), "DOUBLE")
    con.execute("CREATE OR REPLACE TABLE gathered (" + ", ".join(f'"{n}" {types.get(n, "VARCHAR")}' for n in UNIT_COLUMNS) + ")")
    steps = plan.steps(i.code for i in chosen if i.code in plan.queries)
    to_build = {i.code: i for i in chosen if i.code not in plan.queries}

    def do(step: str) -> None:
        if step in plan.tables:
            plan.make(step, data)
        else:
            query = unit_query(to_build[step], data) if step in to_build else plan.query(step, data.as_of)
            data.con.execute(f"INSERT INTO gathered {query}")

    _in_order(steps | {code: set() for code in to_build}, do)
    data.need(*GROUND)
    con.execute(
        """
        CREATE OR REPLACE TABLE placed AS
        SELECT u.* REPLACE (coalesce(u.grade, c.grade) AS grade), coalesce(c.stage, g.stage) AS stage
        FROM gathered u JOIN catalogue i USING (indicator)
        JOIN periods t ON t.school_year = u.school_year AND t.period = u.period
        LEFT JOIN classes c ON c.school_year = u.school_year AND c.school_class = u.school_class
        LEFT JOIN grades g ON g.school_year = u.school_year AND g.grade = coalesce(u.grade, c.grade)
        WHERE t.begun
          AND (i.only_grades IS NULL OR list_contains(i.only_grades, coalesce(u.grade, c.grade)))
          AND NOT (i.marked_only AND NOT coalesce(g.marked, true))
        """
    )
    _number_words(data)


def _in_order(steps: Mapping[str, Collection[str]], do: Callable[[str], object]) -> None:
    """Do every step after those that it waits for, some at a time; first those that most others wait for. An error ends it."""
    order = TopologicalSorter(steps)
    order.prepare()
    waited_for: dict[str, int] = dict.fromkeys(steps, 0)
    for others in steps.values():
        for name in others:
            waited_for[name] += 1
    ready: list[str] = []
    running: dict[Future[object], str] = {}
    with ThreadPoolExecutor(_RUNNERS, thread_name_prefix="indicators") as pool:
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=waited_for.__getitem__)
            while ready and len(running) < _RUNNERS:
                name = ready.pop()
                running[pool.submit(do, name)] = name
            for finished in wait(running, return_when=FIRST_COMPLETED).done:
                finished.result()
                order.done(running.pop(finished))


def _number_words(data: Data) -> None:
    """Table `units`: `placed` with its few words as enumerations, which DuckDB groups twice as fast as texts; they sort like texts."""
    con = data.con
    con.execute("DROP TABLE IF EXISTS units")
    found = con.execute(f"SELECT {', '.join(f'list_sort(list(DISTINCT {name}))' for name in _WORDS)} FROM placed").fetchone() or ()
    for name, words in zip(_WORDS, found, strict=True):
        con.execute(f"DROP TYPE IF EXISTS word_of_{name}")
        con.execute(f"CREATE TYPE word_of_{name} AS ENUM ({', '.join(quoted(word) for word in words or () if word is not None)})")
    con.execute(f"CREATE TABLE units AS SELECT * REPLACE ({', '.join(f'{name}::word_of_{name} AS {name}' for name in _WORDS)}) FROM placed")


def _grouping(used: Collection[int]) -> tuple[str, str, str]:
    """For the levels that are used: their GROUPING SETS, an expression for a row's number in LEVELS, and the dimensions to select."""
    wanted = {number: dims for number, dims in enumerate(LEVELS) if number in used}
    sets = ", ".join("(" + ", ".join(("indicator", "school_year", "period", "part_of", *dims)) + ")" for dims in wanted.values())
    named = [name for name in _DIMS if any(name in dims for dims in wanted.values())]
    cells = ", ".join(name if name in named else f"NULL::{_DIM_TYPES.get(name, 'VARCHAR')} AS {name}" for name in _DIMS)
    if not named:
        return f"GROUPING SETS ({sets})", "0", cells
    cases = []
    for number, dims in wanted.items():
        mask = sum(1 << (len(named) - 1 - place) for place, name in enumerate(named) if name not in dims)
        cases.append(f"WHEN {mask} THEN {number}")
    return f"GROUPING SETS ({sets})", f"CASE GROUPING({', '.join(named)}) {' '.join(cases)} END", cells


def _in_parts(where: str) -> str:
    """`units` once for the totals (part_of "") and once more for each part of a breakdown.

    A unit without a part that counts nothing is one of those counted among (a denominator), and belongs to every part that occurs: so a
    share of all teachers can be shown by category. One that counts something, whose part was not written, stands in the total alone."""
    columns = "indicator, school_year, period, stage, grade, school_class, subject, method_association, teacher, who"
    measures = "numerator, denominator, expected, cases"
    return f"""
        SELECT {columns}, '' AS part_of, {measures} FROM units JOIN catalogue USING (indicator) WHERE {where}
        UNION ALL
        SELECT {columns}, part AS part_of, {measures} FROM units JOIN catalogue USING (indicator) WHERE {where} AND part IS NOT NULL
        UNION ALL
        SELECT {columns}, p.part AS part_of, {measures} FROM units JOIN catalogue USING (indicator)
        JOIN (SELECT DISTINCT indicator, part FROM units WHERE part IS NOT NULL) p USING (indicator)
        WHERE {where} AND in_parts AND units.part IS NULL AND coalesce(numerator, 0) = 0"""


def _named(dims: str = "r") -> str:
    """A condition: every dimension of the row's level is known."""
    return " AND ".join(
        f"({dims}.number NOT IN ({', '.join(str(n) for n, level in enumerate(LEVELS) if name in level)}) OR {dims}.{name} IS NOT NULL)"
        for name in _DIMS
    )


def _sums(used: Collection[int]) -> str:
    """Σ by level."""
    return _rolled("roll_up IN ('sum', 'count')", "fsum(numerator)", used)


def _counts(used: Collection[int]) -> str:
    """How many different pupils or teachers at each level, over Σ denominators."""
    return _rolled("roll_up = 'distinct'", "count(DISTINCT who) FILTER (numerator > 0)::DOUBLE", used)


def _rolled(where: str, numerator: str, used: Collection[int]) -> str:
    """A numerator by level over Σ denominators. A denominator that keeps fewer dimensions than the numerator (denominator_by) is
    taken from the level that it has."""
    sets, number, cells = _grouping(used)
    same = " AND ".join(
        f"(d.number NOT IN ({', '.join(str(n) for n, level in enumerate(LEVELS) if name in level)}) OR d.{name} = r.{name})"
        for name in _DIMS
    )
    return f"""
        SELECT * FROM (
        WITH source AS ({_in_parts(where)}),
        level AS (
            SELECT indicator, school_year, period, part_of AS part, {cells}, {number} AS number, {numerator} AS numerator,
                   fsum(denominator) AS denominator, fsum(expected) AS expected, fsum(cases) AS cases
            FROM source GROUP BY {sets}),
        plain AS (
            SELECT r.*, a.denominator_number FROM level r JOIN allowed a USING (indicator, number) WHERE {_named()})
        SELECT * EXCLUDE (denominator_number), NULL::DOUBLE AS given FROM plain WHERE number = denominator_number
        UNION ALL
        SELECT r.* EXCLUDE (denominator_number) REPLACE (
                   d.denominator AS denominator, d.expected AS expected, d.cases AS cases), NULL::DOUBLE AS given
        FROM plain r LEFT JOIN level d
          ON d.indicator = r.indicator AND d.school_year = r.school_year AND d.period = r.period AND d.part = r.part
         AND d.number = r.denominator_number AND {same}
        WHERE r.number != r.denominator_number)"""


def _medians(used: Collection[int]) -> str:
    """The median of the single numerators at each level; the denominator counts the cases."""
    sets, number, cells = _grouping(used)
    return f"""
        SELECT * FROM (
        WITH source AS ({_in_parts("roll_up = 'median'")}),
        level AS (
            SELECT indicator, school_year, period, part_of AS part, {cells}, {number} AS number,
                   NULL::DOUBLE AS numerator, sum(denominator) AS denominator, sum(expected) AS expected, sum(cases) AS cases,
                   median(numerator) FILTER (denominator > 0) AS given
            FROM source GROUP BY {sets})
        SELECT r.* FROM level r JOIN allowed a USING (indicator, number) WHERE {_named()})"""


def _spreads(settings: Settings) -> str:
    """Largest minus smallest share among the parallel classes of a grade, each share drawn towards the mean of its grade (§5.2).

    p̃ = (k + m·p0) / (n + m); classes with n below parallel_min_n are left out. At grade the marks of all subjects stand together;
    at grade+subject those of one. Levels without a grade take the largest spread among their grades.
    """
    m, least = float(settings.thresholds.shrinkage_m), float(settings.thresholds.parallel_min_n)
    complete = float(settings.thresholds.complete_from)
    keys = ("indicator", "school_year", "period", "stage", "grade", "subject")

    def spread(subject: str) -> str:
        return f"""
            SELECT {", ".join(k if k != "subject" else f"{subject} AS subject" for k in keys)}, school_class,
                   sum(numerator) AS k, sum(denominator) AS n, sum(expected) AS e
            FROM units JOIN catalogue USING (indicator) WHERE roll_up = 'spread' AND grade IS NOT NULL GROUP BY ALL"""

    over = "PARTITION BY " + ", ".join(keys)
    # the largest spread; of equal ones that of the most classes, so that the answer does not depend on the order of rows
    widest = "(max({'spread': spread, 'classes': classes}) FILTER (classes > 1))"
    levels = []
    for number, dims in enumerate(LEVELS):
        if not set(dims) <= {"stage", "grade", "subject"}:
            continue
        subject = "subject IS NOT NULL" if "subject" in dims else "subject IS NULL"
        cells = ", ".join(f"{name} AS {name}" if name in dims else f"NULL AS {name}" for name in _DIMS)
        levels.append(
            f"""SELECT indicator, school_year, period, '' AS part, {cells}, {number} AS number, NULL::DOUBLE AS numerator,
                {widest}.classes AS denominator,
                CASE WHEN max(classes) > 1 THEN sum(e) / nullif(sum(n), 0) * {widest}.classes
                     WHEN sum(n) < {complete} * sum(e) THEN sum(e) ELSE 0 END AS expected,
                {widest}.classes AS cases, {widest}.spread AS given
            FROM by_grade WHERE {subject} GROUP BY ALL"""
        )
    return f"""
        SELECT r.* FROM (
        WITH each AS ({spread("NULL::VARCHAR")} UNION ALL {spread("subject")}),
        drawn AS (
            SELECT *, (k + {m} * sum(k) OVER ({over}) / nullif(sum(n) OVER ({over}), 0)) / nullif(n + {m}, 0) AS share FROM each),
        by_grade AS (
            SELECT {", ".join(keys)}, count(*) FILTER (n >= {least})::DOUBLE AS classes, sum(n) AS n, sum(e) AS e,
                   max(share) FILTER (n >= {least}) - min(share) FILTER (n >= {least}) AS spread
            FROM drawn GROUP BY ALL)
        {" UNION ALL ".join(levels)}) r JOIN allowed a USING (indicator, number) WHERE {_named()}"""


def _valued(settings: Settings, rolled: str) -> str:
    """Values and statuses of the query `rolled`, and a row for every place and period that has nothing."""
    complete = float(settings.thresholds.complete_from)
    names = " ".join(f"WHEN {number} THEN '{level_name(dims)}'" for number, dims in enumerate(LEVELS))
    school = settings.school_id.replace("'", "''")
    dims = ", ".join(f"coalesce({name}::VARCHAR, '') AS {name}" for name in _DIMS)
    places = {LEVELS.index((name,) if name else ()): name for name in ("", *PLACES)}
    place_rows = " UNION ALL ".join(
        f"SELECT school_year, {number} AS number, "
        + ", ".join(f"{name} AS {name}" if name == place else f"NULL AS {name}" for name in PLACES)
        + ", grade AS of_grade, marked AS of_marked FROM classes"
        + (f" WHERE {place} IS NOT NULL" if place else "")
        for number, place in places.items()
    )
    kinds = ", ".join(f"'{kind}'" for kind in PERIOD_KINDS)
    return f"""
        WITH judged AS (
            SELECT r.*, i.scale, CASE number {names} END AS level,
                   CASE roll_up WHEN 'count' THEN scale * numerator WHEN 'median' THEN scale * given WHEN 'spread' THEN scale * given
                        ELSE CASE WHEN denominator > 0 THEN scale * numerator / denominator END END AS raw
            FROM ({rolled}) r JOIN catalogue i USING (indicator)),
        told AS (
            SELECT j.*, EXISTS (SELECT 1 FROM least l WHERE l.indicator = j.indicator AND l.at_level IN ('', j.level)
                                AND coalesce(j.cases, 0) < l.least) AS few
            FROM judged j),
        present AS (
            SELECT indicator, school_year, period, level, stage, grade, school_class, subject, method_association, teacher, part, number,
                   CASE WHEN raw IS NOT NULL THEN numerator END AS numerator,
                   CASE WHEN raw IS NOT NULL THEN denominator END AS denominator,
                   CASE WHEN few THEN NULL ELSE raw END AS value,
                   CASE WHEN raw IS NULL AND coalesce(expected, 0) > 0 THEN '{Status.NOT_COLLECTED}'
                        WHEN raw IS NULL THEN '{Status.NOT_APPLICABLE}'
                        WHEN few THEN '{Status.SUPPRESSED}'
                        WHEN expected > 0 AND denominator / expected < {complete} THEN '{Status.INCOMPLETE}'
                        ELSE '{Status.OK}' END AS status, expected
            FROM told),
        place AS ({place_rows}),
        fits AS (
            SELECT i.indicator, p.school_year, p.number, p.stage, p.grade, p.school_class,
                   bool_or((i.only_grades IS NULL OR list_contains(i.only_grades, p.of_grade)) AND (NOT i.marked_only OR p.of_marked))
                       AS applies
            FROM place p JOIN allowed a USING (number) JOIN catalogue i USING (indicator) GROUP BY ALL),
        missing AS (
            SELECT f.indicator, f.school_year, t.period, CASE f.number {names} END AS level, f.stage, f.grade, f.school_class,
                   NULL AS subject, NULL AS method_association, NULL AS teacher, '' AS part, f.number,
                   NULL::DOUBLE AS numerator, NULL::DOUBLE AS denominator, NULL::DOUBLE AS value,
                   CASE WHEN f.applies THEN '{Status.NOT_COLLECTED}' ELSE '{Status.NOT_APPLICABLE}' END AS status,
                   NULL::DOUBLE AS expected
            FROM fits f JOIN catalogue i USING (indicator)
            JOIN periods t ON t.school_year = f.school_year AND list_contains(i.kinds, t.kind) AND t.kind IN ({kinds})
            WHERE NOT EXISTS (
                SELECT 1 FROM present p WHERE p.indicator = f.indicator AND p.school_year = f.school_year AND p.period = t.period
                AND p.number = f.number AND p.part = '' AND p.stage IS NOT DISTINCT FROM f.stage
                AND p.grade IS NOT DISTINCT FROM f.grade AND p.school_class IS NOT DISTINCT FROM f.school_class))
        SELECT indicator, school_year, period, level, CASE level WHEN 'school' THEN '{school}' ELSE '' END AS school, {dims}, part,
               numerator, denominator, value, status, expected
        FROM (SELECT * FROM present UNION ALL BY NAME SELECT * FROM missing)
        ORDER BY indicator, school_year, period, number, part, {", ".join(_ORDERED)}"""


# --- the way back ----------------------------------------------------------------------------------------------------------


def behind(code: str, data: Data, scope: Mapping[str, object]) -> pa.Table:
    """The cells behind a value: form, record, column (key), workbook, tab, row (of the sheet, from 1), one row a filled cell.

    `scope` names the school_year, the period and the dimensions of the value ("" or absent: all), and may name its part.
    A unit that names its record leads to that row; a unit of a pupil leads to the pupil's rows in the other forms that the
    indicator reads (of the same subject and of the period's months, where the form has them).
    """
    with data.lock:
        data.one_by_one = True
        try:
            return _traced(data.settings.all_indicators[code], data, scope)
        finally:
            data.one_by_one = False


def _traced(indicator: Indicator, data: Data, scope: Mapping[str, object]) -> pa.Table:
    con = data.con
    frame = contributions(indicator.code, data)
    own = set(frame.collect_schema().names())
    data.need(*GROUND, "months")
    types = {"grade": "INTEGER", "record": "BIGINT"}
    names = ("grade", *TEXT_UNITS, "pupil_id", "form", "record")
    cells = ", ".join(f'"{name}"' if name in own else f'NULL::{types.get(name, "VARCHAR")} AS "{name}"' for name in names)
    wanted = ["TRUE"]
    values: list[object] = []
    for name in ("school_year", "period", "stage", "grade", "school_class", "subject", "method_association", "teacher", "part"):
        if scope.get(name) not in (None, ""):
            wanted.append(f"{name}::VARCHAR = ?")
            values.append(str(scope[name]))
    grades = f"[{', '.join(map(str, indicator.grades))}]"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE traced AS SELECT DISTINCT school_year, period, subject, school_class, pupil_id, form, record FROM (
            SELECT u.* REPLACE (coalesce(u.grade, c.grade) AS grade), coalesce(c.stage, g.stage) AS stage, g.marked
            FROM (SELECT school_year, period, {cells} FROM ({nw.to_native(frame).sql_query()})
                  WHERE numerator != 0 OR denominator != 0) u
            LEFT JOIN classes c ON c.school_year = u.school_year AND c.school_class = u.school_class
            LEFT JOIN grades g ON g.school_year = u.school_year AND g.grade = coalesce(u.grade, c.grade))
        WHERE {" AND ".join(wanted)} AND (len({grades}) = 0 OR list_contains({grades}, grade))
          AND NOT ({str(indicator.marked_only).lower()} AND NOT coalesce(marked, true))
        """,
        values,
    )
    period = str(scope.get("period") or "")
    found = []
    for source in indicator.sources:
        columns = source.columns.get(period) or source.columns.get(period[:1]) or source.columns.get("") or ()
        data.need(source.form)
        rows = _rows_behind(data, source.form)
        found += [
            f"""SELECT '{source.form}' AS form, f.record, '{column}' AS "column", f.workbook, f.tab, f."row"
                FROM "{source.form}" f JOIN ({rows}) t USING (record) WHERE f."{column}" IS NOT NULL"""
            for column in columns
        ]
    if not found:
        found = ["SELECT '' AS form, 0::BIGINT AS record, '' AS \"column\", '' AS workbook, '' AS tab, 0 AS \"row\" WHERE false"]
    return con.sql(f"SELECT DISTINCT * FROM ({' UNION ALL '.join(found)}) ORDER BY ALL").to_arrow_table()


def _rows_behind(data: Data, form: str) -> str:
    """A query for the records of a form that `traced` leads to."""
    direct = f"SELECT record FROM traced WHERE form = '{form}' AND record IS NOT NULL"
    keys = data.settings.forms[form].by_key
    named = data.con.execute(f"SELECT 1 FROM traced WHERE form = '{form}' LIMIT 1").fetchall()
    if named or "pupil_id" not in keys:
        return direct
    subject = " AND (t.subject IS NULL OR f.subject IS NULL OR f.subject = t.subject)"
    month = (
        " AND EXISTS (SELECT 1 FROM months m WHERE m.school_year = t.school_year AND m.period = t.period AND m.month = f.month)"
        if "month" in keys
        else ""
    )
    return f"""SELECT DISTINCT f.record FROM "{form}" f JOIN traced t
        ON t.school_year = f.school_year AND t.pupil_id = f.pupil_id{subject}{month}"""
