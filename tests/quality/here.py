# SPDX-License-Identifier: MIT
"""Which kernels cannot run on this machine, and machines on which they run here all the same."""
import os
import pathlib

# By name, as it stands in those of files and of statements too, the longer ones first: the flag of
# /proc/cpuinfo, and what people call it.
NEEDS = {'avx512vnni': ('avx512_vnni', 'AVX-512 VNNI'), 'avx512': ('avx512bw', 'AVX-512'),
         'avxvnni': ('avx_vnni', 'AVX-VNNI'), 'avx2': ('avx2', 'AVX2'),
         'vpclmul': ('vpclmulqdq', 'VPCLMULQDQ'), 'sse42': ('sse4_2', 'SSE4.2'),
         'sse2': ('sse2', 'SSE2')}


# A compiler, with its flags, and what runs its programs. trap: x86-64, where a handler of SIGILL
# executes what avxvnni is made of (trap.c).
MACHINES = {
    'aarch64': (['aarch64-linux-gnu-gcc', '-static', '-DCSUMOFF_CPU_DETECT_CALLER'],
                ['qemu-aarch64-static']),
    'arm': (['arm-linux-gnueabihf-gcc', '-static', '-mfpu=neon'], ['qemu-arm-static']),
    's390x': (['s390x-linux-gnu-gcc', '-static', '-march=z13'], ['qemu-s390x-static']),
    'powerpc64le': (['powerpc64le-linux-gnu-gcc', '-static'], ['qemu-ppc64le-static']),
    'powerpc64': (['powerpc64-linux-gnu-gcc', '-static', '-mvsx'], ['qemu-ppc64-static']),
    'riscv64': (['riscv64-linux-gnu-gcc', '-static', '-DCSUMOFF_CPU_DETECT_CALLER'],
                ['qemu-riscv64-static', '-cpu', 'rv64,v=true,vext_spec=v1.0,vlen=128']),
    'wasm32': (['clang', '--target=wasm32-wasi', '-msimd128'],
               ['node', pathlib.Path(__file__).resolve().parents[1] / 'shipped/wasm/run.mjs']),
    'trap': (['gcc', '-DCSUMOFF_CPU_DETECT_CALLER'], []),
}


def lacking(name):
    """What this machine lacks to run a kernel; '': nothing."""
    if 'neon' in name:
        return '' if os.uname().machine in ('aarch64', 'armv7l') else 'NEON'
    if 'vmx' in name:
        return '' if os.uname().machine in ('ppc64le', 'ppc64') else 'POWER'
    if 'vx' in name.split('_'):
        return '' if os.uname().machine == 's390x' else 's390x'
    if 'rvv' in name:
        return '' if os.uname().machine == 'riscv64' else 'RISC-V'
    if 'wasm128' in name:
        return 'WebAssembly'
    flags = pathlib.Path('/proc/cpuinfo').read_text().split()
    return next(('' if flag in flags else said
                 for kernel, (flag, said) in NEEDS.items() if kernel in name), '')
