"""One odd file never costs the profile: encodings, names, missing and changed sources, structure and function rows."""

import pytest

from support.profile_check import check_profile
from support.twin import rows_of

pytestmark = pytest.mark.own_interpreter

SPIN = """
import time
def spin(seconds=0.25):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""


def text_of(document, name):
    """The source as the profile has it, the three escapes of the format turned back."""
    text = "".join(line.get("ext", {}).get("raw") or line["line"] for line in rows_of(document, name)["lines"])
    return text.replace("\\u0026", "&").replace("\\u003c", "<").replace("\\u003e", ">")


class TestEncodings:
    # Row 18.
    def test_latin_1(self, twin):
        source = "# -*- coding: latin-1 -*-\nname = 'caf\xe9'\nprint(ascii(name))\n" + SPIN + "spin()\n"
        twin.write("prog.py", source.encode("latin-1"))
        assert text_of(twin.compare("prog.py").document, "prog.py") == source

    def test_an_encoding_that_python_knows_and_few_others_do(self, twin):
        source = "# coding: shift_jis\nname = '\u65e5\u672c'\nprint(ascii(name))\n" + SPIN + "spin()\n"
        twin.write("prog.py", source.encode("shift_jis"))
        document = twin.compare("prog.py").document
        assert text_of(document, "prog.py").splitlines()[2:] == source.splitlines()[2:]

    def test_undecodable_bytes(self, twin):
        twin.write("broken.py", b"# \xff\xfe not utf-8\n" + SPIN.encode())
        twin.write("prog.py", "import importlib.util, sys\n"
                   "code = compile(open('broken.py', encoding='latin-1').read(), __file__.replace('prog', 'broken'), 'exec')\n"
                   "space = {}\nexec(code, space)\nspace['spin']()\n")
        document = twin.compare("prog.py").document
        assert text_of(document, "broken.py").splitlines()[0] == "# \ufffd\ufffd not utf-8"

    @pytest.mark.parametrize("role", ["program", "module"])
    def test_a_byte_order_mark_is_dropped_from_line_1_and_nothing_else_changes(self, twin, role):
        # Row 46.
        source = "first = '\u00e9'\n" + SPIN + "spin()\n"
        twin.write("marked.py", b"\xef\xbb\xbf" + source.encode())
        twin.write("prog.py", "import marked\n")
        document = twin.compare("marked.py" if role == "program" else "prog.py").document
        assert text_of(document, "marked.py") == source
        assert [row["line"] for row in rows_of(document, "marked.py")["functions"]] == ["spin"]

    def test_line_ends_of_other_systems(self, twin):
        source = SPIN.replace("\n", "\r\n") + "spin()\r\n"
        twin.write("prog.py", source.encode())
        lines = rows_of(twin.compare("prog.py").document, "prog.py")["lines"]
        assert len(lines) == source.count("\n")
        assert max(lines, key=lambda line: line["n_cpu_percent_python"] + line["n_cpu_percent_c"])["lineno"] in (5, 6)

    def test_characters_that_other_languages_take_for_line_ends(self, twin):
        source = "a = 'x\u2028y\u2029z\x0cw\x1c\x85'\n\x0c\nb = 1\n" + SPIN + "spin()\n"
        twin.write("prog.py", source)
        document = twin.compare("prog.py").document
        assert len(rows_of(document, "prog.py")["lines"]) == source.count("\n")
        assert text_of(document, "prog.py") == source

    def test_no_newline_at_the_end_and_a_very_long_line(self, twin):
        source = "data = '" + "x" * 300000 + "'\n" + SPIN + "spin()"
        twin.write("prog.py", source)
        assert text_of(twin.compare("prog.py").document, "prog.py") == source

    def test_markup_and_escapes_are_kept(self, twin):
        # Row 36: the file escapes three characters, and a reader can turn back exactly these.
        source = 'a = "<script>&amp;</script>" < "z"\nb = "\\u00e9" + "\\u003c" + "\\\\u003e"\n' + SPIN + "spin()\n"
        twin.write("prog.py", source)
        lines = rows_of(twin.compare("prog.py").document, "prog.py")["lines"]
        for line, original in zip(lines, source.splitlines(keepends=True)):
            escaped = original.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
            assert line["line"] == escaped
            ambiguous = any(word in original for word in ("\\u0026", "\\u003c", "\\u003e"))
            assert ("raw" in line.get("ext", {})) == ambiguous
            if ambiguous:
                assert line["ext"]["raw"] == original


class TestNames:
    # Row 18.
    @pytest.mark.parametrize("name", ["a,b", "\u0434\u043e\u043c", "\u00e9", "with space", "dash-ed", "quote'"])
    def test_modules_with_odd_names(self, twin, name):
        twin.write(name + ".py", SPIN)
        twin.write("prog.py", f"import importlib; importlib.import_module({name!r}).spin()")
        document = twin.compare("prog.py").document
        assert f"{twin.directory}/{name}.py" in document["files"]

    def test_profile_only_takes_names_of_any_language(self, twin):
        twin.write("\u0434\u043e\u043c/\u0441\u0430\u0434.py", SPIN)
        twin.write("prog.py", SPIN + "import sys; sys.path.insert(0, '\u0434\u043e\u043c'); import \u0441\u0430\u0434; \u0441\u0430\u0434.spin(); spin()\n")
        document = twin.compare("prog.py", options=["--profile-only", "\u0441\u0430\u0434"]).document
        assert list(document["files"]) == [f"{twin.directory}/\u0434\u043e\u043c/\u0441\u0430\u0434.py"]

    def test_a_template_with_a_python_name(self, twin):
        twin.write("template.py", "{% for x in y %}\ndef {{ name }}(:\n{% endfor %}\n")
        twin.write("prog.py", SPIN + "code = compile('\\n\\ndef work():\\n    spin()\\n    spin()', __file__.replace('prog', 'template'), 'exec')\n"
                   "exec(code)\nwork()\nfor _ in range(300000): pass\n")
        document = twin.compare("prog.py").document
        assert rows_of(document, "prog.py")["percent_cpu_time"] > 50


class TestChangingSources:
    def test_a_source_removed_during_the_run_keeps_its_lines(self, twin):
        twin.write("module.py", SPIN)
        twin.write("prog.py", "import module, os\nmodule.spin()\nos.remove('module.py')\nmodule.spin()\n")
        bare = twin.bare("prog.py")
        twin.write("module.py", SPIN)
        profiled = twin.profiled("prog.py")
        assert (bare.status, profiled.status) == (0, 0)
        rows = rows_of(profiled.document, "module.py")
        assert rows["percent_cpu_time"] > 50 and len(rows["lines"]) >= 6

    @pytest.mark.parametrize("before", [0, 0.3], ids=["before its first sample", "after samples"])
    def test_a_source_changed_during_the_run_is_named_as_changed(self, twin, before):
        source = SPIN + f"spin({before})\ntime.sleep(0.05)\nopen(__file__, 'w').write('# all new\\n')\n" + "spin()\n"
        twin.write("prog.py", source)
        profiled = twin.profiled("prog.py")
        assert profiled.status == 0
        assert rows_of(check_profile(profiled.path), "prog.py")["ext"]["source"] in ("changed", "captured")

    def test_a_source_that_never_existed(self, twin):
        twin.write("prog.py", SPIN + "exec(compile('\\n' * 9 + 'for _ in range(6000000): pass', __file__ + '.gone.py', 'exec'))\n")
        document = twin.compare("prog.py").document
        rows = rows_of(document, "prog.py.gone.py")
        assert len(rows["lines"]) >= 10 and rows["lines"][9]["n_cpu_percent_python"] > 50
        assert rows["ext"]["source"] == "none"

    def test_a_directory_that_is_removed_during_the_run(self, twin):
        twin.write("app/prog.py", "import os, shutil\n" + SPIN + "spin()\nshutil.rmtree(os.path.dirname(__file__))\nspin()\n")
        profiled = twin.profiled("app/prog.py")
        assert profiled.status == 0 and profiled.document


class TestExecutedText:
    def test_text_is_listed_under_the_line_that_executed_it(self, twin):
        # Ruling 39.
        source = SPIN + 'exec("for _ in range(8000000):\\n    pass\\n")\neval("sum(range(20000000))")\n'
        twin.write("prog.py", source)
        document = twin.compare("prog.py").document
        place = f"{twin.directory}/prog.py"
        line = source.splitlines().index('exec("for _ in range(8000000):\\n    pass\\n")') + 1
        keys = [key for key in document["files"] if key.startswith("<")]
        assert f"<exec@{place}:{line}>" in keys
        assert any(key.startswith((f"<eval@{place}:{line + 1}>", f"<exec@{place}:{line + 1}>")) for key in keys), keys

    def test_different_texts_of_one_line_are_numbered(self, twin):
        twin.write("prog.py", "for n in range(3):\n    exec('x = 1\\n' * n + 'for _ in range(3000000): pass\\n')\n")
        document = twin.compare("prog.py").document
        keys = sorted(key for key in document["files"] if key.startswith("<exec@"))
        place = f"<exec@{twin.directory}/prog.py:2>"
        assert keys == [place, place + " (2)", place + " (3)"]

    def test_many_texts_stay_bounded(self, twin):
        twin.write("prog.py", "for n in range(1500):\n    exec('n%d = 0\\nfor _ in range(15000): pass\\n' % n)\n")
        document = twin.compare("prog.py").document
        assert 1 <= len([key for key in document["files"] if key.startswith("<exec@")]) <= 101

    def test_functions_of_generated_classes(self, twin):
        twin.write("prog.py", SPIN + """
import collections, dataclasses
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int
Pair = collections.namedtuple("Pair", "a b")
end = time.process_time() + 0.5
while time.process_time() < end:
    sorted([Point(2, i) for i in range(300)])
    [Pair(1, 2) for _ in range(300)]
""")
        assert rows_of(twin.compare("prog.py").document, "prog.py")["percent_cpu_time"] > 20


class TestRows:
    def test_equal_function_names_in_two_files_are_kept_apart(self, twin):
        # Row 38.
        twin.write("one.py", "\n\n\n" + SPIN.replace("spin", "main"))
        twin.write("two.py", SPIN.replace("spin", "main"))
        twin.write("prog.py", "import one, two\none.main(0.3)\ntwo.main(0.3)\n")
        document = twin.compare("prog.py").document
        assert [(row["line"], row["lineno"]) for row in rows_of(document, "one.py")["functions"]] == [("main", 6)]
        assert [(row["line"], row["lineno"]) for row in rows_of(document, "two.py")["functions"]] == [("main", 3)]

    def test_a_function_is_the_sum_of_its_lines(self, twin):
        # Row 56. `document` also checks it for every plain function of every profile.
        twin.write("prog.py", """
            import time
            def work():
                total = 0
                for i in range(20000):
                    total += i * i
                squares = [i * i for i in range(20000)]
                return total, sorted(squares, key=lambda x: -x), sum(x for x in squares)
            end = time.process_time() + 0.7
            while time.process_time() < end:
                work()
            """)
        rows = rows_of(twin.compare("prog.py").document, "prog.py")
        assert [row["line"] for row in rows["functions"]] == ["work"]
        for name in ("n_cpu_percent_python", "n_cpu_percent_c", "n_sys_percent"):
            lines = sum(line[name] for line in rows["lines"][2:8])
            assert rows["functions"][0][name] == pytest.approx(lines, abs=0.5), name

    def test_regions_and_imports(self, twin):
        # Row 39.
        twin.write("package/__init__.py", "raise SystemExit('imported at output')")
        twin.write("beside.py", "")
        twin.write("prog.py", """\
            import random, math, time
            import zlib as compress
            from os import path
            import beside
            if len("x") == 1:
                for outer in range(2):
                    for inner in range(2):
                        value = outer * inner
            async def waiter():
                async for x in y:
                    await x
            class Thing:
                def method(self):
                    with open("/dev/null"):
                        while True:
                            break
            def unused():
                import package
                from . import x
            end = time.process_time() + 0.5
            while time.process_time() < end:
                Thing().method()
            """)
        rows = rows_of(twin.compare("prog.py").document, "prog.py")
        lines = rows["lines"]

        def regions(number):
            line = lines[number - 1]
            return (line["start_region_line"], line["end_region_line"], line["start_outermost_loop"], line["end_outermost_loop"])

        assert regions(8) == (7, 8, 6, 8)
        assert regions(11) == (10, 11, 10, 11)
        assert regions(16) == (15, 16, 15, 16)
        assert lines[10]["is_coroutine"] is True and lines[15]["is_coroutine"] is False
        assert (lines[10]["start_function_line"], lines[10]["end_function_line"]) == (9, 11)
        native = rows["imports"]
        assert any("math" in text for text in native) and any("zlib" in text for text in native)
        assert not any(word in text for text in native for word in ("beside", "package", "from ."))
        assert "import random" not in native

    def test_decorated_functions_alone_are_listed(self, twin):
        twin.write("prog.py", SPIN + """
@profile
def chosen():
    def nested():
        spin(0.3)
        for _ in range(2000000): pass
    nested()
class Thing:
    @staticmethod
    @profile
    def method():
        for _ in range(2000000): pass
def other():
    for _ in range(2000000): pass
chosen(); Thing.method(); other()
""")
        bare = twin.bare("prog.py")
        assert bare.status == 1 and b"NameError" in bare.stderr  # the name is ours
        profiled = twin.profiled("prog.py")
        assert profiled.status == 0, profiled.errors
        rows = rows_of(profiled.document, "prog.py")
        names = {row["line"] for row in rows["functions"]}
        assert {"Thing.method"} <= names and names & {"chosen", "chosen.<locals>.nested"}
        assert "other" not in names and "spin" not in names
        other = [line for line in rows["lines"] if line["lineno"] in (20, 21, 22)]
        assert all(line["n_cpu_percent_python"] == 0 for line in other)

    def test_profile_works_on_coroutines_and_changes_nothing_else(self, twin):
        twin.write("prog.py", SPIN + """
import asyncio, inspect, pickle
@profile
async def main():
    "documented"
    spin(0.3)
    for _ in range(3000000): pass
    return 5
print(asyncio.run(main()), main.__doc__, main.__name__, inspect.iscoroutinefunction(main), inspect.signature(main))
@profile
def plain(a, *, b=2): return a + b
print(plain(1), plain.__module__, pickle.loads(pickle.dumps(plain)) is plain, plain.__code__.co_name)
""")
        profiled = twin.profiled("prog.py")
        assert profiled.text == "5 documented main True ()\n3 __main__ True plain\n"
        assert {row["line"] for row in rows_of(profiled.document, "prog.py")["functions"]} == {"main"}
