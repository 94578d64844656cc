--  SPDX-License-Identifier: MIT
--
--  A UDP packet is seeded as a guest does, finished as its host does, and judged; then damaged.

with Ada.Text_IO;          use Ada.Text_IO;
with Csumoff;              use Csumoff;
with Interfaces;           use Interfaces;
with Interfaces.C;         use Interfaces.C;
with Interfaces.C.Strings; use Interfaces.C.Strings;

procedure Main is
   Wrong : exception;

   --  IPv4 and UDP, 192.0.2.1:4660 to 192.0.2.2:53, "csumoff"; both checksums still to be made.
   Packet : Octets :=
     (16#45#, 0, 0, 16#23#, 0, 0, 16#40#, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
      16#12#, 16#34#, 0, 53, 0, 15, 0, 0, 16#63#, 16#73#, 16#75#, 16#6D#, 16#6F#, 16#66#, 16#66#);
   Len    : constant size_t := Packet'Length;

   --  "123456789"
   Numerals : constant Octets :=
     (16#31#, 16#32#, 16#33#, 16#34#, 16#35#, 16#36#, 16#37#, 16#38#, 16#39#);

   Where : Layout;
   Code  : Status;

   function Text (Code : Status) return String is (Value (Strerror (Code)));

   procedure Must (Code : Status) is
   begin
      if Code /= OK then
         raise Wrong with Text (Code);
      end if;
   end Must;

   --  The last hexadecimal digits of a number.
   function Hex (Number : Unsigned_32; Count : Positive) return String is
      Figures : constant String := "0123456789abcdef";
      Result  : String (1 .. Count);
      Rest    : Unsigned_32 := Number;
   begin
      for Place of reverse Result loop
         Place := Figures (Natural (Rest mod 16) + 1);
         Rest  := Rest / 16;
      end loop;
      return Result;
   end Hex;

   procedure Put_Frame (What : String) is
   begin
      Put (What & " ");
      for Octet of Packet loop
         Put (Hex (Unsigned_32 (Octet), 2));
      end loop;
      New_Line;
   end Put_Frame;

   procedure Put_Layout is
   begin
      Put_Line
        ("layout" & Where.L3_Start'Image & Where.L4_Start'Image & Where.Payload_Start'Image &
         Where.End_Of_Packet'Image & Where.L4_Len'Image & Where.Csum_Start'Image &
         Where.Csum_Offset'Image & Where.Pseudo'Image & Where.IP_Version'Image &
         Where.L4_Proto'Image & Where.VLAN_Tags'Image & Where.Csum_Kind'Image);
   end Put_Layout;

   procedure Put_Report is
      Found : Report;
   begin
      Must (Inspect (Packet, Len, IP, Found));
      Put_Line
        ("report" & Verdict'Pos (Found.L3)'Image & Verdict'Pos (Found.L4)'Image &
         Found.L3_Found'Image & Found.L3_Expected'Image & Found.L4_Found'Image &
         Found.L4_Expected'Image);
   end Put_Report;

begin
   Put_Line ("csumoff" & Version'Image);
   Must (Seed (Packet, Len, IP, Where));
   Put_Frame ("seeded");
   Put_Layout;
   Put_Report;
   Must (Finish (Packet, Len, size_t (Where.Csum_Start), size_t (Where.Csum_Offset)));
   Put_Frame ("finished");
   Put_Report;
   Must (Verify (Packet, Len, IP));
   Put_Line ("verify: " & Text (OK));

   Packet (Packet'Last) := Packet (Packet'Last) xor 1;
   Code := Verify (Packet, Len, IP);
   Put_Line ("damaged: " & Code'Image & ", " & Text (Code));
   Put_Report;
   Code := Seed (Packet, 27, IP, Where);
   Put_Line ("cut short: " & Code'Image & ", " & Text (Code));
   Put_Frame ("untouched");
   Put_Line
     ("sum " & Hex (Unsigned_32 (Fold (Partial (Packet, Len, 0))), 4) & ", crc32c " &
      Hex (Crc32c (Numerals, 9, 0), 8));
end Main;
