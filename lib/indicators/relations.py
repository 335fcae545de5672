"""What the formulas speak of: pupils who study, marks, categories, lessons taught, periods. Each relation is made once, in DuckDB.

Formulas see narwhals frames over these tables. Words of the forms ("left", "unattested") come from config/choices.yaml.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from lib.i18n import match_key
from lib.model.calendar import PERIOD_KINDS
from lib.model.form import ColumnType, Form
from lib.settings import Settings, UserError

# What every record carries before the form's own columns.
IDENTITY = {
    "record": "BIGINT",
    "school_year": "VARCHAR",
    "workbook": "VARCHAR",
    "tab": "VARCHAR",
    "row": "INTEGER",
    "school_class": "VARCHAR",
    "subject": "VARCHAR",
    "method_association": "VARCHAR",
}
_TYPES = {
    ColumnType.DATE: "DATE",
    ColumnType.YESNO: "BOOLEAN",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.COUNT: "INTEGER",
    ColumnType.GRADE: "INTEGER",
    ColumnType.MONTH: "INTEGER",
    ColumnType.LIST: "VARCHAR[]",
}
COMPLETENESS = {
    "school_year": "VARCHAR", "period": "VARCHAR", "form": "VARCHAR", "school_class": "VARCHAR", "subject": "VARCHAR",
    "method_association": "VARCHAR", "teacher": "VARCHAR", "workbook": "VARCHAR", "tab": "VARCHAR",
    "required": "INTEGER", "filled": "INTEGER", "due": "DATE", "submitted": "DATE",
}  # fmt: skip
MARKED_PERIODS = {"Q1": "q1", "Q2": "q2", "Q3": "q3", "Q4": "q4", "Y": "year"}  # period → column of F01
_THREADS = 2


class relation:
    """A relation of Data: the function makes a table of its own name, once; the attribute is the table's frame.

    The frame is made when a formula asks for it: a remembered query needs the table alone.
    """

    def __init__(self, make: Callable[[Data], None]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def see_to(self, data: Data) -> None:
        """See to it that the table is there."""
        with data.turn(self._name):
            if self._name not in data.tables:
                self._make(data)

    def __get__(self, data: Data, owner: type[Data]) -> nw.LazyFrame:
        self.see_to(data)
        return data.frame(self._name)


class Data:
    """The records of a school as relations.

    `records`: form id → Arrow table as in the snapshot (docs: records/<FORM>.parquet); a form that is absent counts as empty.
    `completeness`: the snapshot's table of that name, for the indicators of the monitoring itself.
    """

    def __init__(
        self,
        records: Mapping[str, pa.Table],
        settings: Settings,
        as_of: dt.date | None = None,
        completeness: pa.Table | None = None,
    ) -> None:
        self.settings = settings
        self.as_of = as_of or settings.as_of
        self._database = duckdb.connect(":memory:", config={"threads": _THREADS})
        self._own = threading.local()  # what a thread cannot share: its connection and the frames made over it
        self._turns: dict[str, threading.RLock] = {}
        self._records = records
        self._completeness = completeness
        self._kept: dict[str, str] = {}
        self.one_by_one = False  # formulas give every unit by itself, so that a value can be followed back to its cells
        self.looked: set[str] = set()  # forms, or "completeness", that formulas looked into while their queries were built
        self.lock = threading.RLock()  # for those who share one Data between threads: its connection serves one at a time

    @classmethod
    def read(cls, folder: Path, settings: Settings, as_of: dt.date | None = None) -> Data:
        """The records of a snapshot's folder (records/*.parquet and completeness.parquet)."""
        import pyarrow.parquet as pq

        completeness = folder / "completeness.parquet"
        return cls(
            {path.stem: pq.read_table(path) for path in sorted((folder / "records").glob("*.parquet"))},
            settings,
            as_of,
            pq.read_table(completeness) if completeness.exists() else None,
        )

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """This thread's connection to the database in memory: tables are everybody's, registered Arrow tables the thread's own."""
        if not hasattr(self._own, "con"):
            self._own.con = self._database.cursor()
        return self._own.con

    # --- words -----------------------------------------------------------------------------------------------------------

    def choices(self, name: str) -> list[str]:
        """The words of the forms behind a short name: choices("category_held")."""
        try:
            return list(self.settings.choices[name])
        except KeyError:
            raise UserError(f"config/choices.yaml: the key {name!r} is missing; the formulas need it") from None

    def choice(self, name: str) -> str:
        """The one word behind a short name: choice("parent")."""
        return self.choices(name)[0]

    def _is(self, column: str, name: str) -> str:
        """SQL: the column holds one of the words behind a short name."""
        return f"{column} IN ({', '.join(quoted(word) for word in self.choices(name))})"

    # --- frames ----------------------------------------------------------------------------------------------------------

    def frame(self, table: str) -> nw.LazyFrame:
        """A DuckDB table of this connection as a narwhals frame."""
        frames: dict[str, nw.LazyFrame] = vars(self._own).setdefault("frames", {})
        if table not in frames:
            frames[table] = nw.from_native(self.con.table(f'"{table}"'))
        return frames[table]

    def keep(self, name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
        """Work `frame` out once under `name`; ask with `kept` first. For what several indicators need."""
        self.make(name, nw.to_native(frame).sql_query())
        return self.frame(name)

    def kept(self, name: str) -> nw.LazyFrame | None:
        """The relation that was kept under that name, or None."""
        return self.frame(name) if name in self._kept else None

    @property
    def tables(self) -> Mapping[str, str]:
        """The tables made so far, in the order of making, and the query of each."""
        return self._kept

    @property
    def forms_with_records(self) -> Collection[str]:
        """The forms that records were given for."""
        return self._records.keys()

    def is_standing(self, name: str) -> bool:
        """Whether a table is a form or a relation of this class, which it can make anew by itself."""
        return name in self.settings.forms or isinstance(vars(Data).get(name), relation)

    def recall(self, name: str, query: str) -> None:
        """Make a table again that `tables` of an earlier Data told of."""
        if name not in self._kept:
            if self.is_standing(name):
                self.need(name)
            else:
                self.make(name, query)

    def look(self, form: str, frame: nw.LazyFrame) -> list[dict[str, Any]]:
        """The rows of a frame made of one form's records, or of "completeness", for a formula that must see data before it can say its
        query."""
        self.looked.add(form)
        return frame.collect("pyarrow").rows(named=True)

    def need(self, *names: str) -> None:
        """See to it that the tables of these relations ("classes") and forms ("F01") are there."""
        for name in names:
            if name in self.settings.forms:
                self._load(name)
            else:
                vars(Data)[name].see_to(self)

    def turn(self, name: str) -> threading.RLock:
        """To be held while a table is made: whoever else wants it waits for it."""
        return self._turns.setdefault(name, threading.RLock())

    def add_completeness(self, table: pa.Table) -> None:
        """Give the table of completeness that was not there at first, before a formula asks for it."""
        self._completeness = table

    def make(self, name: str, query: str) -> None:
        """Make the table `name` from a SQL query, unless another thread has."""
        with self.turn(name):
            if name not in self._kept:
                self.con.execute(f'CREATE TABLE "{name}" AS {query}')
                self._kept[name] = query

    # --- forms -----------------------------------------------------------------------------------------------------------

    def form(self, form: str) -> nw.LazyFrame:
        """The records of a form: the identity columns, then the form's own columns, typed; absent ones are null.

        A record of a pupil, where the form itself has no class, carries the class of R1; a record of a teacher, where the tab has
        no methodical association, carries the teacher's association of R2S.
        """
        self._load(form)
        return self.frame(form)

    def _load(self, form: str) -> None:
        with self.turn(form):
            if form not in self._kept:
                self._read(form)

    def _read(self, form: str) -> None:
        query = self._typed(self.settings.forms[form], self._records.get(form))
        keys = self.settings.forms[form].by_key
        fills = {}
        joins = ""
        if "pupil_id" in keys and form != "R1":
            self.need("pupils")
            fills["school_class"] = "coalesce(f.school_class, pupils.school_class) AS school_class"
            joins += " LEFT JOIN pupils USING (school_year, pupil_id)"
        if "teacher_id" in keys and form != "R2S":
            self.need("staff")
            fills["method_association"] = "coalesce(f.method_association, staff.method_association) AS method_association"
            joins += " LEFT JOIN staff USING (school_year, teacher_id)"
        if fills:
            query = f"SELECT f.* REPLACE ({', '.join(fills.values())}) FROM ({query}) f{joins}"
        self.make(form, query)

    def _typed(self, form: Form, table: pa.Table | None) -> str:
        """A query that gives exactly the identity columns and the form's columns, whatever the given table holds."""
        types = dict(IDENTITY)
        types |= {column.key: _TYPES.get(column.type, "VARCHAR") for column in form.columns if column.key not in IDENTITY}
        if table is None:
            return "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items()) + " WHERE false"
        name = f"records_of_{form.id}"
        self.con.register(name, table)
        own = set(table.column_names)
        return (
            "SELECT " + ", ".join(f'"{n}"::{k} AS "{n}"' if n in own else f'NULL::{k} AS "{n}"' for n, k in types.items())
            + f" FROM {name}"
        )  # fmt: skip

    def collected(self, form: str) -> nw.LazyFrame:
        """school_year: the years in which the form has at least one record. A list that nobody began is not a list without cases."""
        name = f"collected_{form}"
        if name not in self._kept:
            self._load(form)
            self.make(name, f'SELECT DISTINCT school_year FROM "{form}"')
        return self.frame(name)

    @relation
    def completeness(self) -> None:
        """Required and filled cells, due and first complete day, by form, tab and period (the snapshot's table)."""
        if self._completeness is None:
            query = "SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in COMPLETENESS.items()) + " WHERE false"
        else:
            self.con.register("given_completeness", self._completeness)
            query = "SELECT " + ", ".join(f"{name}::{kind} AS {name}" for name, kind in COMPLETENESS.items()) + " FROM given_completeness"
        self.make("completeness", query)

    # --- time ------------------------------------------------------------------------------------------------------------

    @cached_property
    def school_year_ids(self) -> list[str]:
        """The school years of which anything has been recorded, in order."""
        years: set[str] = set()
        for table in self._records.values():
            years |= set(table["school_year"].unique().to_pylist())
        return sorted(year for year in years if year)

    @relation
    def school_years(self) -> None:
        """school_year, start, end (31 August), last_lesson (end of Q4), trained_since (D3.05: this day or later counts), ort_main."""
        rows = []
        for year_id in self.school_year_ids:
            year = self.settings.school_year(year_id)
            end = year.period("Y").end
            since = _years_before(end, int(self.settings.thresholds.pd_years))
            rows.append((year_id, year.start, end, year.end, since, float(self.settings.ort_main(year_id))))
        self.rows(
            "school_years", rows, "school_year VARCHAR, start DATE, end_on DATE, last_lesson DATE, trained_since DATE, ort_main DOUBLE"
        )

    @relation
    def periods(self) -> None:
        """school_year, period, kind (Q, H, Y, M), start, end_on, begun (not after as_of), counted_on.

        `counted_on` is the day on which pupils are counted: the period's last day (for the year the last lesson, so that June's
        graduates still belong to it), or as_of while the period runs.
        """
        rows = []
        for year_id in self.school_year_ids:
            year = self.settings.school_year(year_id)
            for period in year.periods(PERIOD_KINDS):
                last = year.end if period.kind == "Y" else period.end
                rows.append((year_id, period.id, period.kind, period.start, period.end, period.start <= self.as_of, min(last, self.as_of)))
        self.rows(
            "periods", rows, "school_year VARCHAR, period VARCHAR, kind VARCHAR, start DATE, end_on DATE, begun BOOLEAN, counted_on DATE"
        )

    @relation
    def days(self) -> None:
        """school_year, day, period, kind: the periods that a day of the school year (1 August to 31 August) belongs to.

        Join dated records with it: a day has its quarter, half-year and year, and its month from September to May.
        """
        rows = []
        for year_id in self.school_year_ids:
            year = self.settings.school_year(year_id)
            first, last = dt.date(year.first_calendar_year, 8, 1), dt.date(year.first_calendar_year + 1, 8, 31)
            months = {period.id for period in year.periods(("M",))}
            for number in range((last - first).days + 1):
                day = first + dt.timedelta(days=number)
                found = [(year.quarter_of(day), "Q"), (year.half_year_of(day), "H"), ("Y", "Y")]
                if (month := f"M{day.month:02d}") in months and year.month(day.month).start <= day <= year.month(day.month).end:
                    found.append((month, "M"))
                rows += [(year_id, day, period, kind) for period, kind in found]
        self.rows("days", rows, "school_year VARCHAR, day DATE, period VARCHAR, kind VARCHAR")

    @relation
    def months(self) -> None:
        """school_year, month (1..12), period, kind (M, Q, H, Y), weekdays: the periods of a month; only months that have begun.

        `weekdays` counts Monday to Friday within the quarters: what a plan of school days may be guessed from."""
        rows = []
        for year_id in self.school_year_ids:
            year = self.settings.school_year(year_id)
            for period in year.periods(("M",)):
                if period.start > self.as_of:
                    continue
                month = int(period.id[1:])
                quarter = year.quarter_of_month(month)
                half = "H1" if quarter in ("Q1", "Q2") else "H2"
                days = (period.start + dt.timedelta(days=n) for n in range((period.end - period.start).days + 1))
                weekdays = sum(day.weekday() < 5 and any(a <= day <= b for a, b in year.quarters) for day in days)
                rows += [(year_id, month, *found, weekdays) for found in ((period.id, "M"), (quarter, "Q"), (half, "H"), ("Y", "Y"))]
        self.rows("months", rows, "school_year VARCHAR, month INTEGER, period VARCHAR, kind VARCHAR, weekdays INTEGER")

    def rows(self, name: str, rows: Sequence[tuple[object, ...]], columns: str) -> None:
        """Make a small table from Python rows."""
        fields = [column.split(" ") for column in columns.split(", ")]
        arrow = pa.table(
            {
                field: pa.array([row[place] for row in rows], _ARROW[kind])
                for place, (field, kind) in enumerate(fields)
            }
        )  # fmt: skip
        self.con.register(f"given_{name}", arrow)
        return self.make(name, f"SELECT * FROM given_{name}")

    # --- places and people -----------------------------------------------------------------------------------------------

    @relation
    def grades(self) -> None:
        """school_year, grade 1..12, stage, marked: whether pupils of the grade get marks in that year."""
        rows = [
            (year, grade, self.settings.stage_of(year, grade), self.settings.marked(year, grade))
            for year in self.school_year_ids
            for grade in range(1, 13)
        ]
        self.rows("grades", rows, "school_year VARCHAR, grade INTEGER, stage VARCHAR, marked BOOLEAN")

    @relation
    def classes(self) -> None:
        """school_year, school_class, grade, stage, marked, class_teacher_id: the classes of R2C, and those that R1 names besides."""
        self.need("R2C", "R1", "grades")
        self.make(
            "classes",
            """
            WITH named AS (
                SELECT school_year, school_class, grade, class_teacher_id FROM "R2C" WHERE school_class IS NOT NULL
                UNION ALL SELECT DISTINCT school_year, school_class, NULL, NULL FROM "R1" WHERE school_class IS NOT NULL),
            one AS (
                SELECT school_year, school_class, max(class_teacher_id) AS class_teacher_id,
                       coalesce(max(grade), try_cast(regexp_extract(school_class, '^[0-9]+') AS INTEGER)) AS grade
                FROM named GROUP BY school_year, school_class)
            SELECT one.school_year, school_class, one.grade, stage, coalesce(marked, true) AS marked, class_teacher_id
            FROM one LEFT JOIN grades USING (school_year, grade)
            """,
        )

    @relation
    def pupils(self) -> None:
        """school_year, pupil_id, school_class, grade, stage, marked, sex, entered_on, left_on, status, record: R1, one row a pupil."""
        self.need("classes")
        self.make(
            "pupils",
            """
            SELECT r.school_year, r.pupil_id, r.school_class, c.grade, c.stage, c.marked, r.sex, r.entered_on, r.left_on, r.status, r.record
            FROM "R1" r LEFT JOIN classes c USING (school_year, school_class)
            WHERE r.pupil_id IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY r.school_year, r.pupil_id ORDER BY r.record) = 1
            """,
        )

    @relation
    def active(self) -> None:
        """school_year, period, kind, school_class, grade, stage, marked, pupil_id, record (of R1): who studies at the period's end.

        Entered by then and not left by then; who is said to have left without a day counts as gone from the start.
        Only periods that have begun.
        """
        self.need("pupils", "periods")
        self.make(
            "active",
            f"""
            SELECT p.school_year, t.period, t.kind, p.school_class, p.grade, p.stage, p.marked, p.pupil_id, p.record
            FROM pupils p JOIN periods t USING (school_year)
            WHERE t.begun AND p.school_class IS NOT NULL
              AND (p.entered_on IS NULL OR p.entered_on <= t.counted_on)
              AND (p.left_on IS NULL OR p.left_on > t.counted_on)
              AND NOT (p.left_on IS NULL AND coalesce(p.status, '') = {quoted(self.choice("left"))})
            """,
        )

    @relation
    def staff(self) -> None:
        """R2S, one row a person: school_year, teacher_id, method_association (key), category, pd_last_date, pd_hours, roles, active,
        record. Those who no longer work are included (active false); an empty answer counts as working."""
        self.need("R2S")
        self.make(
            "staff",
            """
            SELECT school_year, teacher_id, coalesce(mo, method_association) AS method_association, category, pd_last_date, pd_hours,
                   roles, coalesce(active, true) AS active, record
            FROM "R2S" WHERE teacher_id IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY school_year, teacher_id ORDER BY record) = 1
            """,
        )

    @relation
    def teachers(self) -> None:
        """The headcount: working people of R2S whose roles name a teacher or who have lessons in R2L. Same columns as `staff`,
        and `teacher` = teacher_id."""
        self.need("staff", "R2L")
        words = self.settings.roles["teacher"]
        wanted = {match_key(text) for text in ("teacher", words.ky, words.ru, words.en) if text}
        seen = self.con.execute("SELECT DISTINCT unnest(roles) FROM staff").fetchall()
        roles = [str(role) for (role,) in seen if role and match_key(str(role)) in wanted]
        names = "list_value(" + ", ".join(quoted(role) for role in roles) + ")::VARCHAR[]"
        self.make(
            "teachers",
            f"""
            SELECT s.*, s.teacher_id AS teacher FROM staff s
            WHERE s.active AND (list_has_any(coalesce(s.roles, []::VARCHAR[]), {names})
                OR EXISTS (SELECT 1 FROM "R2L" l WHERE l.school_year = s.school_year AND l.teacher_id = s.teacher_id))
            """,
        )

    @relation
    def subjects(self) -> None:
        """subject, method_association: the association that a subject belongs to where no teacher says otherwise."""
        rows = [(subject.code, subject.association) for subject in self.settings.subjects.values()]
        self.rows("subjects", rows, "subject VARCHAR, method_association VARCHAR")

    @relation
    def load(self) -> None:
        """R2L, one row a teacher × subject × class: school_year, school_class, grade, stage, marked, subject, teacher (null when vacant),
        method_association (the teacher's, else the subject's), hours, vacant, programme_approved, record."""
        self.need("R2L", "classes", "subjects")
        self.make(
            "load",
            """
            SELECT l.school_year, l.school_class, c.grade, c.stage, c.marked, l.subject, l.teacher_id AS teacher,
                   coalesce(l.method_association, s.method_association) AS method_association, l.hours, l.vacant, l.programme_approved,
                   l.record
            FROM "R2L" l LEFT JOIN classes c USING (school_year, school_class) LEFT JOIN subjects s ON s.subject = l.subject
            """,
        )

    @relation
    def lessons(self) -> None:
        """school_year, school_class, grade, marked, subject, teacher, method_association: the subjects of a class, one row each.

        Where two teachers share a subject, the one with more hours. A class without a single row of R2L has the subjects of its F01 tabs.
        """
        self.need("load", "F01")
        self.make(
            "lessons",
            """
            WITH taught AS (
                SELECT school_year, school_class, subject, any_value(grade) AS grade, any_value(marked) AS marked,
                       first(teacher ORDER BY teacher IS NULL, hours DESC NULLS LAST, teacher) AS teacher,
                       first(method_association ORDER BY teacher IS NULL, hours DESC NULLS LAST, teacher) AS method_association
                FROM load WHERE subject IS NOT NULL AND school_class IS NOT NULL GROUP BY ALL)
            FROM taught
            UNION ALL BY NAME
            SELECT DISTINCT f.school_year, f.school_class, f.subject, c.grade, c.marked, NULL AS teacher, s.method_association
            FROM "F01" f JOIN classes c USING (school_year, school_class) LEFT JOIN subjects s ON s.subject = f.subject
            WHERE f.subject IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM taught t WHERE t.school_year = f.school_year AND t.school_class = f.school_class)
            """,
        )

    # --- marks -----------------------------------------------------------------------------------------------------------

    @relation
    def marks(self) -> None:
        """One row a pupil × subject × period (Q1..Q4, Y) that has a mark or should have one.

        school_year, period, pupil_id, subject, school_class, grade, stage, marked, teacher, method_association, record (of F01),
        form ("F01" or null), state ("5".."2", unattested, released; null = not filled), mark (5..2 or null), active.
        Rows without a state are the gaps: every active pupil of a marked class × every subject of the class. A pupil who changed
        class keeps the marks of the former class where the new one has none.
        """
        self.need("active", "lessons")
        twice = bool(self.con.execute(
            'SELECT 1 FROM (SELECT 1 FROM "F01" GROUP BY school_year, pupil_id, subject HAVING count(*) > 1) LIMIT 1'
        ).fetchall())  # fmt: skip
        columns = ", ".join(MARKED_PERIODS.values())
        flags = ", ".join(f"bool_or(period = '{period}') AS studies_{period}" for period in MARKED_PERIODS)
        opened = " UNION ALL ".join(
            f"""SELECT school_year, '{period}' AS period, pupil_id, subject, own_class, tab_class, twice, {column} AS state,
                CASE WHEN {column} IS NOT NULL THEN record END AS record, coalesce(studies_{period}, false) AS active
                FROM flagged WHERE {column} IS NOT NULL OR (asked AND studies_{period})"""
            for period, column in MARKED_PERIODS.items()
        )
        # a pupil with two tabs of one subject: the tab that has a mark, and of two marks that of today's class
        single = """
            SELECT * FROM opened WHERE NOT twice UNION ALL
            SELECT * FROM opened WHERE twice QUALIFY row_number() OVER (
                PARTITION BY school_year, period, pupil_id, subject
                ORDER BY (state IS NULL)::INTEGER, (tab_class IS DISTINCT FROM own_class)::INTEGER, record) = 1"""
        five_to_two = " ".join(f"WHEN '{mark}' THEN {mark}" for mark in (5, 4, 3, 2))
        one = "WHEN '1' THEN 2" if getattr(self.settings.thresholds, "mark_one_is_two", False) else ""
        self.make(
            "marks",
            f"""
            WITH given AS (
                SELECT school_year, pupil_id, subject, school_class AS tab_class, record, {columns},
                       {"count(*) OVER (PARTITION BY school_year, pupil_id, subject) > 1" if twice else "false"} AS twice
                FROM "F01" WHERE pupil_id IS NOT NULL AND subject IS NOT NULL),
            studying AS (
                SELECT school_year, pupil_id, any_value(school_class) AS own_class, {flags} FROM active GROUP BY school_year, pupil_id),
            expected AS (
                SELECT s.school_year, s.pupil_id, l.subject
                FROM studying s JOIN lessons l ON l.school_year = s.school_year AND l.school_class = s.own_class WHERE l.marked),
            flagged AS MATERIALIZED (
                SELECT j.*, s.* EXCLUDE (school_year, pupil_id) FROM (
                    SELECT coalesce(e.school_year, g.school_year) AS school_year, coalesce(e.pupil_id, g.pupil_id) AS pupil_id,
                           coalesce(e.subject, g.subject) AS subject, g.tab_class, g.record, {columns},
                           coalesce(g.twice, false) AS twice, e.pupil_id IS NOT NULL AS asked
                    FROM expected e FULL JOIN given g
                      ON e.school_year = g.school_year AND e.pupil_id = g.pupil_id AND e.subject = g.subject) j
                LEFT JOIN studying s ON s.school_year = j.school_year AND s.pupil_id = j.pupil_id),
            opened AS ({opened}),
            single AS (
                SELECT *, CASE WHEN state IS NOT NULL THEN coalesce(tab_class, own_class) ELSE coalesce(own_class, tab_class) END
                    AS school_class FROM ({single if twice else "SELECT * FROM opened"}))
            SELECT b.school_year, b.period, b.pupil_id, b.subject, b.school_class, c.grade, c.stage, coalesce(c.marked, true) AS marked,
                   l.teacher, coalesce(l.method_association, s.method_association) AS method_association, b.record,
                   CASE WHEN b.record IS NOT NULL THEN 'F01' END AS form, b.state,
                   CASE b.state {five_to_two} {one} END::INTEGER AS mark, b.active
            FROM single b
            LEFT JOIN classes c USING (school_year, school_class)
            LEFT JOIN lessons l ON l.school_year = b.school_year AND l.school_class = b.school_class AND l.subject = b.subject
            LEFT JOIN subjects s ON s.subject = b.subject
            """,
        )

    @relation
    def like_marks(self) -> None:
        """`marks` that count alike, put together: school_year, period, grade, school_class, subject, method_association, teacher, state,
        mark, active, and `marks` = how many."""
        self.need("marks")
        self.make(
            "like_marks",
            """
            SELECT school_year, period, grade, school_class, subject, method_association, teacher, state, mark, active,
                   count(*)::DOUBLE AS marks
            FROM marks GROUP BY ALL
            """,
        )

    @relation
    def categories(self) -> None:
        """The pupil's category over all subjects of a period (Q1..Q4, Y), for active pupils of marked grades.

        school_year, period, school_class (of R1), grade, stage, pupil_id, category (INC, N2, NA, A5, A4_1, A45, R3_1, T3 in this order
        of priority; null for a pupil released from everything), k2 = number of twos, unattested, marks, unfilled, mean (of the marks),
        before and mean_before (category and mean of the quarter before; null in Q1 and Y).
        """
        self.need("marks")
        unattested = quoted(self.choice("unattested"))
        self.make(
            "categories",
            f"""
            WITH counted AS (
                SELECT m.school_year, m.period, m.pupil_id, count(*) FILTER (m.state IS NULL) AS unfilled,
                       count(*) FILTER (m.mark = 5) AS n5, count(*) FILTER (m.mark = 4) AS n4, count(*) FILTER (m.mark = 3) AS n3,
                       count(*) FILTER (m.mark = 2) AS k2, count(*) FILTER (m.state = {unattested}) AS unattested,
                       count(m.mark) AS marks, avg(m.mark) AS mean
                FROM marks m WHERE m.active AND m.marked GROUP BY ALL),
            named AS (
            SELECT k.school_year, k.period, p.school_class, p.grade, p.stage, k.pupil_id,
                   CASE WHEN unfilled > 0 THEN 'INC' WHEN k2 > 0 THEN 'N2' WHEN unattested > 0 THEN 'NA' WHEN marks = 0 THEN NULL
                        WHEN n4 = 0 AND n3 = 0 THEN 'A5' WHEN n3 = 0 AND n4 = 1 THEN 'A4_1' WHEN n3 = 0 THEN 'A45'
                        WHEN n3 = 1 THEN 'R3_1' ELSE 'T3' END AS category,
                   k2, unattested, marks, unfilled, mean
            FROM counted k JOIN pupils p USING (school_year, pupil_id)),
            quarter AS (SELECT * FROM named WHERE period LIKE 'Q%')
            SELECT n.*, b.category AS before, b.mean AS mean_before
            FROM named n LEFT JOIN quarter b ON b.school_year = n.school_year AND b.pupil_id = n.pupil_id
             AND n.period = CASE b.period WHEN 'Q1' THEN 'Q2' WHEN 'Q2' THEN 'Q3' WHEN 'Q3' THEN 'Q4' END
            """,
        )

    # --- other relations that several indicators share --------------------------------------------------------------------

    @relation
    def attendance(self) -> None:
        """F05 by period (M, Q): one row a pupil who is active at the period's end × month of the period.

        school_year, period, kind, month, school_class, grade, stage, pupil_id, form, record, days_plan, excused, unexcused, missed
        (null unless all three are filled), and days_expected: days_plan, or where the row is missing the longest plan of that month in the
        school, or the month's weekdays.
        """
        self.need("active", "months", "F05")
        self.make(
            "attendance",
            """
            WITH longest AS (SELECT school_year, month, max(days_plan) AS days FROM "F05" GROUP BY ALL),
            one AS (SELECT * FROM "F05" QUALIFY row_number() OVER (PARTITION BY school_year, pupil_id, month ORDER BY record) = 1)
            SELECT a.school_year, a.period, a.kind, t.month, a.school_class, a.grade, a.stage, a.pupil_id, 'F05' AS form, f.record,
                   CASE WHEN f.missed_excused + f.missed_unexcused IS NOT NULL AND f.days_plan > 0 THEN f.days_plan END AS days_plan,
                   f.missed_excused AS excused, f.missed_unexcused AS unexcused,
                   CASE WHEN f.days_plan > 0 THEN f.missed_excused + f.missed_unexcused END AS missed,
                   coalesce(f.days_plan, l.days, t.weekdays) AS days_expected
            FROM active a JOIN months t ON a.kind IN ('M', 'Q') AND t.school_year = a.school_year AND t.period = a.period
            LEFT JOIN one f ON f.school_year = a.school_year AND f.pupil_id = a.pupil_id AND f.month = t.month
            LEFT JOIN longest l ON l.school_year = a.school_year AND l.month = t.month
            """,
        )

    @relation
    def works(self) -> None:
        """F02 (external and control works), with what stands beside each result.

        F02's columns and grade, stage, teacher, method_association, mark_number (5..2 or null), percent (of max_score), internal (the
        pupil's year mark of that subject, else the last quarter's mark, or null), first_of_stage, last_of_stage (within pupil ×
        subject × source × control stage by day).
        """
        self.need("F02", "marks")
        self.make(
            "works",
            """
            WITH own AS (
                SELECT school_year, pupil_id, subject, arg_max(mark, period) FILTER (mark IS NOT NULL) AS internal
                FROM marks WHERE mark IS NOT NULL GROUP BY ALL)
            SELECT f.* REPLACE (coalesce(l.method_association, s.method_association) AS method_association),
                   c.grade, c.stage, l.teacher, CASE f.mark WHEN '5' THEN 5 WHEN '4' THEN 4 WHEN '3' THEN 3 WHEN '2' THEN 2 END::INTEGER
                   AS mark_number, CASE WHEN f.max_score > 0 THEN 100.0 * f.score / f.max_score END AS percent, own.internal,
                   row_number() OVER (PARTITION BY f.school_year, f.pupil_id, f.subject, f.source, f.control_stage
                                      ORDER BY f.held_on NULLS LAST, f.record) = 1 AS first_of_stage,
                   row_number() OVER (PARTITION BY f.school_year, f.pupil_id, f.subject, f.source, f.control_stage
                                      ORDER BY f.held_on DESC NULLS LAST, f.record DESC) = 1 AS last_of_stage
            FROM "F02" f
            LEFT JOIN classes c USING (school_year, school_class)
            LEFT JOIN lessons l ON l.school_year = f.school_year AND l.school_class = f.school_class AND l.subject = f.subject
            LEFT JOIN subjects s ON s.subject = f.subject
            LEFT JOIN own ON own.school_year = f.school_year AND own.pupil_id = f.pupil_id AND own.subject = f.subject
            """,
        )

    @relation
    def answers(self) -> None:
        """F04, one row an answer that has a score, with grade and stage, period "Y", form, and `cases`: 1 for the answers to the
        survey's fullest item of that class, respondent and topic, else 0. Σ cases is the number of questionnaires: they are anonymous, so
        they are counted by item."""
        self.need("F04", "classes")
        self.make(
            "answers",
            """
            WITH told AS (
                SELECT school_year, survey_id, respondent, school_class, topic, item, count(*) AS n FROM "F04"
                WHERE score IS NOT NULL GROUP BY ALL),
            fullest AS (
                SELECT * FROM told QUALIFY row_number() OVER (
                    PARTITION BY school_year, survey_id, respondent, school_class, topic ORDER BY n DESC, item) = 1)
            SELECT f.*, c.grade, c.stage, 'Y' AS period, 'F04' AS form, (t.item IS NOT NULL)::DOUBLE AS cases
            FROM "F04" f LEFT JOIN classes c USING (school_year, school_class)
            LEFT JOIN fullest t ON t.school_year = f.school_year AND t.survey_id IS NOT DISTINCT FROM f.survey_id
              AND t.respondent IS NOT DISTINCT FROM f.respondent AND t.school_class IS NOT DISTINCT FROM f.school_class
              AND t.topic IS NOT DISTINCT FROM f.topic AND t.item IS NOT DISTINCT FROM f.item
            WHERE f.score IS NOT NULL
            """,
        )

    @relation
    def surveyed(self) -> None:
        """Who was asked and who answered: rows of F04H (`invited`) for each topic that the survey asks about, and the answers with
        cases = 1 (`returned` = 1). school_year, period "Y", topic, respondent, school_class, grade, form, record, returned, invited."""
        self.need("answers", "F04H")
        self.make(
            "surveyed",
            """
            SELECT school_year, 'Y' AS period, topic, respondent, school_class, grade, form, record, cases AS returned, 0.0 AS invited
            FROM answers WHERE cases > 0
            UNION ALL
            SELECT i.school_year, 'Y', t.topic, i.respondent, i.school_class, c.grade, 'F04H', i.record, 0.0, i.invited::DOUBLE
            FROM "F04H" i JOIN (SELECT DISTINCT school_year, survey_id, respondent, topic FROM answers) t
              USING (school_year, survey_id, respondent)
            LEFT JOIN classes c ON c.school_year = i.school_year AND c.school_class = i.school_class
            WHERE i.invited IS NOT NULL
            """,
        )

    @relation
    def national_test(self) -> None:
        """The national test's main part by pupil active in period Y or who took it (`active` tells them apart).

        school_year, period, school_class, grade, pupil_id, form, record and score (null: did not take it), reached (the year's
        threshold), collected (the school has results of that year).

        The main part's rows of F02 have no subject; a pupil's best row counts, once. In a year in which every row names a subject, a
        pupil's only row is the main part.
        """
        self.need("active", "pupils", "school_years", "F02")
        self.make(
            "national_test",
            f"""
            WITH taken AS (
                SELECT *, count(*) OVER (PARTITION BY school_year, pupil_id) AS rows_of_pupil,
                       bool_or(subject IS NULL) OVER (PARTITION BY school_year) AS main_is_told
                FROM "F02" WHERE {self._is("source", "national_test")}),
            best AS (
                SELECT school_year, pupil_id, arg_max(record, score) AS record, max(score) AS score FROM taken
                WHERE score IS NOT NULL AND (subject IS NULL OR (NOT main_is_told AND rows_of_pupil = 1)) GROUP BY ALL)
            SELECT a.school_year, 'Y' AS period, a.school_class, a.grade, a.pupil_id, 'F02' AS form, b.record, b.score,
                   b.score >= y.ort_main AS reached, a.school_year IN (SELECT school_year FROM best) AS collected, a.active
            FROM (SELECT p.school_year, p.pupil_id, p.school_class, c.grade, n.pupil_id IS NOT NULL AS active
                  FROM pupils p LEFT JOIN classes c USING (school_year, school_class)
                  LEFT JOIN active n ON n.school_year = p.school_year AND n.pupil_id = p.pupil_id AND n.period = 'Y') a
            JOIN school_years y USING (school_year) LEFT JOIN best b USING (school_year, pupil_id)
            WHERE a.active OR b.record IS NOT NULL
            """,
        )

    @relation
    def adaptation(self) -> None:
        """F03 by pupil active at the end of a half-year: school_year, period, school_class, grade, pupil_id, form, record, adapt,
        motivation, anxiety (null: not assessed in that half-year)."""
        self.need("active", "F03")
        self.make(
            "adaptation",
            f"""
            SELECT a.school_year, a.period, a.school_class, a.grade, a.pupil_id, 'F03' AS form, f.record, f.adapt, f.motivation, f.anxiety
            FROM active a LEFT JOIN (SELECT *, {self._half_year()} AS period FROM "F03") f
              ON f.school_year = a.school_year AND f.period = a.period AND f.pupil_id = a.pupil_id
            WHERE a.kind = 'H'
            """,
        )

    @relation
    def competences(self) -> None:
        """F07 by pupil active at the end of a half-year × competence: school_year, period, school_class, grade, pupil_id, competence, form,
        record, level (null: not assessed), level_before (that of the start, in half-year 2)."""
        self.need("active", "F07")
        named = ", ".join(f"({quoted(choice.key)})" for choice in self.settings.forms["F07"].column("competence").choices)
        self.make(
            "competences",
            f"""
            WITH assessed AS (SELECT *, {self._half_year()} AS period FROM "F07" WHERE level IS NOT NULL)
            SELECT a.school_year, a.period, a.school_class, a.grade, a.pupil_id, n.competence, 'F07' AS form, f.record, f.level,
                   b.level AS level_before
            FROM active a CROSS JOIN (VALUES {named}) n (competence)
            LEFT JOIN assessed f ON f.school_year = a.school_year AND f.period = a.period AND f.pupil_id = a.pupil_id
              AND f.competence = n.competence
            LEFT JOIN assessed b ON a.period = 'H2' AND b.period = 'H1' AND b.school_year = a.school_year AND b.pupil_id = a.pupil_id
              AND b.competence = n.competence
            WHERE a.kind = 'H'
            """,
        )

    def _half_year(self) -> str:
        """SQL: the half-year of a `wave`."""
        return f"CASE WHEN {self._is('wave', 'first_wave')} THEN 'H1' WHEN {self._is('wave', 'second_wave')} THEN 'H2' END"

    @relation
    def visits(self) -> None:
        """F08 with form, teacher and the period (quarter) of each visit; visits after as_of are not there yet. `planned_turn` is the
        visit's number among the planned visits of its association in the quarter."""
        self.need("F08", "days")
        self.make(
            "visits",
            f"""
            SELECT f.*, 'F08' AS form, f.teacher_id AS teacher, d.period,
                   CASE WHEN planned THEN row_number() OVER (
                       PARTITION BY f.school_year, d.period, planned, f.method_association ORDER BY f.held_on, f.record) END AS planned_turn
            FROM "F08" f JOIN days d ON d.school_year = f.school_year AND d.day = f.held_on AND d.kind = 'Q'
            WHERE f.held_on <= DATE '{self.as_of.isoformat()}'
            """,
        )

    @relation
    def headcount(self) -> None:
        """The teachers of a school year as units of period "Y": school_year, period, method_association, teacher, form, record (of R2S),
        category, trained (within the three years before the year's end, with hours enough)."""
        self.need("teachers", "school_years")
        self.make(
            "headcount",
            f"""
            SELECT t.school_year, 'Y' AS period, t.method_association, t.teacher, 'R2S' AS form, t.record, t.category,
                   coalesce(t.pd_last_date BETWEEN y.trained_since AND y.end_on
                            AND t.pd_hours >= {int(self.settings.thresholds.pd_hours)}, false) AS trained
            FROM teachers t JOIN school_years y USING (school_year)
            """,
        )


_ARROW = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
}


def quoted(value: str) -> str:
    """A SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
