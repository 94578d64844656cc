(* SPDX-License-Identifier: MIT *)
(* csumoff for OCaml: frames are Bigarrays of bytes, which is also what a Cstruct of MirageOS is
   over, so nothing is copied; Bigarray.Array1.sub makes a part of one. Sums of 32 bits are ints. *)

let () = assert (Sys.int_size > 32)

type frame = (char, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t

(* What a frame begins with. *)
type link = Ethernet | Ip | Ethernet_super | Ip_super

(* Where the parts of a packet are: struct csumoff_layout. *)
type layout = {
  l3_start : int; l4_start : int; payload_start : int; end_ : int; l4_len : int;
  csum_start : int; csum_offset : int; pseudo : int;
  ip_version : int; l4_proto : int; vlan_tags : int; csum_kind : int;
}

(* How a checksum stands. *)
type verdict = Unchecked | Good | Bad | Seeded | Seeded_gso | Absent | Blank

(* What inspect found: struct csumoff_report. *)
type report = {
  l3 : verdict; l4 : verdict; l3_found : int; l3_expected : int; l4_found : int;
  l4_expected : int;
}

(* A negative enum csumoff_status: nothing was written. *)
exception Error of int

external strerror : int -> string = "csumoff_ml_strerror"
external version : unit -> int = "csumoff_ml_version"

(* The sum of the data added to a sum; not folded. *)
external partial : frame -> int -> int = "csumoff_ml_partial"

(* The value for a header, in memory order. *)
external fold : int -> int = "csumoff_ml_fold"

external crc32c : frame -> int -> int = "csumoff_ml_crc32c"

(* Writes the seed that the host finishes; returns where things are. *)
external seed : frame -> link -> layout = "csumoff_ml_seed"

(* finish frame csum_start csum_offset finishes a checksum as a device does. *)
external finish : frame -> int -> int -> unit = "csumoff_ml_finish"

(* Returns if nothing is wrong; raises Error otherwise. *)
external verify : frame -> link -> unit = "csumoff_ml_verify"

(* A verdict for each checksum. *)
external inspect : frame -> link -> report = "csumoff_ml_inspect"

let of_string s : frame =
  let frame = Bigarray.(Array1.create char c_layout (String.length s)) in
  String.iteri (Bigarray.Array1.set frame) s;
  frame

let () =
  Callback.register_exception "csumoff error" (Error 0);
  Printexc.register_printer (function
    | Error status -> Some ("csumoff: " ^ strerror status)
    | _ -> None)
