// SPDX-License-Identifier: MIT
//! A UDP packet is seeded as a guest does, finished as its host does, and judged; then damaged.
use csumoff::{Error, Layout, Link, Report};

fn print_frame(what: &str, frame: &[u8]) {
    let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{what} {hex}");
}

#[rustfmt::skip]
fn print_layout(at: &Layout) {
    println!("layout {} {} {} {} {} {} {} {} {} {} {} {}",
             at.l3_start, at.l4_start, at.payload_start, at.end, at.l4_len, at.csum_start,
             at.csum_offset, at.pseudo, at.ip_version, at.l4_proto, at.vlan_tags, at.csum_kind);
}

#[rustfmt::skip]
fn print_report(report: &Report) {
    println!("report {} {} {} {} {} {}", report.l3.0, report.l4.0, report.l3_found,
             report.l3_expected, report.l4_found, report.l4_expected);
}

fn main() -> Result<(), Error> {
    // IPv4 and UDP, 192.0.2.1:4660 to 192.0.2.2:53, "csumoff"; both checksums still to be made.
    let mut packet = *b"\x45\0\0\x23\0\0\x40\0\x40\x11\0\0\xc0\0\x02\x01\xc0\0\x02\x02\
                        \x12\x34\0\x35\0\x0f\0\0csumoff";

    println!("csumoff {}", csumoff::version());
    let at = csumoff::seed(&mut packet, Link::Ip)?;
    print_frame("seeded", &packet);
    print_layout(&at);
    print_report(&csumoff::inspect(&packet, Link::Ip)?);
    csumoff::finish(&mut packet, at.csum_start as usize, at.csum_offset as usize)?;
    print_frame("finished", &packet);
    print_report(&csumoff::inspect(&packet, Link::Ip)?);
    csumoff::verify(&packet, Link::Ip)?;
    println!("verify: {}", csumoff::strerror(0));

    packet[34] ^= 1;
    if let Err(error) = csumoff::verify(&packet, Link::Ip) {
        println!("damaged: {}, {error}", error.0);
    }
    print_report(&csumoff::inspect(&packet, Link::Ip)?);
    if let Err(error) = csumoff::seed(&mut packet[..27], Link::Ip) {
        println!("cut short: {}, {error}", error.0);
    }
    print_frame("untouched", &packet);
    let sum = csumoff::fold(csumoff::partial(&packet, 0));
    println!(
        "sum {sum:04x}, crc32c {:08x}",
        csumoff::crc32c(b"123456789", 0)
    );
    Ok(())
}
