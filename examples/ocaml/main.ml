(* SPDX-License-Identifier: MIT *)
(* A UDP packet is seeded as a guest does, finished as its host does, and judged; then damaged. *)
open Csumoff

(* IPv4 and UDP, 192.0.2.1:4660 to 192.0.2.2:53, "csumoff"; both checksums still to be made. *)
let packet =
  of_string
    "\x45\x00\x00\x23\x00\x00\x40\x00\x40\x11\x00\x00\xc0\x00\x02\x01\xc0\x00\x02\x02\
     \x12\x34\x00\x35\x00\x0f\x00\x00csumoff"

let print_frame what =
  print_string (what ^ " ");
  for i = 0 to Bigarray.Array1.dim packet - 1 do
    Printf.printf "%02x" (Char.code packet.{i})
  done;
  print_newline ()

let print_layout at =
  Printf.printf "layout %d %d %d %d %d %d %d %d %d %d %d %d\n" at.l3_start at.l4_start
    at.payload_start at.end_ at.l4_len at.csum_start at.csum_offset at.pseudo at.ip_version
    at.l4_proto at.vlan_tags at.csum_kind

let number = function
  | Unchecked -> 0 | Good -> 1 | Bad -> 2 | Seeded -> 3 | Seeded_gso -> 4 | Absent -> 5 | Blank -> 6

let print_report r =
  Printf.printf "report %d %d %d %d %d %d\n" (number r.l3) (number r.l4) r.l3_found r.l3_expected
    r.l4_found r.l4_expected

let () =
  Printf.printf "csumoff %d\n" (version ());
  let at = seed packet Ip in
  print_frame "seeded";
  print_layout at;
  print_report (inspect packet Ip);
  finish packet at.csum_start at.csum_offset;
  print_frame "finished";
  print_report (inspect packet Ip);
  verify packet Ip;
  Printf.printf "verify: %s\n" (strerror 0);

  packet.{34} <- Char.chr (Char.code packet.{34} lxor 1);
  (try verify packet Ip
   with Error status -> Printf.printf "damaged: %d, %s\n" status (strerror status));
  print_report (inspect packet Ip);
  (try ignore (seed (Bigarray.Array1.sub packet 0 27) Ip)
   with Error status -> Printf.printf "cut short: %d, %s\n" status (strerror status));
  print_frame "untouched";
  Printf.printf "sum %04x, crc32c %08x\n"
    (fold (partial packet 0))
    (crc32c (of_string "123456789") 0)
