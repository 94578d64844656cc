#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What pages and sources have in common with each other: no line is longer than 100 columns, every
link of a page leads to a file and a heading that are there, and lists agree with their sources.

usage: scripts/pages.py [FOLDER]      prints what is wrong, and exits with 1; silent means clean
"""
import pathlib
import re
import subprocess
import sys

COLUMNS = 100
# Whose lines are counted, by suffix; and scripts without one, by their first line.
SOURCES = {'.md', '.c', '.cc', '.h', '.def', '.S', '.py', '.sh', '.mjs', '.build', '.cmake', '.yml',
           '.txt', '.1', '.3'}
SCRIPT = re.compile(r'#!.*\b(sh|bash|python3)\b')
# Other files are not counted: pictures, captures, what programs recorded. Of the corpus no file is
# a source, whatever it is called.
EXCEPT = re.compile(r'fuzz/corpus/|packaging/abi/')
# The blocks of this page are what ./dev bench and ./dev mca printed.
PRINTED = {'docs/performance.md'}


def tracked(root):
    names = subprocess.run(['git', 'ls-files', '-z'], cwd=root, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split('\0')
    return [name for name in names if name and (root / name).is_file()]


def is_source(root, name):
    if EXCEPT.match(name):
        return False
    path = pathlib.Path(name)
    if path.suffix in SOURCES:
        return True
    with open(root / name, 'rb') as file:
        return bool(SCRIPT.match(file.readline(100).decode(errors='replace')))


def long_lines(root, name):
    is_block = False
    for number, line in enumerate((root / name).read_text().splitlines(), 1):
        if line.startswith('```'):
            is_block = not is_block
        if len(line) > COLUMNS and not (is_block and name in PRINTED):
            yield f'{name}:{number}: {len(line)} columns'


def prose(text):
    """A page without its blocks of code."""
    return re.sub(r'^```.*?^```$', '', text, flags=re.M | re.S)


def anchors(text):
    """The headings of a page, as GitHub names them in links."""
    return {re.sub(r'[^\w\- ]', '', heading.lower()).strip().replace(' ', '-')
            for heading in re.findall(r'^#+ (.*)$', prose(text), re.M)}


def dead_links(root, name):
    text = (root / name).read_text()
    for target in re.findall(r'\]\(([^)\s]+)\)', prose(text)):
        path, _, anchor = target.partition('#')
        if re.match(r'\w+:', path):
            continue
        file = (root / name).parent / path if path else root / name
        if not file.exists():
            yield f'{name}: no such file: {target}'
        elif anchor and anchor not in anchors(file.read_text()):
            yield f'{name}: no such heading: {target}'


def kernels(root):
    """Where the table of kernels is not the list of them."""
    rows = re.findall(r'^CSUMOFF_KERNEL\((\w+),', (root / 'src/kernels.def').read_text(), re.M)
    page = re.findall(r'^\| `(\w+)` \|', (root / 'docs/kernels.md').read_text(), re.M)
    named = [name for name in page if name in rows]
    if named != rows:
        yield f'docs/kernels.md: has {" ".join(named)} where src/kernels.def has {" ".join(rows)}'


def suites(root):
    """Which suites tests/README.md does not describe; named as Meson names them."""
    described = set(re.findall(r'\*\*(\w+)\*\*', (root / 'tests/README.md').read_text()))
    for path in sorted(root.glob('tests/**/test_*')):
        room = path.parent.name
        name = path.stem[len('test_'):]
        if room in ('kernel', 'lwip'):
            name = f'{room}_{name}'
        if room != 'quality' and not {name, f'{name}_gcc'} & described:
            yield f'tests/README.md: does not say what the suite {name} proves'


def platforms(root):
    """Where the table of platforms and the rows of ./dev test do not agree."""
    rows = {tuple(line.split()[:2]) for name in ('matrix.txt', 'checks.txt')
            for line in (root / 'scripts' / name).read_text().splitlines()
            if re.match(r'[\w-]', line)}
    page = (root / 'embed/README.md').read_text()
    section = re.search(r'^## Where it runs$.*?(?=^## )', page, re.M | re.S)[0]
    named = {tuple(row.split()) for row in re.findall(r'\| `([^`|]+)` \| \d* ?\|$', section, re.M)}
    for row in sorted(named - rows):
        yield f'embed/README.md: ./dev test has no row {" ".join(row)}'
    for compiler in sorted({row[1] for row in rows} - {row[1] for row in named}):
        yield f'embed/README.md: "Where it runs" has no line of {compiler}'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.')
    wrong = [*kernels(root), *suites(root), *platforms(root)]
    for name in tracked(root):
        if is_source(root, name):
            wrong += long_lines(root, name)
        if name.endswith('.md'):
            wrong += dead_links(root, name)
    print(*wrong, sep='\n', end='\n' * bool(wrong))
    sys.exit(bool(wrong))


if __name__ == '__main__':
    main()
