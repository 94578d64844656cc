module csumoff.example

go 1.19
