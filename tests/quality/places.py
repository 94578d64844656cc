# SPDX-License-Identifier: MIT
"""Places in C sources, named so that they survive reformatting and the moving of code: by file, by
the function (macro, table, type) that they are in, and by tokens that stand there once.

Rows of such places, and of what they become, are text files beside the programs that use them.
Empty lines separate rows, and lines that begin with # are comments. A row is

    a title, for people; it may take several lines
    src/sum.c: csumoff_partial_iov
    - skip > SIZE_MAX - len
    + false
    whatever else the program wants to know

The lines with - are tokens that the definition has exactly once, in any layout; "NAME, 2 of 3" in
the second line means the second of exactly three. The lines with + are what is put in their place:
a lone + means nothing at all, and without any + the row names a place only. A definition that has
several variants (#if, #else) is searched in all of them together.
"""
import functools
import pathlib
import re
from typing import NamedTuple, Optional

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = re.compile(r'''
    (?P<blank> \s+ | \\\n | /\*.*?\*/ | //(?:\\\n|[^\n])* )
  | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
  | \.?\d(?:[eEpP][+-]|[\w.])*
  | \w+
  | \.\.\. | <<= | >>= | -> | \+\+ | -- | [-+*/%&|^<>=!]= | << | >> | && | \|\| | \#\#
  | .''', re.X | re.S)
PLACE = re.compile(r'([\w./-]+): (\w+)(?:, (\d+) of (\d+))?$')
ATTRIBUTE = '__attribute__'
DIRECTIVE = re.compile(r'(?:/\*.*?\*/|\\\n|[^\n])*', re.S)


class Token(NamedTuple):
    text: str
    start: int
    end: int
    directive: Optional[int]  # where the preprocessor's line begins that it belongs to


class NotThere(LookupError):
    """A place that is not in the source, or not as often as it should be."""


@functools.lru_cache(maxsize=None)
def tokens(text):
    """The tokens of C source, without white space and comments."""
    found, directive, directive_end = [], None, 0
    for match in TOKEN.finditer(text):
        if match.lastgroup == 'blank':
            continue
        start, end = match.span()
        if start >= directive_end:
            directive = None
            if match[0] == '#' and not text[text.rfind('\n', 0, start) + 1:start].strip():
                directive, directive_end = start, DIRECTIVE.match(text, start).end()
        found.append(Token(match[0], start, end, directive))
    return found


def words(text):
    return [token.text for token in tokens(text)]


def outermost(item):
    """The words of a declaration, of each pair of brackets only the first one."""
    found, depth = [], 0
    for token in item:
        depth -= token.text in (')', ']', '}')
        if depth == 0 and token.text not in (')', ']', '}'):
            found.append(token.text)
        depth += token.text in ('(', '[', '{')
    return found


def is_function(outer):
    return outer[-2:] == ['(', '{'] and '=' not in outer and ATTRIBUTE not in outer[-3:-2]


def declarations(text):
    """Yields the tokens of each declaration and definition at file level, directives left out."""
    item, depth = [], 0
    for token in tokens(text):
        if token.directive is not None:
            continue
        item.append(token)
        depth += (token.text in ('(', '[', '{')) - (token.text in (')', ']', '}'))
        if depth < 0 or [t.text for t in item[:3]] == ['extern', '"C"', '{']:
            item, depth = [], 0
        elif depth == 0 and (token.text == ';' or
                             token.text == '}' and is_function(outermost(item))):
            yield item
            item = []


def defined(item):
    """Yields what a declaration names: (name, its first token, its last)."""
    outer = outermost(item)
    if is_function(outer):
        yield outer[-3], item[0], item[-1]
        return
    if '=' in outer:
        outer = outer[:outer.index('=') + 1]
    for name, after in zip(outer, outer[1:]):
        if re.match(r'[A-Za-z_]', name) and name not in ('enum', 'struct', 'union', ATTRIBUTE) \
                and after in ('{', '[', '(', '=', ';', ',', ATTRIBUTE):
            yield name, item[0], item[-1]
    if 'enum' in outer and '{' in outer:
        first = None
        for before, token in zip(item, item[1:]):
            if before.text in ('{', ','):
                first = token
            if token.text in (',', '}') and first:
                yield first.text, first, before
                first = None


@functools.lru_cache(maxsize=None)
def definitions(text):
    """By name: the (start, end) of everything in the source that defines it, in order."""
    found = {}
    for item in declarations(text):
        for name, first, last in defined(item):
            found.setdefault(name, []).append((first.start, last.end))
    lines = [token for token in tokens(text) if token.directive is not None]
    for line, define, name in zip(lines, lines[1:], lines[2:]):
        if line.start == line.directive and define.text == 'define':
            found.setdefault(name.text, []).append(
                (line.start, DIRECTIVE.match(text, line.start).end()))
    return found


def enclosing(text, start):
    """The name of the innermost definition that a place is in."""
    around = [(first, name) for name, spans in definitions(text).items()
              for first, end in spans if first <= start < end]
    return max(around, key=lambda row: row[0])[1] if around else None


def occurrences(text, name, there):
    """The (start, end) of each place in the definitions of a name that has these tokens."""
    spans, wanted = definitions(text).get(name, []), words(there)
    source = [token for token in tokens(text)
              if any(first <= token.start < end for first, end in spans)]
    return [(source[i].start, source[i + len(wanted) - 1].end)
            for i in range(len(source) - len(wanted) + 1)
            if all(token.text == word for token, word in zip(source[i:], wanted))]


class Row(NamedTuple):
    title: str
    file: str
    name: str
    which: int  # of how many
    of: int
    there: str
    becomes: Optional[str]
    rest: str

    def find(self, text):
        """(start, end) of the place in the text of its file; NotThere."""
        if self.name not in definitions(text):
            raise NotThere(f'{self.file} defines no {self.name}')
        found = occurrences(text, self.name, self.there)
        if len(found) != self.of:
            raise NotThere(f'{self.name} in {self.file} has {len(found)} times, not {self.of}: '
                           f'{self.there}')
        return found[self.which - 1]

    def plant(self, text):
        """The text of its file with the row's bug in it; NotThere."""
        start, end = self.find(text)
        return text[:start] + self.becomes + text[end:]

    def __str__(self):
        """As in a file of rows."""
        which = f', {self.which} of {self.of}' if self.of != 1 else ''
        lines = [self.title, f'{self.file}: {self.name}{which}', f'- {self.there}']
        lines += [f'+ {self.becomes}'.rstrip()] * (self.becomes is not None)
        return '\n'.join(lines + [self.rest] * bool(self.rest))


def row(block):
    """The row that lines of a file of rows say; ValueError."""
    lines = [PLACE.match(line) for line in block]
    at = next((i for i, match in enumerate(lines) if match), None)
    if not at:
        raise ValueError(f'no title, or no line "FILE: NAME", in: {block[0]}')
    file, name, which, of = lines[at].groups()
    there, becomes, rest = ([line for line in block[at + 1:] if line[0] == first or
                             not first and line[0] not in '-+'] for first in ('-', '+', ''))
    there, becomes = (' '.join(line[1:].strip() for line in lines) if lines else None
                      for lines in (there, becomes))
    if not there or not 1 <= int(which or 1) <= int(of or 1):
        raise ValueError(f'no tokens, or no such one of them, in: {block[0]}')
    return Row(' '.join(block[:at]), file, name, int(which or 1), int(of or 1), there, becomes,
               ' '.join(rest))


def rows(path):
    """The rows of a file."""
    lines = [line.rstrip() for line in pathlib.Path(path).read_text().split('\n')]
    text = '\n'.join(line for line in lines if not line.startswith('#'))
    return [row(block.split('\n')) for block in re.split(r'\n{2,}', text.strip('\n')) if block]


def complaints(checked, root=ROOT):
    """Yields what is wrong with rows whose place is not there any more."""
    for one in checked:
        path = root / one.file
        try:
            one.find(path.read_text() if path.is_file() else '')
        except NotThere as wrong:
            elsewhere = [str(other.relative_to(root)) for folder in ('include', 'src', 'glue')
                         for other in sorted(root.glob(folder + '/**/*.[ch]'))
                         if other != path and occurrences(other.read_text(), one.name, one.there)]
            yield f'{one.title}: {wrong}' + (
                f'; found in {", ".join(elsewhere)}' if elsewhere else '')
