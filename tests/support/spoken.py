"""Which sentences the sources say, found without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regisseur

PACKAGE = Path(regisseur.__file__).parent
ROOMS = ("agents", "graphs", "office", "storage", "tools")


@dataclass(frozen=True)
class Sentence:
    """One call of a Speaker; ``texts`` holds one template, two for ``counted``, or none where the
    template isn't a literal and so can't be translated.
    """

    domain: str
    texts: tuple[str, ...]
    line: int


def sources() -> list[Path]:
    """Every Python file of the rooms, relative to the package."""
    return sorted(
        file.relative_to(PACKAGE) for room in ROOMS for file in (PACKAGE / room).rglob("*.py")
    )


def catalogues() -> list[Path]:
    """Every catalogue of the rooms, relative to the package."""
    return sorted(
        file.relative_to(PACKAGE) for room in ROOMS for file in (PACKAGE / room).rglob("*.po")
    )


def sentences(source: Path) -> Iterator[Sentence]:
    """What one file says."""
    speakers = _speakers(source)
    forwarding = _forwarding(_tree(source))
    for node in ast.walk(_tree(source)):
        if not isinstance(node, ast.Call) or node in forwarding:
            continue
        match node.func:
            case ast.Name(name) if name in speakers:
                yield Sentence(speakers[name], _literals(node.args[:1]), node.lineno)
            case ast.Attribute(ast.Name(name), "counted") if name in speakers:
                yield Sentence(speakers[name], _literals(node.args[:2]), node.lineno)


@cache
def _tree(source: Path) -> ast.Module:
    return ast.parse((PACKAGE / source).read_text("utf-8"))


@cache
def _speakers(source: Path) -> dict[str, str]:
    """Name of each speaker of a module, its own or imported, with the domain."""
    found = dict(_own_speakers(source))
    for name, module, original in _imports(source):
        domain = _origin(module, original, ())
        if domain is not None:
            found[name] = domain
    return found


@cache
def _own_speakers(source: Path) -> dict[str, str]:
    return {
        name: _domain(domain, source)
        for node in ast.walk(_tree(source))
        if isinstance(node, ast.Assign)
        for name, domain in _made(node)
    }


def _made(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name("Speaker"), [domain])):
            yield name, domain


@cache
def _imports(source: Path) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (alias.asname or alias.name, node.module, alias.name)
        for node in ast.walk(_tree(source))
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    )


def _origin(module: str, name: str, passed: tuple[str, ...]) -> str | None:
    """Domain of the speaker that a module knows by a name, followed through re-exports."""
    source = _file(module)
    if source is None or module in passed:
        return None
    own = _own_speakers(source)
    if name in own:
        return own[name]
    for known, further, original in _imports(source):
        if known == name:
            return _origin(further, original, (*passed, module))
    return None


def _forwarding(tree: ast.Module) -> set[ast.AST]:
    """Calls that pass on a template which their function was given: its callers say it."""
    return {
        call
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id in {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    }


def _domain(node: ast.expr, source: Path) -> str:
    parts = ["regisseur", *source.with_suffix("").parts]
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    match node:
        case ast.Constant(str(domain)):
            return domain
        case ast.Name("__name__"):
            return module
        case ast.Name("__package__"):
            return module if parts[-1] == "__init__" else ".".join(parts[:-1])
    raise AssertionError(f"{source}:{node.lineno}: a Speaker needs a domain that can be read here")


def _file(module: str) -> Path | None:
    top, *rest = module.split(".")
    if top != "regisseur" or not rest:
        return None
    for file in (Path(*rest).with_suffix(".py"), Path(*rest, "__init__.py")):
        if (PACKAGE / file).is_file():
            return file
    return None


def _literals(nodes: list[ast.expr]) -> tuple[str, ...]:
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return tuple(text for text in texts if isinstance(text, str)) if texts else ()
