"""An asyncio client of FreeSWITCH's event socket. Depends on nothing but Python.

`wire` reads and writes bytes, `server_wire` is the switch's end of the same, `client` keeps a
connection.
"""
