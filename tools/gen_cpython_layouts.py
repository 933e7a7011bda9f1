#!/usr/bin/env python3
"""Turns base/cpython/offsets.json into the headers that base/cpython/layout.h, debug_offsets.h and opcodes.h include.

usage: gen_cpython_layouts.py OFFSETS.json OUT_DIR

Writes OUT_DIR/layouts_generated.h (the structs, one constant per version, and where each field stands inside
_Py_DebugOffsets) and OUT_DIR/opcodes_generated.h (one class per opcode number and version). The JSON is the only place
where a number is written by hand. Standard library only, Python 3.8 or newer: the build runs it.
"""

import json
import os
import sys

# Names that C++ keeps for itself.
CPP_KEYWORDS = {"long": "long_object", "sizeof": "state_size"}

# One field has a different name per version, for the same thing.
FRAME_OWNER_NAMES = {
    "cstack_shim": "shim",
    "interpreter_shim": "shim",
    "interpreter_shim_or_base": "shim",
}

# Free-threaded builds: these are not in the JSON, because _Py_DebugOffsets and .AsyncioDebug of the target say them.
# The numbers of the GIL build stand in for the few fields that neither of them has (tstate.state, tstate.id ...).
INHERITED_BY_FREE_THREADED = ["runtime", "interp", "gc", "tstate", "tstate_impl"]

# Groups whose only field is the first one behind the object header.
FIRST_FIELD_AFTER_OBJECT = ["async_gen_asend", "async_gen_athrow", "coroutine_wrapper"]

# The reader's opcode classes, in the order of precedence; see OpcodeClass in base/cpython/opcodes.h.
OPCODE_CLASSES = {
    "generic": "kCall",
    "inlines_python_frame": "kCallsPython",
    "native_callee": "kCallsNative",
    "other_ops_that_inline_a_python_frame": "kInlinesPython",
    "mask_the_real_opcode": "kMasked",
    "prefix": "kPrefix",
}

# _Py_DebugOffsets' names -> ours, where the two differ: first the struct, then the field.
DEBUG_STRUCTS = {
    "runtime_state": "runtime",
    "interpreter_state": "interp",
    "thread_state": "tstate",
    "interpreter_frame": "iframe",
    "code_object": "code",
    "pyobject": "object",
    "type_object": "type",
    "heap_type_object": "heaptype",
    "tuple_object": "tuple",
    "list_object": "list",
    "set_object": "set",
    "dict_object": "dict",
    "long_object": "long_object",
    "bytes_object": "bytes",
    "unicode_object": "unicode",
    "gc": "gc",
    "gen_object": "gen",
}
DEBUG_FIELDS = {
    "interp.imports_modules": "interp.modules",
    "interp.gil_runtime_state": "interp.own_gil_struct",
    "iframe.instr_ptr": "iframe.instr",
    "code.co_code_adaptive": "code.code_adaptive",
    "code.co_tlbc": "code.tlbc",
    "object.ob_type": "object.type",
    "type.tp_name": "type.name",
    "type.tp_flags": "type.flags",
    "type.tp_basicsize": "type.basicsize",
    "type.tp_dictoffset": "type.dictoffset",
    "heaptype.ht_cached_keys": "heaptype.cached_keys",
    "tuple.ob_item": "tuple.items",
    "list.ob_item": "list.items",
    "dict.ma_keys": "dict.keys",
    "dict.ma_values": "dict.values",
    "long_object.lv_tag": "long_object.tag",
    "long_object.ob_digit": "long_object.digits",
    "bytes.ob_size": "bytes.size",
    "bytes.ob_sval": "bytes.data",
    "unicode.asciiobject_size": "unicode.ascii_data",
    "unicode.compactunicodeobject_size": "unicode.compact_data",
    "gen.gi_name": "gen.name",
    "gen.gi_iframe": "gen.iframe",
    "gen.gi_frame_state": "gen.frame_state",
}
# `size` of these is the size of the struct, which is compared with nothing; of bytes and tuple it is a length field.
DEBUG_IGNORED = {"bytes.size", "unicode.size", "tuple.size", "tuple.ob_size", "list.size", "list.ob_size"}


def minor_of(version):
    return int(version.split(".")[1])


def cpp_name(name):
    return CPP_KEYWORDS.get(name, name)


def layout_groups(version):
    """All groups of one version of the JSON under the names that the C++ structs have."""
    groups = {cpp_name(group): {cpp_name(field): value for field, value in fields.items()}
              for group, fields in version.get("layout", {}).items()}
    if "asyncio" in version:
        groups["task"] = dict(version["asyncio"]["offsets"])
    owners = version.get("frame_owner", {})
    groups["frame_owner"] = {FRAME_OWNER_NAMES.get(name, name): value for name, value in owners.items()}
    groups["frame_state"] = dict(version.get("frame_states", {}))
    opcodes = version.get("opcodes", {})
    groups["opcode"] = {}
    for kind in ("prefix", "resume", "yield"):
        groups["opcode"].update({name.lower(): number for name, number in opcodes.get(kind, {}).items()})
    return groups


def free_threaded_groups(version, with_gil):
    groups = layout_groups(version)
    for name in ("frame_owner", "frame_state", "opcode"):
        groups[name] = dict(with_gil[name])
    for name in INHERITED_BY_FREE_THREADED:
        if name in with_gil:
            groups.setdefault(name, dict(with_gil[name]))
    for name in FIRST_FIELD_AFTER_OBJECT:
        groups[name] = {field: groups["object"]["size"] for field in with_gil[name]}
    return groups


def aarch64_values(groups, with_gil, differences):
    """The same groups with aarch64's values: a difference of the GIL build shifts the free-threaded build as well."""
    result = {name: dict(fields) for name, fields in groups.items()}
    for name, fields in differences.items():
        for field, value in fields.items():
            if field in result.get(name, {}):
                result[name][field] += value - with_gil[name][field]
    return result


def read_layouts(facts):
    """[(constant's name, minor, free_threaded, x86-64 groups, aarch64 groups)]"""
    layouts = []
    arm = facts["aarch64_glibc"]["versions"]
    for version, entry in facts["versions"].items():
        groups = layout_groups(entry)
        minor = minor_of(version)
        differences = arm.get(version, {})
        layouts.append(("kLayout3%d" % minor, minor, False, groups, aarch64_values(groups, groups, differences)))
        if version in facts["free_threaded"]:
            free = free_threaded_groups(facts["free_threaded"][version], groups)
            layouts.append(("kLayout3%dt" % minor, minor, True, free, aarch64_values(free, groups, differences)))
    return layouts


def union_of_fields(layouts):
    union = {}
    for _, _, _, groups, _ in layouts:
        for name, fields in groups.items():
            union.setdefault(name, {}).update(dict.fromkeys(fields))
    return {name: list(fields) for name, fields in union.items()}


def struct_name(group):
    return "".join(part.capitalize() for part in group.split("_")) + "Layout"


def emit_structs(union):
    lines = []
    for group, fields in union.items():
        absent = "kNoFrameState" if group == "frame_state" else "kAbsent"
        lines.append("struct %s {" % struct_name(group))
        lines += ["  int32_t %s = %s;" % (field, absent) for field in fields]
        lines += ["};", ""]
    lines += ["struct Layout {", "  int minor = 0;", "  bool free_threaded = false;"]
    lines += ["  %s %s{};" % (struct_name(group), group) for group in union]
    lines += ["};", ""]
    return lines


def emit_group(group, fields, order, arm):
    def value(field):
        if fields[field] == arm[field]:
            return str(fields[field])
        return "ByArch(%d, %d)" % (fields[field], arm[field])

    inits = [".%s = %s" % (field, value(field)) for field in order if field in fields]
    return "    .%s = {%s}," % (group, ", ".join(inits))


def emit_layout(name, minor, free_threaded, groups, arm, union):
    lines = ["inline constexpr Layout %s = {" % name]
    lines.append("    .minor = %d," % minor)
    lines.append("    .free_threaded = %s," % ("true" if free_threaded else "false"))
    for group, order in union.items():
        if groups.get(group):
            lines.append(emit_group(group, groups[group], order, arm[group]))
    return lines + ["};", ""]


def debug_field(name, union):
    """Our name of a field of _Py_DebugOffsets, or None when we have no such field."""
    struct, _, field = name.partition(".")
    if struct not in DEBUG_STRUCTS:
        return None
    ours = "%s.%s" % (DEBUG_STRUCTS[struct], field)
    if ours in DEBUG_IGNORED:
        return None
    ours = DEBUG_FIELDS.get(ours, ours)
    group, _, field = ours.partition(".")
    return ours if field in union.get(group, []) else None


def emit_debug_offsets(positions, union):
    lines = []
    for version, fields in positions.items():
        minor = minor_of(version)
        lines.append("inline constexpr size_t kDebugOffsetsSize3%d = %d;" % (minor, fields["size"]))
        lines.append("inline constexpr DebugOffsetsField kDebugOffsets3%d[] = {" % minor)
        for name, position in fields.items():
            ours = debug_field(name, union)
            if ours:
                lines.append("    {%d, offsetof(Layout, %s)}," % (position, ours))
        lines += ["};", ""]
        # Offsets of the interpreter's own gil struct: they give the gil group when subtracted from each other.
        lines.append("inline constexpr GilPositions kGilPositions3%d = {%d, %d, %d};" % (
            minor,
            fields["interpreter_state.gil_runtime_state"],
            fields["interpreter_state.gil_runtime_state_locked"],
            fields["interpreter_state.gil_runtime_state_holder"],
        ))
        lines.append("")
    return lines


def emit_find(layouts):
    lines = ["inline constexpr const Layout* kLayouts[] = {"]
    lines += ["    &%s," % layout[0] for layout in layouts]
    return lines + ["};", ""]


def header(namespace, includes, body):
    lines = ["// Written by tools/gen_cpython_layouts.py from base/cpython/offsets.json; do not edit.", "#pragma once", ""]
    lines += ["#include <%s>" % name for name in includes]
    lines += ["", "namespace %s {" % namespace, ""]
    return "\n".join(lines + body + ["}  // namespace %s" % namespace, ""])


def layouts_header(facts):
    layouts = read_layouts(facts)
    union = union_of_fields(layouts)
    body = [
        "inline constexpr int32_t kAbsent = -1;          // this version has no such field",
        "inline constexpr int32_t kNoFrameState = -128;  // the same for frame states, which may be negative",
        "",
        "constexpr int32_t ByArch([[maybe_unused]] int32_t x86_64, [[maybe_unused]] int32_t aarch64) {",
        "#if defined(__aarch64__)",
        "  return aarch64;",
        "#else",
        "  return x86_64;",
        "#endif",
        "}",
        "",
    ]
    body += emit_structs(union)
    for name, minor, free_threaded, groups, arm in layouts:
        body += emit_layout(name, minor, free_threaded, groups, arm, union)
    body += emit_find(layouts)
    body += [
        "// native thread id = int32 at (tstate.thread_id + this), on versions without tstate.native_thread_id.",
        "inline constexpr int32_t kGlibcPthreadTidOffset = %d;" % facts["glibc"]["pthread_tid_offset"],
        "",
        "struct DebugOffsetsField {",
        "  uint16_t position;  // inside _Py_DebugOffsets",
        "  uint16_t target;    // inside Layout",
        "};",
        "",
        "struct GilPositions {",
        "  uint16_t state, locked, holder;  // inside _Py_DebugOffsets",
        "};",
        "",
    ]
    body += emit_debug_offsets(facts["debug_offsets_positions"], union)
    return header("scalene::cpython", ["cstddef", "cstdint"], body)


def opcodes_header(facts):
    versions = facts["versions"]
    minors = [minor_of(version) for version in versions]
    body = [
        "inline constexpr int kFirstMinor = %d;" % minors[0],
        "inline constexpr int kLastMinor = %d;" % minors[-1],
        "",
        "// By minor version, then by opcode number; the values are OpcodeClass.",
        "inline constexpr OpcodeClass kOpcodeClasses[%d][256] = {" % len(minors),
    ]
    for version, entry in versions.items():
        classes = ["kOther"] * 256
        for kind, name in OPCODE_CLASSES.items():
            for opcode, number in entry["opcodes"].get(kind, {}).items():
                # "Not a Python function" may still be a class, a partial or an object with __call__.
                classes[number] = "kCall" if "NON_PY" in opcode else name
        body.append("    // %s" % version)
        cells = ["OpcodeClass::%s," % name for name in classes]
        rows = [" ".join(cells[i:i + 4]) for i in range(0, 256, 4)]
        body += ["    {%s" % rows[0]] + ["     %s" % row for row in rows[1:]] + ["    },"]
    body += ["};", ""]
    return header("scalene::cpython", ["cstdint"], body)


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as source:
        facts = json.load(source)
    os.makedirs(sys.argv[2], exist_ok=True)
    write(os.path.join(sys.argv[2], "layouts_generated.h"), layouts_header(facts))
    write(os.path.join(sys.argv[2], "opcodes_generated.h"), opcodes_header(facts))


if __name__ == "__main__":
    main()
