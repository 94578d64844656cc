# SPDX-License-Identifier: MIT
"""Which kernels cannot run on this machine."""
import os
import pathlib

# By name, as it stands in those of files and of statements too, the longer ones first: the flag of
# /proc/cpuinfo, and what people call it.
NEEDS = {'avx512vnni': ('avx512_vnni', 'AVX-512 VNNI'), 'avx512': ('avx512bw', 'AVX-512'),
         'avxvnni': ('avx_vnni', 'AVX-VNNI'), 'avx2': ('avx2', 'AVX2'), 'vpclmul': ('vpclmulqdq', 'VPCLMULQDQ'),
         'sse42': ('sse4_2', 'SSE4.2'), 'sse2': ('sse2', 'SSE2')}


def lacking(name):
    """What this machine lacks to run a kernel; '': nothing."""
    if 'neon' in name:
        return '' if os.uname().machine in ('aarch64', 'armv7l') else 'NEON'
    if 'vmx' in name:
        return '' if os.uname().machine in ('ppc64le', 'ppc64') else 'POWER'
    if 'vx' in name.split('_'):
        return '' if os.uname().machine == 's390x' else 's390x'
    if 'wasm128' in name:
        return 'WebAssembly'
    flags = pathlib.Path('/proc/cpuinfo').read_text().split()
    return next(('' if flag in flags else said
                 for kernel, (flag, said) in NEEDS.items() if kernel in name), '')
