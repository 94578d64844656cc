// SPDX-License-Identifier: MIT
/* The functions that csumoff.ml declares. None uses its arguments after it has allocated, so none
 * has to register them with the garbage collector. */
#include <caml/alloc.h>
#include <caml/bigarray.h>
#include <caml/callback.h>
#include <caml/fail.h>
#include <caml/memory.h>
#include <csumoff.h>

static size_t len_of(value frame)
{
    return (size_t)Caml_ba_array_val(frame)->dim[0];
}

static void check(int status)
{
    if (status)
        caml_raise_with_arg(*caml_named_value("csumoff error"), Val_int(status));
}

/* A new record of numbers. */
static value record(const uint32_t *members, mlsize_t count)
{
    value result = caml_alloc_small(count, 0);

    for (mlsize_t i = 0; i < count; i++)
        Field(result, i) = Val_long(members[i]);
    return result;
}

value csumoff_ml_strerror(value status)
{
    return caml_copy_string(csumoff_strerror(Int_val(status)));
}

value csumoff_ml_version(value unit)
{
    (void)unit;
    return Val_long(csumoff_version());
}

value csumoff_ml_partial(value frame, value sum)
{
    return Val_long(
        csumoff_partial(Caml_ba_data_val(frame), len_of(frame), (uint32_t)Long_val(sum)));
}

value csumoff_ml_fold(value sum)
{
    return Val_long(csumoff_fold((uint32_t)Long_val(sum)));
}

value csumoff_ml_crc32c(value frame, value crc)
{
    return Val_long(
        csumoff_crc32c(Caml_ba_data_val(frame), len_of(frame), (uint32_t)Long_val(crc)));
}

value csumoff_ml_seed(value frame, value link)
{
    struct csumoff_layout at;

    check(csumoff_seed(Caml_ba_data_val(frame), len_of(frame), (enum csumoff_link)Int_val(link),
                       &at));
    return record((uint32_t[]){at.l3_start, at.l4_start, at.payload_start, at.end, at.l4_len,
                               at.csum_start, at.csum_offset, at.pseudo, at.ip_version, at.l4_proto,
                               at.vlan_tags, at.csum_kind},
                  12);
}

value csumoff_ml_finish(value frame, value csum_start, value csum_offset)
{
    check(csumoff_finish(Caml_ba_data_val(frame), len_of(frame), (size_t)Long_val(csum_start),
                         (size_t)Long_val(csum_offset)));
    return Val_unit;
}

value csumoff_ml_verify(value frame, value link)
{
    check(csumoff_verify(Caml_ba_data_val(frame), len_of(frame), (enum csumoff_link)Int_val(link)));
    return Val_unit;
}

/* A constructor without arguments is its number, in the order of the type: that of the header. A
 * library that is newer than the type may know more. */
static uint32_t constructor(enum csumoff_verdict verdict)
{
    return verdict > CSUMOFF_BLANK ? CSUMOFF_UNCHECKED : verdict;
}

value csumoff_ml_inspect(value frame, value link)
{
    struct csumoff_report report;

    check(csumoff_inspect(Caml_ba_data_val(frame), len_of(frame), (enum csumoff_link)Int_val(link),
                          &report));
    return record((uint32_t[]){constructor(report.l3), constructor(report.l4), report.l3_found,
                               report.l3_expected, report.l4_found, report.l4_expected},
                  6);
}
