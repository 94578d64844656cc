// SPDX-License-Identifier: MIT
/* The constants that move a CRC forward by 1 to 599 words of eight bytes, for kernels with
 * carry-less multiplication. */
#include "../kernel.h"
#include "powers.h"

#if defined(CSUMOFF_X86_SSE42)
#define U(n) (uint32_t) CRC32C_U##n
#define U_10(tens)                                                                                 \
    U(tens##0), U(tens##1), U(tens##2), U(tens##3), U(tens##4), U(tens##5), U(tens##6),            \
        U(tens##7), U(tens##8), U(tens##9)
#define U_100(hundreds)                                                                            \
    U_10(hundreds##0), U_10(hundreds##1), U_10(hundreds##2), U_10(hundreds##3), U_10(hundreds##4), \
        U_10(hundreds##5), U_10(hundreds##6), U_10(hundreds##7), U_10(hundreds##8),                \
        U_10(hundreds##9)

const uint32_t csumoff_crc32c_shifts_[CSUMOFF_CRC32C_SHIFTS] = {
    0, /* unused: no CRC is moved by 0 words */
    U(001),   U(002),   U(003),   U(004),   U(005),   U(006),   U(007),   U(008),
    U(009),   U_10(01), U_10(02), U_10(03), U_10(04), U_10(05), U_10(06), U_10(07),
    U_10(08), U_10(09), U_100(1), U_100(2), U_100(3), U_100(4), U_100(5),
};

#undef U_100
#undef U_10
#undef U
#endif
