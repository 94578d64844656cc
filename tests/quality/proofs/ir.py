# SPDX-License-Identifier: MIT
"""Turns functions from LLVM's assembly (clang 14) into SMT-LIB 2, for ./prove.

A function bool f(const uint8_t in[static N]) is run on bytes that nobody knows: arithmetic becomes
definitions over bit vectors, a branch that depends on the bytes is taken both ways, and what is
reached under which conditions makes the question "is there an `in` for which f is false?".
Whatever isn't known here is an error, never a guess: instructions, addresses that depend on the
bytes, a load or store outside an object, a shift by more than there are bits.
"""
import re
import sys

sys.setrecursionlimit(10000)  # a path's blocks lie in each other
TOKEN = re.compile(r'[%@]"[^"]*"|[%@!#][-\w.$]+|c?"[^"]*"|-?\d+|[\w.]+|\.\.\.|\S')
# Hints for the optimizer.
NOISE = re.compile(r'(?<![\w.@%])(nuw|nsw|exact|inbounds|tail|musttail|notail|noundef|nocapture|'
                   r'readonly|readnone|writeonly|zeroext|signext|nonnull|returned|noalias|immarg|'
                   r'sideeffect|fastcc|align \d+|dereferenceable\(\d+\))\b|'
                   r', !.*$|, align \d+|#\d+')


class Unknown(Exception):
    """Something this file has no meaning for."""


class Pointer:
    """So many bytes into an object; object None: NULL."""

    def __init__(self, thing, offset):
        self.thing, self.offset = thing, offset


# ---- Types: ('i', bits), ('v', n, type), ('a', n, type), ('s', [types]), ('p',), ('void',) -------

def size_of(kind):
    if kind[0] == 'i':
        return (kind[1] + 7) // 8
    if kind[0] == 'p':
        return 8
    if kind[0] in 'va':
        return kind[1] * size_of(kind[2])
    if kind[0] == 's':
        end = 0
        for part in kind[1]:
            end = -(-end // align_of(part)) * align_of(part) + size_of(part)
        return -(-end // align_of(kind)) * align_of(kind)
    raise Unknown(f'size of {kind}')


def align_of(kind):
    if kind[0] == 'a':
        return align_of(kind[2])
    if kind[0] == 's':
        return max(map(align_of, kind[1]), default=1)
    return size_of(kind)


class Reader:
    """Tokens of one line; types and operands off their front."""

    def __init__(self, module, text):
        self.module = module
        self.tokens = TOKEN.findall(NOISE.sub('', text))
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self, expected=None):
        token = self.peek()
        if token is None or (expected and token != expected):
            raise Unknown(f'{token} where {expected} is expected: {" ".join(self.tokens)}')
        self.at += 1
        return token

    def got(self, token):
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def kind(self):
        token = self.next()
        if re.fullmatch(r'i\d+', token):
            kind = ('i', int(token[1:]))
        elif token == 'void':
            kind = ('void',)
        elif token in '<[':
            if token == '<' and self.peek() == '{':
                raise Unknown('packed struct')
            count = int(self.next())
            self.next('x')
            kind = ('v' if token == '<' else 'a', count, self.kind())
            self.next('>' if token == '<' else ']')
        elif token == '{':
            kind = ('s', self.list('}', self.kind))
        elif token in self.module.bodies:
            kind = self.module.kind(token)
        else:
            raise Unknown(f'type {token}')
        while self.peek() in ('*', '('):
            if self.next() == '(':
                while self.next() != ')':
                    pass
                kind = ('function',)
            else:
                kind = ('p',)
        return kind

    def initial(self, kind):
        """The bytes of a constant of this type, which come next."""
        token = self.next()
        if token == 'zeroinitializer':
            return [0] * size_of(kind)
        if kind[0] == 'i' and re.fullmatch(r'-?\d+|true|false', token):
            value = {'true': 1, 'false': 0}.get(token) if token.isalpha() else int(token)
            order = 'big' if self.module.big_endian else 'little'
            return list((value & ((1 << 8 * size_of(kind)) - 1)).to_bytes(size_of(kind), order))
        if token.startswith('c"'):
            return [int(byte[1:], 16) if byte[0] == '\\' else ord(byte)
                    for byte in re.findall(r'\\..|.', token[2:-1])]
        if token not in '[{':
            raise Unknown(f'constant {token}')
        data = []
        for part, bytes_ in self.list({'[': ']', '{': '}'}[token], self.initial_member):
            data += [0] * (-len(data) % align_of(part)) + bytes_
        return data + [0] * (size_of(kind) - len(data))

    def initial_member(self):
        kind = self.kind()
        return kind, self.initial(kind)

    def list(self, end, item):
        items = []
        while not self.got(end):
            items.append(item())
            self.got(',')
        return items


# ---- Values: int or the name of a definition, of known width; lists of them; Pointer -------------

class Smt:
    """Definitions, and arithmetic that makes them."""
    NAMES = {'add': 'bvadd', 'sub': 'bvsub', 'mul': 'bvmul', 'and': 'bvand', 'or': 'bvor',
             'xor': 'bvxor', 'shl': 'bvshl', 'lshr': 'bvlshr', 'ashr': 'bvashr'}
    COMPARE = {'ult': 'bvult', 'ule': 'bvule', 'ugt': 'bvugt', 'uge': 'bvuge',
               'slt': 'bvslt', 'sle': 'bvsle', 'sgt': 'bvsgt', 'sge': 'bvsge'}

    def __init__(self):
        self.lines = []
        self.known = {}
        self.opposites = {}
        self.either = {}  # what is one of two numbers: (condition, number, number)

    def text(self, value, bits):
        return f'(_ bv{value} {bits})' if isinstance(value, int) else value

    def define(self, expression, bits):
        if expression not in self.known:
            name = self.known[expression] = f'v{len(self.known)}'
            self.lines.append(f'(define-fun {name} () (_ BitVec {bits}) {expression})')
        return self.known[expression]

    def binary(self, op, a, b, bits):
        top = (1 << bits) - 1
        if isinstance(b, int) and op in ('shl', 'lshr', 'ashr') and b >= bits:
            raise Unknown(f'{op} of {bits} bits by {b}')
        if isinstance(a, int) and isinstance(b, int):
            signed = a - (top + 1) if a >> (bits - 1) else a
            return {'add': a + b, 'sub': a - b, 'mul': a * b, 'and': a & b, 'or': a | b,
                    'xor': a ^ b, 'shl': a << b if op == 'shl' else 0,
                    'lshr': a >> b if op == 'lshr' else 0,
                    'ashr': signed >> b if op == 'ashr' else 0}[op] & top
        if b == 0 and op in ('add', 'sub', 'or', 'xor', 'shl', 'lshr', 'ashr'):
            return a
        if a == 0 and op in ('add', 'or', 'xor'):
            return b
        if op in ('and', 'mul') and 0 in (a, b):
            return 0
        return self.define(f'({self.NAMES[op]} {self.text(a, bits)} {self.text(b, bits)})', bits)

    def compare(self, how, a, b, bits):
        """One bit."""
        if isinstance(a, int) and isinstance(b, int):
            if how[0] == 's':
                a, b = (v - (1 << bits) if v >> (bits - 1) else v for v in (a, b))
            return int({'eq': a == b, 'ne': a != b, 'lt': a < b, 'le': a <= b, 'gt': a > b,
                        'ge': a >= b}[how if how in ('eq', 'ne') else how[1:]])
        for this, other in ((a, b), (b, a)):
            if isinstance(other, int) and this in self.either:
                condition, one, two = self.either[this]
                one, two = ((value, b) if this is a else (a, value) for value in (one, two))
                return self.select(condition, self.compare(how, *one, bits),
                                   self.compare(how, *two, bits), 1)
        name = self.COMPARE.get(how, '=')
        said = f'({name} {self.text(a, bits)} {self.text(b, bits)})'
        return self.define(f'(ite {said} {"#b0 #b1" if how == "ne" else "#b1 #b0"})', 1)

    def opposite(self, condition):
        if isinstance(condition, int):
            return condition ^ 1
        if condition not in self.opposites:
            other = self.binary('xor', condition, 1, 1)
            self.opposites.update({condition: other, other: condition})
        return self.opposites[condition]

    def select(self, condition, a, b, bits):
        if isinstance(condition, int):
            return a if condition else b
        if a == b:
            return a
        if bits == 1 and (a, b) == (1, 0):
            return condition
        if bits == 1 and (a, b) == (0, 1):
            return self.opposite(condition)
        made = self.define(f'(ite (= {condition} #b1) {self.text(a, bits)} {self.text(b, bits)})',
                           bits)
        if isinstance(a, int) and isinstance(b, int):
            self.either[made] = condition, a, b
        return made

    def resize(self, how, value, bits, wanted):
        if bits == wanted:
            return value
        if isinstance(value, int):
            if how == 'sext' and value >> (bits - 1):
                value -= 1 << bits
            return value & ((1 << wanted) - 1)
        if how == 'trunc':
            return self.define(f'((_ extract {wanted - 1} 0) {value})', wanted)
        name = 'zero_extend' if how == 'zext' else 'sign_extend'
        return self.define(f'((_ {name} {wanted - bits}) {value})', wanted)

    def slice(self, value, low, bits):
        if isinstance(value, int):
            return value >> low & ((1 << bits) - 1)
        return self.define(f'((_ extract {low + bits - 1} {low}) {value})', bits)

    def concat(self, parts, bits):
        """Parts of so many bits, the least significant first."""
        if len(parts) == 1:
            return parts[0]
        if all(isinstance(part, int) for part in parts):
            return sum(part << (i * bits) for i, part in enumerate(parts))
        said = ' '.join(self.text(part, bits) for part in reversed(parts))
        return self.define(f'(concat {said})', bits * len(parts))


class State:
    """Memory, and under which conditions it is like that."""

    def __init__(self, memory=None, conditions=()):
        self.memory = memory or {}
        self.conditions = conditions

    def copy(self, condition=None):
        return State({thing: list(data) for thing, data in self.memory.items()},
                     self.conditions + ((condition,) if condition else ()))


# ---- Execution -----------------------------------------------------------------------------------

class Module:
    def __init__(self, text):
        self.functions = {}
        self.kinds, self.globals = {}, {}  # filled as they are needed
        self.big_endian = re.search(r'^target datalayout = "E', text, re.M) is not None
        self.bodies = dict(re.findall(r'^(%[\w.]+) = type (.*)$', text, re.M))
        self.constants = dict(re.findall(r'^(@[\w.]+) = .*?\bconstant (.*)$', text, re.M))
        for head, body in re.findall(r'^define (.*?) \{\n(.*?)^\}', text, re.M | re.S):
            name, params = re.search(r'(@[\w.]+)\((.*)\)', head).groups()
            self.functions[name] = Function(params, body)

    def kind(self, name):
        """A type that has a name."""
        if name not in self.kinds:
            self.kinds[name] = Reader(self, self.bodies[name]).kind()
        return self.kinds[name]

    def bytes_of(self, name):
        """What a constant has in memory."""
        if name not in self.globals:
            reader = Reader(self, self.constants[name])
            self.globals[name] = reader.initial(reader.kind())
        return self.globals[name]

    def question(self, name):
        """SMT-LIB 2 that asks for an input for which the function is false."""
        run = Run(self)
        function = self.functions['@' + name]
        room = re.search(r'dereferenceable\((\d+)\)', function.params)
        count = int(room.group(1)) if room else 0
        state = State({'in': [f'b{i}' for i in range(count)]})
        wrong = []
        for end, result in run.call(function, [Pointer('in', 0)] if function.names else [], state):
            if result == 1:
                continue
            terms = [f'(= {c} #b1)' for c in end.conditions]
            if result != 0:
                terms.append(f'(= {result} #b0)')
            wrong.append(f'(and {" ".join(terms)})' if terms else 'true')
        wrong += ['(and %s)' % ' '.join(f'(= {c} #b1)' for c in way if c != 1)
                  for way in run.broken if 0 not in way]
        bytes_ = [f'b{i}' for i in range(count)]
        return '\n'.join(['(set-option :produce-models true)', '(set-logic QF_BV)']
                         + [f'(declare-const {b} (_ BitVec 8))' for b in bytes_]
                         + run.smt.lines
                         + [f'(assert (or {" ".join(wrong)} false))', '(check-sat)']) + '\n', count


class Function:
    def __init__(self, params, body):
        self.params = params
        self.names = re.findall(r'(%[\w.]+)(?:,|$)', params)
        self.blocks = {'%entry': []}
        block = self.blocks['%entry']
        lines = iter(body.split('\n'))
        for line in lines:
            label = re.match(r'([\w.]+):', line)
            if label:
                block = self.blocks['%' + label.group(1)] = []
            elif line.strip() and not line.lstrip().startswith(';'):
                if line.lstrip().startswith('switch'):
                    while not line.rstrip().endswith(']'):
                        line += ' ' + next(lines)
                block.append(line.strip())
        # The entry block has a number, too: the first one that is free after the parameters.
        self.entry_name = f'%{len(self.names)}'


class Run:
    """All paths through functions of a module."""
    DEEPEST = 1000  # blocks on one path

    def __init__(self, module):
        self.module, self.smt, self.things, self.broken = module, Smt(), 0, []

    def call(self, function, arguments, state):
        env = dict(zip(function.names, arguments))
        yield from self.block(function, '%entry', None, env, state, 0)

    def block(self, function, name, before, env, state, depth):
        if depth > self.DEEPEST:
            raise Unknown('a loop that the input has a say in')
        lines = function.blocks[name if name in function.blocks else '%entry']
        label = function.entry_name if name == '%entry' else name
        env = dict(env)
        phis = {}
        rest = 0
        for rest, line in enumerate(lines):
            if ' = phi ' not in line:
                break
            reader = Reader(self.module, line)
            target = reader.next()
            reader.next('=')
            reader.next('phi')
            kind = reader.kind()
            while reader.got('['):
                value = self.operand(reader, kind, env)
                reader.next(',')
                if reader.next() == before:
                    phis[target] = value()
                reader.next(']')
                reader.got(',')
        env.update(phis)
        yield from self.lines(function, label, lines, rest, env, state, depth)

    def lines(self, function, label, lines, at, env, state, depth):
        while True:
            reader = Reader(self.module, lines[at])
            at += 1
            op = reader.next()
            if op == 'ret':
                kind = reader.kind()
                yield state, None if kind[0] == 'void' else self.operand(reader, kind, env)()
                return
            if op == 'br':
                if reader.got('label'):
                    ways = [(1, reader.next())]
                else:
                    condition = self.value(reader, env)[0]
                    ways = []
                    for wanted in (1, 0):
                        reader.next(',')
                        reader.next('label')
                        ways.append((condition if wanted else
                                     self.smt.opposite(condition), reader.next()))
                yield from self.fork(function, label, ways, env, state, depth)
                return
            if op == 'switch':
                value, kind = self.value(reader, env)
                reader.next(',')
                reader.next('label')
                default, ways, others = reader.next(), [], 1
                reader.next('[')
                while not reader.got(']'):
                    case, _ = self.value(reader, env)
                    reader.next(',')
                    reader.next('label')
                    same = self.smt.compare('eq', value, case, kind[1])
                    ways.append((same, reader.next()))
                    others = self.smt.binary('and', others, self.smt.binary('xor', same, 1, 1), 1)
                yield from self.fork(function, label, ways + [(others, default)], env, state, depth)
                return
            if op == 'store':
                value, kind = self.value(reader, env)
                reader.next(',')
                self.store(state, self.value(reader, env)[0], kind, value)
                continue
            target = None
            if op.startswith('%'):
                target = op
                reader.next('=')
                op = reader.next()
            if op == 'call':
                callee = self.callee(reader, env)
                if isinstance(callee, tuple):
                    for after, result in self.call(*callee, state):
                        inner = dict(env)
                        inner[target] = result
                        yield from self.lines(function, label, lines, at, inner, after, depth)
                    return
                env[target] = callee(state)
                continue
            if target is None:
                raise Unknown(lines[at - 1])
            env[target] = self.instruction(op, reader, env, state)

    def fork(self, function, label, ways, env, state, depth):
        for condition, target in ways:
            if condition == 0 or self.smt.opposite(condition) in state.conditions:
                continue
            is_known = condition == 1 or condition in state.conditions
            after = state if is_known else state.copy(condition)
            yield from self.block(function, target, label, env, after, depth + 1)

    # Operands: read at once, looked up when called, for a phi names what another path never set.

    def operand(self, reader, kind, env):
        token = reader.next()
        if token.startswith('%'):
            return lambda: env[token]
        value = self.constant(token, reader, kind, env)
        return lambda: value

    def value(self, reader, env):
        kind = reader.kind()
        return self.operand(reader, kind, env)(), kind

    def constant(self, token, reader, kind, env):
        if token in ('true', 'false'):
            return int(token == 'true')
        if re.fullmatch(r'-?\d+', token):
            return int(token) & ((1 << kind[1]) - 1)
        if token == 'null':
            return Pointer(None, 0)
        if token in ('zeroinitializer', 'undef', 'poison'):
            # Undefined lanes that are used are as good as any; clang makes them for shuffles only.
            return [self.constant('0', reader, kind[2], env) for _ in range(kind[1])] \
                if kind[0] in 'va' else [self.constant(token, reader, k, env) for k in kind[1]] \
                if kind[0] == 's' else 0
        if token == '<':
            return [value for value, _ in reader.list('>', lambda: self.value(reader, env))]
        if token == 'getelementptr':
            reader.next('(')
            pointer = self.element(reader, env)
            reader.next(')')
            return pointer
        if token == 'bitcast':
            reader.next('(')
            value, _ = self.value(reader, env)
            reader.next('to')
            reader.kind()
            reader.next(')')
            return value
        if token in self.module.constants:
            return Pointer(token, 0)
        raise Unknown(f'operand {token}')

    # Memory.

    def bytes_at(self, state, pointer, size):
        if pointer.thing in self.module.constants and pointer.thing not in state.memory:
            state.memory[pointer.thing] = list(self.module.bytes_of(pointer.thing))
        data = state.memory.get(pointer.thing)
        if data is None or pointer.offset < 0 or pointer.offset + size > len(data):
            raise Unknown(f'{size} bytes at {pointer.offset} of {pointer.thing}: outside of it')
        return data

    def load(self, state, pointer, kind):
        if kind[0] == 'v':
            size = size_of(kind[2])
            return [self.load(state, Pointer(pointer.thing, pointer.offset + i * size), kind[2])
                    for i in range(kind[1])]
        size = size_of(kind)
        data = self.bytes_at(state, pointer, size)[pointer.offset:pointer.offset + size]
        if kind[0] == 'p':
            if isinstance(data[0], Pointer):
                return data[0]
            raise Unknown('a pointer made of bytes')
        if None in data:
            raise Unknown('a load of what was never stored')
        if kind[0] != 'i' or kind[1] % 8:
            raise Unknown(f'load of {kind}')
        return self.smt.concat(data[::-1] if self.module.big_endian else data, 8)

    def store(self, state, pointer, kind, value):
        if kind[0] == 'v':
            size = size_of(kind[2])
            for i, lane in enumerate(value):
                self.store(state, Pointer(pointer.thing, pointer.offset + i * size), kind[2], lane)
            return
        size = size_of(kind)
        data = self.bytes_at(state, pointer, size)
        if kind[0] == 'p':
            parts = [value] * size
        elif kind[0] == 'i' and kind[1] % 8 == 0:
            parts = [self.smt.slice(value, 8 * i, 8) if size > 1 else value for i in range(size)]
        else:
            raise Unknown(f'store of {kind}')
        if self.module.big_endian:
            parts = parts[::-1]
        data[pointer.offset:pointer.offset + size] = parts

    def element(self, reader, env):
        """What follows getelementptr."""
        kind = reader.kind()
        reader.next(',')
        pointer, _ = self.value(reader, env)
        offset = pointer.offset
        first = True
        while reader.got(','):
            index, width = self.value(reader, env)
            if not isinstance(index, int):
                raise Unknown('an address that the input has a say in')
            if index >> (width[1] - 1):
                index -= 1 << width[1]
            if first:
                offset += index * size_of(kind)
            elif kind[0] == 's':
                for part in kind[1][:index + 1]:
                    start = -(-(offset) // align_of(part)) * align_of(part)
                    offset = start + size_of(part)
                offset = start
                kind = kind[1][index]
            else:
                kind = kind[2]
                offset += index * size_of(kind)
            first = False
        return Pointer(pointer.thing, offset)

    # Instructions.

    def each(self, kind, work, *values):
        """Lane by lane, where there are lanes; work gets the bits of one."""
        if kind[0] == 'v':
            return [work(kind[2][1], *lane) for lane in zip(*values)]
        return work(kind[1], *values)

    def cast(self, value, kind, wanted):
        """bitcast: the same bits, first lane first in memory."""
        if kind[0] == 'p' or kind == wanted:
            return value
        lane = kind[2][1] if kind[0] == 'v' else kind[1]
        parts = value if kind[0] == 'v' else [value]
        new = wanted[2][1] if wanted[0] == 'v' else wanted[1]
        small = min(lane, new)
        order = -1 if self.module.big_endian else 1
        bits = [self.smt.slice(part, i * small, small) if lane > small else part
                for part in parts for i in list(range(lane // small))[::order]]
        step = new // small
        made = [self.smt.concat(bits[i:i + step][::order], small)
                for i in range(0, len(bits), step)]
        return made if wanted[0] == 'v' else made[0]

    def instruction(self, op, reader, env, state):
        smt = self.smt
        if op in smt.NAMES:
            kind = reader.kind()
            a = self.operand(reader, kind, env)()
            reader.next(',')
            b = self.operand(reader, kind, env)()
            if op in ('shl', 'lshr', 'ashr') and kind[0] == 'i' and not isinstance(b, int):
                self.demand(state, smt.compare('ult', b, kind[1], kind[1]))
            return self.each(kind, lambda bits, x, y: smt.binary(op, x, y, bits), a, b)
        if op == 'icmp':
            how, kind = reader.next(), reader.kind()
            a = self.operand(reader, kind, env)()
            reader.next(',')
            b = self.operand(reader, kind, env)()
            if kind[0] == 'p':
                same = (a.thing, a.offset) == (b.thing, b.offset)
                if how not in ('eq', 'ne'):
                    if a.thing != b.thing:
                        raise Unknown('order of pointers')
                    return smt.compare(how, a.offset, b.offset, 64)
                return int(same == (how == 'eq'))
            return self.each(kind, lambda bits, x, y: smt.compare(how, x, y, bits), a, b)
        if op in ('zext', 'sext', 'trunc'):
            value, kind = self.value(reader, env)
            reader.next('to')
            wanted = reader.kind()
            to = wanted[2][1] if wanted[0] == 'v' else wanted[1]
            return self.each(kind, lambda bits, x: smt.resize(op, x, bits, to), value)
        if op == 'bitcast':
            value, kind = self.value(reader, env)
            reader.next('to')
            return self.cast(value, kind, reader.kind())
        if op == 'freeze':
            return self.value(reader, env)[0]
        if op == 'select':
            condition, _ = self.value(reader, env)
            reader.next(',')
            a, kind = self.value(reader, env)
            reader.next(',')
            b, _ = self.value(reader, env)
            if kind[0] == 'p' or isinstance(condition, list):
                if not isinstance(condition, int):
                    raise Unknown('an address that the input has a say in')
                return a if condition else b
            return self.each(kind, lambda bits, x, y: smt.select(condition, x, y, bits), a, b)
        if op == 'load':
            kind = reader.kind()
            reader.next(',')
            return self.load(state, self.value(reader, env)[0], kind)
        if op == 'alloca':
            self.things += 1
            thing = f'local {self.things}'
            state.memory[thing] = [None] * size_of(reader.kind())
            return Pointer(thing, 0)
        if op == 'getelementptr':
            return self.element(reader, env)
        if op in ('extractvalue', 'extractelement'):
            whole, kind = self.value(reader, env)
            reader.next(',')
            index = int(reader.next()) if op == 'extractvalue' else self.value(reader, env)[0]
            return whole[index]
        if op in ('insertvalue', 'insertelement'):
            whole, _ = self.value(reader, env)
            reader.next(',')
            part, _ = self.value(reader, env)
            reader.next(',')
            index = int(reader.next()) if op == 'insertvalue' else self.value(reader, env)[0]
            return whole[:index] + [part] + whole[index + 1:]
        if op == 'shufflevector':
            a, _ = self.value(reader, env)
            reader.next(',')
            b, _ = self.value(reader, env)
            reader.next(',')
            return [(a + b)[index] for index in self.value(reader, env)[0]]
        raise Unknown(f'{op}: {" ".join(reader.tokens)}')

    def demand(self, state, condition):
        """What must hold where this path is: a way to break it is a way to break the statement."""
        if condition != 1:
            self.broken.append(state.conditions + (self.smt.binary('xor', condition, 1, 1),))

    def callee(self, reader, env):
        """A function of the module with its arguments, or what an intrinsic does to a state."""
        smt = self.smt
        result = reader.kind()
        name = reader.next()
        if name == 'asm':
            return self.assembly(reader, env)
        reader.next('(')
        if name.startswith(('@llvm.lifetime', '@llvm.experimental.noalias')):
            return lambda state: None
        args, kinds = [], []
        for value, kind in reader.list(')', lambda: self.value(reader, env)):
            args.append(value)
            kinds.append(kind)
        if name in self.module.functions:
            return self.module.functions[name], args
        if name.startswith('@llvm.memcpy'):
            def copy(state):
                to, from_, count = args[:3]
                data = self.bytes_at(state, from_, count)[from_.offset:from_.offset + count]
                self.bytes_at(state, to, count)[to.offset:to.offset + count] = data
            return copy
        if name.startswith('@llvm.memset'):
            def fill(state):
                to, byte, count = args[:3]
                self.bytes_at(state, to, count)[to.offset:to.offset + count] = [byte] * count
            return fill
        if name.startswith('@llvm.assume'):
            return lambda state: None
        value = self.intrinsic(name[1:], args, kinds, result)
        return lambda state: value

    def intrinsic(self, name, args, kinds, result):
        smt = self.smt
        lanes = result[2][1] if result[0] == 'v' else None
        if re.match(r'llvm\.uadd\.with\.overflow\.i', name):
            bits = kinds[0][1]
            total = smt.binary('add', args[0], args[1], bits)
            return [total, smt.compare('ult', total, args[0], bits)]
        if name == 'llvm.x86.addcarry.64':
            # Its carry in is any number but 0.
            carry = smt.resize('zext', smt.compare('ne', args[0], 0, 8), 1, 65)
            total = smt.binary('add', smt.binary('add', smt.resize('zext', args[1], 64, 65),
                                                 smt.resize('zext', args[2], 64, 65), 65),
                               carry, 65)
            return [smt.resize('zext', smt.slice(total, 64, 1), 1, 8), smt.slice(total, 0, 64)]
        if re.match(r'llvm\.fsh[lr]\.i', name):
            bits, count = kinds[0][1], args[2]
            if not isinstance(count, int):
                raise Unknown('rotation by what the input says')
            count = count % bits if name[8] == 'l' else -count % bits
            if not count:
                return args[0] if name[8] == 'l' else args[1]
            return smt.binary('or', smt.binary('shl', args[0], count, bits),
                              smt.binary('lshr', args[1], bits - count, bits), bits)
        if name.startswith('llvm.bswap.i'):
            bits = kinds[0][1]
            return smt.concat([smt.slice(args[0], i, 8) for i in range(0, bits, 8)][::-1], 8)
        if re.match(r'llvm\.u(min|max)\.i', name):
            how = smt.compare('ult', args[0], args[1], kinds[0][1])
            return smt.select(how, *(args if 'umin' in name else args[::-1]), kinds[0][1])
        if name.startswith('llvm.vector.reduce.add'):
            bits, total = result[1], 0
            for lane in args[0]:
                total = smt.binary('add', total, lane, bits)
            return total
        if re.match(r'llvm\.x86\.(sse2\.pmadd\.wd|avx2\.pmadd\.wd|avx512\.pmaddw\.d\.512)$', name):
            return self.pairs(args[0], args[1])
        if name.startswith('llvm.aarch64.neon.uaddlp'):
            wide = [smt.resize('zext', lane, kinds[0][2][1], lanes) for lane in args[0]]
            return [smt.binary('add', *wide[i:i + 2], lanes) for i in range(0, len(wide), 2)]
        if name.startswith('llvm.aarch64.neon.addp'):
            both = args[0] + args[1]
            return [smt.binary('add', *both[i:i + 2], lanes) for i in range(0, len(both), 2)]
        raise Unknown(name)

    def matrix(self, v, k, acc):
        """UMMLA: each half of v by each half of k, bytes, added to lanes."""
        total = list(acc)
        for lane in range(4):
            for i in range(8):
                wide = [self.smt.resize('zext', byte, 8, 32)
                        for byte in (v[lane // 2 * 8 + i], k[lane % 2 * 8 + i])]
                total[lane] = self.smt.binary('add', total[lane],
                                              self.smt.binary('mul', *wide, 32), 32)
        return total

    def product(self, a, b, total):
        """VMALEH, VMALOH: a product of unsigned words added to a lane."""
        wide = [self.smt.resize('zext', word, 16, 32) for word in (a, b)]
        return self.smt.binary('add', total, self.smt.binary('mul', *wide, 32), 32)

    def pairs(self, a, b, extend='sext'):
        """PMADDWD: products of signed words, neighbours added. Only -0x8000 squared, twice, wraps.
        VMSUMUHM extends by zeros."""
        smt = self.smt
        products = [smt.binary('mul', smt.resize(extend, x, 16, 32), smt.resize(extend, y, 16, 32),
                               32) for x, y in zip(a, b)]
        return [smt.binary('add', *products[i:i + 2], 32) for i in range(0, len(products), 2)]

    def assembly(self, reader, env):
        template = reader.next().strip('"')
        reader.next(',')
        constraints = reader.next().strip('"')
        reader.next('(')
        args = reader.list(')', lambda: self.value(reader, env))
        values = [value for value, _ in args]
        outputs = constraints.count('=')
        # Nothing: the values stay in the registers they are in.
        if template == '' and constraints.startswith((','.join(['=x'] * outputs),
                                                      ','.join(['=v'] * outputs),
                                                      ','.join(['=w'] * outputs))):
            return lambda state: values if outputs > 1 else values[0]
        if template in ('vpdpwssd $2, $1, $0', '{vex} vpdpwssd $2, $1, $0') and \
                constraints.startswith(('=v,v,v,0', '=x,x,x,0')):
            lanes = 8 if 'vex' in template else 16
            v, ones, acc = ([self.cast(value, kind, ('v', lanes * 2 if i < 2 else lanes,
                                                     ('i', 16 if i < 2 else 32)))
                             for i, (value, kind) in enumerate(args)])
            total = [self.smt.binary('add', x, y, 32) for x, y in zip(acc, self.pairs(v, ones))]
            made = self.cast(total, ('v', lanes, ('i', 32)), args[2][1])
            return lambda state: made
        if template == 'vmsumuhm $0, $1, $2, $0' and constraints.startswith('=v,v,v,0'):
            v, ones, acc = values
            made = [self.smt.binary('add', x, y, 32)
                    for x, y in zip(acc, self.pairs(v, ones, 'zext'))]
            return lambda state: made
        if template.endswith('.inst 0x6e80a400 | (.Lcsumoff_$2 << 16) | (.Lcsumoff_$1 << 5) | '
                             '.Lcsumoff_$0') and constraints.startswith('=w,w,w,0'):
            made = self.matrix(*values)
            return lambda state: made
        if template in ('vmaleh $0, $1, $2, $0', 'vmaloh $0, $1, $2, $0') and \
                constraints.startswith('=v,v,v,0'):
            v, ones, acc = values
            lanes = slice('vmaloh' in template, None, 2)
            made = [self.product(x, y, total)
                    for x, y, total in zip(v[lanes], ones[lanes], acc)]
            return lambda state: made
        if template == r'test $1, $1\0A\09cmovne $2, $0' and \
                constraints.startswith('=r,r,r,0'):
            is_there, there, zeros = values
            if not isinstance(is_there, int):
                raise Unknown('an address that the input has a say in')
            return lambda state: there if is_there else zeros
        raise Unknown(f'asm "{template}" "{constraints}"')
