#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What places.py finds in C, and what it refuses."""
import pathlib
import tempfile
import unittest

import places

SOURCE = r'''
/* int commented(void) { return 1; } */
#define SMALL 16 /* bytes */
#define TWICE(x)  \
    do {          \
        (x) += 1; \
        (x) += 1; \
    } while (0)
#ifdef __cplusplus
extern "C" {
#endif
#error don't { stop
enum colour { RED = 1, GREEN = SMALL, BLUE };
struct pair {
    int first, second;
};
static enum colour prototype(int a, int b);
static const enum colour mixed[] = {GREEN, BLUE};
static const struct pair pairs[] = {{1, 2}, {3, 4}};
__attribute__((noinline)) static int nested(int a)
{
    const char *text = "} int inside(void) { \" // /*", c = '}', d = '\'';
#define LOCAL(n) { n
    if (a > 1) {
        while (a < SMALL) { a += SMALL; } // }
    }
    for (;;)
        a += pairs[0].first;
    return a + 0x10 + 1e+3;
}
#if defined(A)
static int variant(int a) { return a << 1; }
#else
static int variant(int a) { return a >> 1; }
#endif
static inline struct pair *returns(void) { return (struct pair *)0; }
static const struct pair *literal = &(struct pair){1, 2};
struct __attribute__((packed)) { int a; } packed;
#ifdef __cplusplus
}
#endif
static int initial = SMALL;
static int last(void) { return 1; }
'''


def found(name, there, source=SOURCE, which=1, of=1):
    start, end = places.Row('', 'a.c', name, which, of, there, None, '').find(source)
    return source[start:end]


class Tokens(unittest.TestCase):
    def test_longest_first(self):
        self.assertEqual(places.words('a<<=b>>c->d...#e##f'),
                         ['a', '<<=', 'b', '>>', 'c', '->', 'd', '...', '#', 'e', '##', 'f'])

    def test_numbers(self):
        self.assertEqual(places.words('1e+3+.5f-0xFFu'), ['1e+3', '+', '.5f', '-', '0xFFu'])

    def test_comments_and_continued_lines_are_blank(self):
        self.assertEqual(places.words('a/* b */c // d \\\n e\nf \\\n g'), ['a', 'c', 'f', 'g'])

    def test_strings_are_whole(self):
        self.assertEqual(places.words(r'"a \" /* b" "//"'), [r'"a \" /* b"', '"//"'])


class Definitions(unittest.TestCase):
    def test_all_of_them(self):
        self.assertEqual(set(places.definitions(SOURCE)), {
            'SMALL', 'TWICE', 'LOCAL', 'colour', 'RED', 'GREEN', 'BLUE', 'pair', 'pairs',
            'prototype', 'mixed', 'nested', 'variant', 'returns', 'literal', 'packed', 'initial',
            'last'})

    def test_ends(self):
        for name, first, last in (('SMALL', '#define', '/* bytes */'), ('GREEN', 'GREEN', 'SMALL'),
                                  ('TWICE', '#define', 'while (0)'), ('pairs', 'static', '4}};'),
                                  ('nested', '__attr', '1e+3;\n}'), ('last', 'static', '1; }')):
            (start, end), = places.definitions(SOURCE)[name]
            self.assertTrue(SOURCE[start:].startswith(first), name)
            self.assertTrue(SOURCE[:end].endswith(last), name)

    def test_enclosing(self):
        for there, name in (('a > 1', 'nested'), ('RED = 1', 'RED'), ('{3', 'pairs'),
                            ('{ n', 'LOCAL'), ('a >> 1', 'variant'), ('(x) += 1', 'TWICE'),
                            ('extern', None)):
            self.assertEqual(places.enclosing(SOURCE, SOURCE.index(there)), name)


class Find(unittest.TestCase):
    def test_inside_the_definition_only(self):
        self.assertEqual(found('last', 'return 1;'), 'return 1;')
        for name, there in (('last', 'return a'), ('RED', 'SMALL'), ('nested', 'int inside'),
                            ('nested', 'return a << 1'), ('commented', 'return 1'),
                            ('LOCAL', 'if')):
            with self.assertRaises(places.NotThere):
                found(name, there)

    def test_more_than_once_is_refused(self):
        for name, there in (('TWICE', '(x) += 1'), ('nested', 'SMALL'), ('variant', 'return a')):
            with self.assertRaises(places.NotThere):
                found(name, there)
        with self.assertRaises(places.NotThere):
            found('nested', 'SMALL', which=2, of=3)

    def test_one_of_several(self):
        source = SOURCE.replace('a += SMALL', 'a += /**/ SMALL')
        self.assertEqual(found('nested', 'SMALL', which=1, of=2), 'SMALL')
        row = places.Row('', 'a.c', 'nested', 2, 2, 'SMALL', 'LARGE', '')
        self.assertEqual(row.plant(source), source.replace('/**/ SMALL', '/**/ LARGE'))

    def test_variants(self):
        self.assertEqual(found('variant', 'a << 1'), 'a << 1')
        self.assertEqual(found('variant', 'a >> 1'), 'a >> 1')

    def test_whole_tokens_only(self):
        for there in ('a += pairs[0].fir', 'SMAL', '+ 0x1', 'a +'):
            with self.assertRaises(places.NotThere):
                found('nested', there + ' 1')

    def test_any_layout(self):
        there = 'while (a < SMALL) { a += SMALL; }'
        for source in (SOURCE.replace('while (a < SMALL) {', 'while(a<SMALL)\n\n{ /* why */'),
                       SOURCE.replace('int nested(int a)', 'long nested(long b,\n int a)'),
                       SOURCE.replace('if (a > 1)', 'if (a > 2)')):
            self.assertEqual(places.words(found('nested', there, source)), places.words(there))
        self.assertEqual(places.words(found('TWICE', '(x) += 1; (x) += 1;')),
                         places.words('(x)+=1;(x)+=1;'))


class Rows(unittest.TestCase):
    TEXT = '''# a comment

a title
of two lines
src/a.c: nested, 2 of 2
- a +=
- SMALL
+ a -=

# another
nothing is left
a.c: last
- return 1
+
suite, case: test

a place
a.c: last
- return 1
'''

    def read(self, text):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write(text)
            file.flush()
            return places.rows(file.name)

    def test_read(self):
        self.assertEqual(self.read(self.TEXT), [
            ('a title of two lines', 'src/a.c', 'nested', 2, 2, 'a += SMALL', 'a -=', ''),
            ('nothing is left', 'a.c', 'last', 1, 1, 'return 1', '', 'suite, case: test'),
            ('a place', 'a.c', 'last', 1, 1, 'return 1', None, '')])

    def test_written_and_read_again(self):
        rows = self.read(self.TEXT)
        self.assertEqual(self.read('\n\n'.join(map(str, rows))), rows)

    def test_malformed(self):
        for text in ('a.c: last\n- return', 'title\n- return', 'title\na.c: last\n+ return',
                     'title\na.c: last, 2 of 1\n- return', 'title\na.c: last, 0 of 1\n- return',
                     'title\na.c: last\n-'):
            with self.assertRaises(ValueError, msg=text):
                self.read(text)

    def test_complaints(self):
        with tempfile.TemporaryDirectory() as root:
            for name in ('src/a.c', 'src/b/b.c'):
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(SOURCE if name == 'src/b/b.c' else 'int a;\n')
            row = places.Row('title', 'src/b/b.c', 'last', 1, 1, 'return 1', '', '')
            self.assertEqual(list(places.complaints([row], pathlib.Path(root))), [])
            for name in ('src/a.c', 'src/none.c'):
                said, = places.complaints([row._replace(file=name)], pathlib.Path(root))
                self.assertIn(name + ' defines no last; found in src/b/b.c', said)


if __name__ == '__main__':
    unittest.main()
