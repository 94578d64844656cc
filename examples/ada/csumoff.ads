--  SPDX-License-Identifier: MIT
--
--  csumoff for Ada: the functions as they are, with the lengths as preconditions (-gnata checks
--  them). A frame is an array of octets, passed by reference and changed in place.

with Interfaces;           use Interfaces;
with Interfaces.C;         use Interfaces.C;
with Interfaces.C.Strings; use Interfaces.C.Strings;

package Csumoff is

   type Octets is array (size_t range <>) of Unsigned_8 with Convention => C;

   --  What a frame begins with: enum csumoff_link.
   type Link is (Ethernet, IP, Ethernet_Super, IP_Super) with Convention => C;

   --  How a checksum stands: enum csumoff_verdict.
   type Verdict is (Unchecked, Good, Bad, Seeded, Seeded_GSO, Absent, Blank) with Convention => C;

   --  enum csumoff_status: a negative one means that nothing was written.
   type Status is new int;
   OK       : constant Status := 0;
   ETRUNC   : constant Status := -1;
   EHDR     : constant Status := -2;
   EPROTO   : constant Status := -3;
   EFRAG    : constant Status := -4;
   ERANGE   : constant Status := -5;
   ECSUM    : constant Status := -6;
   ETRAILER : constant Status := -7;
   ENOTSUP  : constant Status := -8;
   EHEAD    : constant Status := -9;

   --  Where the parts of a packet are: struct csumoff_layout.
   type Layout is record
      L3_Start      : Unsigned_32;
      L4_Start      : Unsigned_32;
      Payload_Start : Unsigned_32;
      End_Of_Packet : Unsigned_32;
      L4_Len        : Unsigned_32;
      Csum_Start    : Unsigned_32;
      Csum_Offset   : Unsigned_32;
      Pseudo        : Unsigned_32;
      IP_Version    : Unsigned_8;
      L4_Proto      : Unsigned_8;
      VLAN_Tags     : Unsigned_8;
      Csum_Kind     : Unsigned_8;
   end record with Convention => C;

   --  What Inspect found: struct csumoff_report.
   type Report is record
      L3          : Verdict;
      L4          : Verdict;
      L3_Found    : Unsigned_16;
      L3_Expected : Unsigned_16;
      L4_Found    : Unsigned_32;
      L4_Expected : Unsigned_32;
   end record with Convention => C;

   function Strerror (Code : Status) return chars_ptr
     with Import, Convention => C, External_Name => "csumoff_strerror";

   function Version return Unsigned_32
     with Import, Convention => C, External_Name => "csumoff_version";

   --  The sum of the data added to Sum; not folded.
   function Partial (Data : Octets; Len : size_t; Sum : Unsigned_32) return Unsigned_32
     with Import, Convention => C, External_Name => "csumoff_partial", Pre => Len <= Data'Length;

   --  The value for a header, in memory order.
   function Fold (Sum : Unsigned_32) return Unsigned_16
     with Import, Convention => C, External_Name => "csumoff_fold";

   function Crc32c (Data : Octets; Len : size_t; Crc : Unsigned_32) return Unsigned_32
     with Import, Convention => C, External_Name => "csumoff_crc32c", Pre => Len <= Data'Length;

   --  Writes the seed that the host finishes, and where things are.
   function Seed
     (Frame : in out Octets; Len : size_t; Kind : Link; Where : out Layout) return Status
     with Import, Convention => C, External_Name => "csumoff_seed", Pre => Len <= Frame'Length;

   --  Finishes a checksum as a device does.
   function Finish
     (Frame : in out Octets; Len : size_t; Csum_Start : size_t; Csum_Offset : size_t) return Status
     with Import, Convention => C, External_Name => "csumoff_finish", Pre => Len <= Frame'Length;

   --  OK only where nothing is wrong.
   function Verify (Frame : Octets; Len : size_t; Kind : Link) return Status
     with Import, Convention => C, External_Name => "csumoff_verify", Pre => Len <= Frame'Length;

   --  A verdict for each checksum.
   function Inspect (Frame : Octets; Len : size_t; Kind : Link; Found : out Report) return Status
     with Import, Convention => C, External_Name => "csumoff_inspect", Pre => Len <= Frame'Length;

end Csumoff;
