#!/usr/bin/env python3
"""Prints the version that a program or library for Windows has in its resources, as an MSI has to know it; nothing when it has none."""
import struct
import sys

VERSION_TYPE = 16  # RT_VERSION
SIGNATURE = struct.pack('<II', 0xFEEF04BD, 0x00010000)  # VS_FIXEDFILEINFO


def resources(data):
    """The section of resources, and the address that its first byte has in memory."""
    header = struct.unpack_from('<I', data, 0x3C)[0]
    count, optional = struct.unpack_from('<H', data, header + 6)[0], struct.unpack_from('<H', data, header + 20)[0]
    for number in range(count):
        at = header + 24 + optional + 40 * number
        if data[at:at + 8].rstrip(b'\0') == b'.rsrc':
            address, size, begin = struct.unpack_from('<III', data, at + 12)
            return data[begin:begin + size], address
    return b'', 0


def entries(section, at):
    """(id, offset) of a directory of resources."""
    named, numbered = struct.unpack_from('<HH', section, at + 12)
    return [struct.unpack_from('<II', section, at + 16 + 8 * number) for number in range(named + numbered)]


def first_leaf(section, at):
    while at & 0x80000000:
        at = entries(section, at & 0x7FFFFFFF)[0][1]
    return struct.unpack_from('<II', section, at)


def main():
    with open(sys.argv[1], 'rb') as file:
        section, address = resources(file.read())
    for kind, at in entries(section, 0) if section else []:
        if kind == VERSION_TYPE:
            begin, size = first_leaf(section, at)
            begin -= address
            high, low = struct.unpack_from('<II', section, section.index(SIGNATURE, begin, begin + size) + 8)
            print(f'{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}')


main()
