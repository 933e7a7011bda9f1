"""A check that cannot fail checks nothing: each is shown what it has to refuse."""

import importlib.util
import os
import subprocess
from importlib.machinery import SourceFileLoader

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load(name):
    loader = SourceFileLoader(name, os.path.join(ROOT, "tools", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


layers = load("check_layers")
imports = load("check_agent_imports")
docs = load("check_docs")


@pytest.mark.parametrize("layer, quote, header, reason", [
    ("agent", '"', "profile/document.h", "the agent only captures"),
    ("profile", '"', "wire/records.h", "the model does not know how samples arrive"),
    ("base", '"', "wire/records.h", "base depends on nothing"),
    ("render", '"', "cli/messages.h", "render must not see cli"),
    ("agent", "<", "string", "needs libstdc++ at run time"),
    ("agent", "<", "Python.h", "CPython's own headers stay out"),
    ("collector", "<", "Python.h", "CPython's own headers stay out"),
])
def test_an_include_against_the_arrows_is_refused_with_its_reason(layer, quote, header, reason):
    assert reason in layers.check_include(layer, layer + "/new.cc", quote, header)


@pytest.mark.parametrize("layer, quote, header", [
    ("agent", '"', "wire/records.h"), ("agent", '"', "base/cpython/layout.h"), ("agent", "<", "atomic"),
    ("agent", "<", "sys/mman.h"), ("cli", '"', "wire/decoder.h"), ("collector", "<", "string"),
])
def test_an_include_along_the_arrows_passes(layer, quote, header):
    assert layers.check_include(layer, layer + "/new.cc", quote, header) is None


def test_tests_of_the_agent_may_use_all_of_cpp():
    assert layers.check_include("agent", "agent/new_test.cc", "<", "string") is None


ALLOWED = {"mmap": ("GLIBC_2.2.5", False), "dlsym": ("GLIBC_2.34", True), "open": ("", False)}


@pytest.mark.parametrize("symbol, complaint", [
    (("system", "GLIBC_2.2.5", False), "not in agent/imports.allow"),
    (("mmap", "GLIBC_2.38", False), "agreed is at most GLIBC_2.2.5"),
    (("mmap", "GLIBC_PRIVATE", False), "agreed is at most GLIBC_2.2.5"),
    (("dlsym", "GLIBC_2.34", False), "agreed is weak"),
])
def test_an_import_that_was_not_agreed_is_refused(symbol, complaint):
    agreed = [("mmap", "GLIBC_2.2.5", False), ("dlsym", "GLIBC_2.2.5", True), ("open", "GLIBC_2.2.5", False)]
    asked = [entry for entry in agreed if entry[0] != symbol[0]] + [symbol]
    complaints = list(imports.check_imports(asked, ALLOWED))
    assert len(complaints) == 1 and complaint in complaints[0]
    assert list(imports.check_imports(agreed, ALLOWED)) == []


def test_exports_are_exactly_those_of_the_map(tmp_path):
    path = tmp_path / "exports.map"
    path.write_text("/* offered */\n{\n  global:\n    sigaction; # ours\n    fork;\n  local:\n    *;\n};\n")
    offered = imports.read_exports(str(path))
    assert offered == ["sigaction", "fork"]
    assert list(imports.check_exports(["fork", "sigaction"], offered)) == []
    assert "offers leaked" in list(imports.check_exports(["fork", "leaked", "sigaction"], offered))[0]
    assert "does not offer fork" in list(imports.check_exports(["sigaction"], offered))[0]


def test_a_library_that_leans_on_libstdcpp_is_refused(tmp_path):
    source = tmp_path / "leaning.cc"
    source.write_text("#include <string>\nstd::string text(int n) { return std::to_string(n); }\n")
    library = str(tmp_path / "leaning.so")
    subprocess.run(["g++", "-shared", "-fPIC", "-o", library, str(source)], check=True)
    assert any("needs libstdc++.so.6" in complaint for complaint in imports.check_file(library))


def test_a_link_that_leads_nowhere_is_found(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text("[a](page.md) [b](gone.md) `docs/page.md` `tools/gone` `pip install`\n")
    monkeypatch.setattr(docs, "ROOT", str(tmp_path))
    assert list(docs.check_document("docs/page.md")) == [
        "docs/page.md: the link to gone.md leads nowhere", "docs/page.md: `tools/gone` does not exist"]


def test_places_of_this_machine_are_found(tmp_path, monkeypatch):
    (tmp_path / "kept").mkdir()
    (tmp_path / "page.md").write_text("%s/kept and %s/never\n" % (tmp_path, tmp_path))
    monkeypatch.setattr(docs, "ROOT", str(tmp_path))
    assert list(docs.check_machine_paths("page.md", [str(tmp_path)])) == [
        "page.md:1: names %s/kept, a place on one machine" % tmp_path]
