class LibevConnection:
    out_buffer_size: int
