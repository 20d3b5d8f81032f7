"""Commands that measure how fast the library is, alone and beside others."""
