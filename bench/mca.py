#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytes per cycle of every kernel's loop, by llvm-mca's models of cores that aren't here.

usage: mca.py SOURCE_DIRECTORY [MCA]

Takes the loops from what the compiler made of the kernels: in each csumoff_*_sum() and what it
calls the loop that loads most. A model knows pipes and latencies, and data that is always in the
first-level cache.
"""
import re
import subprocess
import sys

ARCHES = {
    'x86-64': dict(cc='gcc', triple='x86_64',
                   cpus=['skylake-avx512', 'icelake-server', 'alderlake', 'znver2', 'znver3',
                         'znver4'],
                   kernels=['avx512/avx512vnni', 'avx512/avx512', 'avx2/avxvnni', 'avx2/avx2',
                            'sse/sse2', 'scalar/scalar']),
    'aarch64': dict(cc='aarch64-linux-gnu-gcc', triple='aarch64',
                    # Cortex-A76 is like Neoverse N1; its own model in LLVM 19 is still that of A57.
                    cpus=['neoverse-n1', 'neoverse-n2', 'neoverse-v1', 'neoverse-v2',
                          'cortex-a57', 'cortex-a510', 'tsv110', 'ampere1'],
                    kernels=['neon/neonmm', 'neon/neon', 'scalar/scalar']),
    'riscv64': dict(cc='riscv64-linux-gnu-gcc', triple='riscv64',
                    cpus=['sifive-u74', 'sifive-p450', 'sifive-p670', 'sifive-x280'],
                    kernels=['rvv/rvv', 'scalar/scalar']),
    's390x': dict(cc='s390x-linux-gnu-gcc', triple='s390x', cpus=['z13', 'z15'],
                  flags=['-march=z13'], kernels=['vx/vx', 'scalar/scalar']),
    'powerpc64le': dict(cc='powerpc64le-linux-gnu-gcc', triple='powerpc64le',
                        cpus=['pwr8', 'pwr9', 'pwr10'], kernels=['vmx/vmx', 'scalar/scalar']),
}
# What the neon kernel is compared with: one UADALP a vector, four sums.
PLAIN_UADALP = 'loop:\n' + ''.join(
    f'ldp q{16 + i}, q{17 + i}, [x0, #{16 * i}]\n' for i in range(0, 8, 2)) + ''.join(
    f'uadalp v{i % 4}.4s, v{16 + i}.8h\n' for i in range(8)) + (
        'add x0, x0, #128\nsubs x1, x1, #1\nb.ne loop\n')
# As neonmm spells it.
UMMLA = (r'\.inst 0x6e80a400 \| \(\.Lcsumoff_v(\d+) << 16\) \| \(\.Lcsumoff_v(\d+) << 5\) \| '
         r'\.Lcsumoff_v(\d+)')
# A core without a kernel's instructions has no figure for it.
LACKS = {'avx512vnni': {'skylake-avx512', 'alderlake', 'znver2', 'znver3'},
         'avxvnni': {'skylake-avx512', 'icelake-server', 'znver2', 'znver3', 'znver4'},
         'avx512': {'alderlake', 'znver2', 'znver3'},
         'neonmm': {'neoverse-n1', 'cortex-a57', 'tsv110'},
         'rvv': {'sifive-u74', 'sifive-p450'}}
# How many bits V's registers have: rvv takes as many bytes a turn, which its loop does not tell.
VLEN = {'sifive-p670': 128, 'sifive-x280': 512}
# What llvm-mca has to be told of VTYPE in rvv's loop: it is set before.
VTYPE = '# LLVM-MCA-RISCV-LMUL M4\n# LLVM-MCA-RISCV-SEW E16\n'
# A pointer moved on, as each architecture's assembler writes it.
STRIDE = (r'^(?:(?:add|sub)q?\s+(?:\$(?=.*%r)|x\d+, x\d+, #?)|addi?\s+\w+,\s?\w+,\s?|'
          r'la\s+%r\d+,(?=\d+\(%r))(-?\d+)\b')


def hot_loop(assembly, function):
    """The instructions and the stride of the loop that goes furthest a turn, in the functions whose
    names begin with `function`; not that which fetches ahead. Of rvv the stride is None."""
    bodies = re.findall(rf'^({function}\S*:\n.*?)^\s*\.size', assembly, re.M | re.S)
    lines = [line.strip() for body in bodies for line in body.splitlines()]
    lines = [line for line in lines if line and line[0] != '#']
    best, best_stride = [], 0
    for end, line in enumerate(lines):
        jump = re.match(r'(?:[jb]|cbn?z|tbn?z)\S*\s+(?:[^.]+,\s*)?(\.L\w+)$', line)
        if not jump or f'{jump[1]}:' not in lines[:end]:
            continue
        start = len(lines[:end]) - lines[:end][::-1].index(f'{jump[1]}:')
        loop = [l for l in lines[start:end + 1] if not l.startswith('.') and not l.endswith(':')]
        if any(re.match(r'(j\w+|b\S*|cbn?z|prefetch\w*|prfm|dcbt)\s', l) for l in loop[:-1]):
            continue
        strides = [abs(int(value, 0)) for l in loop for value in re.findall(STRIDE, l)]
        if any(l.startswith('vl4re8.v') for l in loop):
            return f'{VTYPE}{jump_label(loop)}:\n' + '\n'.join(loop), None
        if strides and max(strides) >= best_stride:
            best, best_stride = loop, max(strides)
    return f'{jump_label(best)}:\n' + '\n'.join(best), best_stride


def jump_label(loop):
    return re.search(r'\.L\w+$', loop[-1])[0]


def bytes_per_cycle(mca, triple, cpu, loop, stride):
    turns = 500
    report = subprocess.run([mca, f'-mtriple={triple}', f'-mcpu={cpu}', f'-iterations={turns}'],
                            input=loop, capture_output=True, text=True, check=False)
    cycles = re.search(r'Total Cycles:\s+(\d+)', report.stdout)
    if not cycles:
        sys.exit(f'{mca}, {cpu}: {report.stderr.strip()}\n{loop}')
    return stride * turns / int(cycles[1])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source, mca = sys.argv[1], (sys.argv[2:] or ['llvm-mca-19'])[0]
    version = subprocess.run([mca, '--version'], capture_output=True, text=True, check=True).stdout
    print(re.search(r'LLVM version \S+', version)[0] + '; bytes per cycle')
    for arch, a in ARCHES.items():
        flags = ['-O3', *a.get('flags', [])]
        compiler = subprocess.run([a['cc'], '--version'], capture_output=True, text=True,
                                  check=True).stdout.splitlines()[0]
        print(f'\n{arch}, {compiler}, {" ".join(flags)}\n' + ' ' * 16 +
              ''.join(f'{c:>16}' for c in a['cpus']))
        loops = {}
        for kernel in a['kernels']:
            assembly = subprocess.run(
                [a['cc'], *flags, '-S', '-o', '-', f'{source}/src/{kernel}.c'],
                capture_output=True, text=True, check=True).stdout
            assembly = re.sub(UMMLA, r'ummla v\3.4s, v\2.16b, v\1.16b', assembly)
            name = kernel.split('/')[1]
            loops[name] = hot_loop(assembly, f'csumoff_{name}_sum_')
        if arch == 'aarch64':
            loops['plain UADALP'] = PLAIN_UADALP, 128
        for name, (loop, stride) in loops.items():
            cells = [None if cpu in LACKS.get(name, ()) else
                     bytes_per_cycle(mca, a['triple'], cpu, loop, stride or VLEN[cpu])
                     for cpu in a['cpus']]
            print(f'{name:16}' + ''.join(f'{"-":>16}' if c is None else f'{c:16.1f}'
                                         for c in cells))


if __name__ == '__main__':
    main()
