// SPDX-License-Identifier: MIT
//! csumoff for Rust: a safe wrapper, without std, around the static library.
//!
//! Frames are slices; errors are `Err`. Link with `-L` and the folder of `libcsumoff.a`.
#![no_std]

use core::{fmt, mem::MaybeUninit, slice, str};

type Int = i32; // C's int; core::ffi has it from Rust 1.64 on

#[link(name = "csumoff", kind = "static")]
extern "C" {
    fn csumoff_strerror(status: Int) -> *const u8;
    fn csumoff_version() -> u32;
    fn csumoff_partial(data: *const u8, len: usize, sum: u32) -> u32;
    fn csumoff_fold(sum: u32) -> u16;
    fn csumoff_crc32c(data: *const u8, len: usize, crc: u32) -> u32;
    fn csumoff_seed(frame: *mut u8, len: usize, link: Link, layout: *mut Layout) -> Int;
    fn csumoff_finish(frame: *mut u8, len: usize, csum_start: usize, csum_offset: usize) -> Int;
    fn csumoff_verify(frame: *const u8, len: usize, link: Link) -> Int;
    fn csumoff_inspect(frame: *const u8, len: usize, link: Link, report: *mut Report) -> Int;
}

/// What a frame begins with: `enum csumoff_link`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Ethernet,
    Ip,
    EthernetSuper,
    IpSuper,
}

/// Where the parts of a packet are: `struct csumoff_layout`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub l3_start: u32,
    pub l4_start: u32,
    pub payload_start: u32,
    pub end: u32,
    pub l4_len: u32,
    pub csum_start: u32,
    pub csum_offset: u32,
    pub pseudo: u32,
    pub ip_version: u8,
    pub l4_proto: u8,
    pub vlan_tags: u8,
    pub csum_kind: u8,
}

/// How a checksum stands: `enum csumoff_verdict`. Later versions may know more, so it is a number.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict(pub u32);

impl Verdict {
    pub const UNCHECKED: Self = Self(0);
    pub const GOOD: Self = Self(1);
    pub const BAD: Self = Self(2);
    pub const SEEDED: Self = Self(3);
    pub const SEEDED_GSO: Self = Self(4);
    pub const ABSENT: Self = Self(5);
    pub const BLANK: Self = Self(6);
}

/// What `inspect()` found: `struct csumoff_report`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Report {
    pub l3: Verdict,
    pub l4: Verdict,
    pub l3_found: u16,
    pub l3_expected: u16,
    pub l4_found: u32,
    pub l4_expected: u32,
}

/// A negative `enum csumoff_status`: nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(pub Int);

/// The sentence that explains a status.
pub fn strerror(status: i32) -> &'static str {
    // SAFETY: the library's strings are static, and end with a zero byte.
    let bytes = unsafe {
        let text = csumoff_strerror(status);
        let len = (0..).take_while(|&i| *text.add(i) != 0).count();
        slice::from_raw_parts(text, len)
    };
    str::from_utf8(bytes).unwrap_or("")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(strerror(self.0))
    }
}

fn check(status: Int) -> Result<(), Error> {
    if status < 0 {
        Err(Error(status))
    } else {
        Ok(())
    }
}

// In all that follows, pointer and length are those of one slice, and outputs are read only where
// the library has written them.

pub fn version() -> u32 {
    unsafe { csumoff_version() }
}

/// The sum of the data added to `sum`; not folded.
pub fn partial(data: &[u8], sum: u32) -> u32 {
    unsafe { csumoff_partial(data.as_ptr(), data.len(), sum) }
}

/// The value for a header, in memory order: store it by `to_ne_bytes()`.
pub fn fold(sum: u32) -> u16 {
    unsafe { csumoff_fold(sum) }
}

pub fn crc32c(data: &[u8], crc: u32) -> u32 {
    unsafe { csumoff_crc32c(data.as_ptr(), data.len(), crc) }
}

/// Writes the seed that the host finishes; returns where things are.
pub fn seed(frame: &mut [u8], link: Link) -> Result<Layout, Error> {
    let mut layout = MaybeUninit::uninit();
    check(unsafe { csumoff_seed(frame.as_mut_ptr(), frame.len(), link, layout.as_mut_ptr()) })?;
    Ok(unsafe { layout.assume_init() })
}

/// Finishes a checksum as a device does.
pub fn finish(frame: &mut [u8], csum_start: usize, csum_offset: usize) -> Result<(), Error> {
    check(unsafe { csumoff_finish(frame.as_mut_ptr(), frame.len(), csum_start, csum_offset) })
}

/// `Ok` only where nothing is wrong.
pub fn verify(frame: &[u8], link: Link) -> Result<(), Error> {
    check(unsafe { csumoff_verify(frame.as_ptr(), frame.len(), link) })
}

/// A verdict for each checksum.
pub fn inspect(frame: &[u8], link: Link) -> Result<Report, Error> {
    let mut report = MaybeUninit::uninit();
    check(unsafe { csumoff_inspect(frame.as_ptr(), frame.len(), link, report.as_mut_ptr()) })?;
    Ok(unsafe { report.assume_init() })
}
