"""The clients' wire, without I/O: the edge, the testkit and client libraries share it.

frames       every frame from a client as a struct: the one schema of the project,
out_frames   and every frame to a client
bodies       what a message holds: text, system and the kinds that come later
codec        bytes to frames and back, JSON and msgpack, one frame or a batch
codes        close codes, and what a client does on each

bytes -> codec.decode -> [frames] -> ...  -> Prepared frame -> bytes, once per encoding
"""
