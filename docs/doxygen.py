#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A page as Doxygen wants it: each heading has a label, and a link to a heading names the label.
GitHub names headings by itself, Doxygen 1.9 does not.

usage: docs/doxygen.py PAGE             prints the page
       docs/doxygen.py --check FOLDER      prints the links of Doxygen's HTML that lead nowhere
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def anchor(heading):
    """What GitHub calls a heading in links."""
    return re.sub(r'[^\w\- ]', '', heading.lower()).strip().replace(' ', '-')


def label(page, name):
    return re.sub(r'\W', '_', str(page.relative_to(ROOT))) + '_' + name.replace('-', '_')


def link(page, match):
    to, name = match[1], match[2]
    target = (page.parent / to).resolve() if to else page
    return f'](@ref {label(target, name)})'


def labelled(page):
    is_block = False
    for line in page.read_text().splitlines():
        is_block ^= line.startswith('```')
        heading = re.match(r'##+ (.*)$', line)
        if heading and not is_block:
            # Doxygen prints a label's heading without looking for code in it.
            line = line.replace('`', '') + f' {{#{label(page, anchor(heading[1]))}}}'
        yield line if is_block else re.sub(r'\]\(([^):]*)#([^)]*)\)', lambda m: link(page, m), line)


def dead(folder):
    for page in sorted(folder.glob('*.html')):
        for to, name in re.findall(r'(?:href|src|data)="([^"#:]*)(?:#([^"]*))?"', page.read_text()):
            target = folder / to if to else page
            if not target.exists():
                yield f'{page.name}: {to}'
            elif name and target.suffix == '.html' and f'"{name}"' not in target.read_text():
                yield f'{page.name}: {to}#{name}'


def main():
    if sys.argv[1] == '--check':
        sys.exit('\n'.join(dead(pathlib.Path(sys.argv[2]))) or 0)
    print('\n'.join(labelled(pathlib.Path(sys.argv[1]).resolve())))


if __name__ == '__main__':
    main()
