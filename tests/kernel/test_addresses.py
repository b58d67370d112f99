"""Inside or public: every special range that a server-side call could be led to."""

import ipaddress

import pytest

from kernel.addresses import is_public, is_within, parse_address

INSIDE = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3
    169.254.1.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1
    198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 fc00::1 fd00:ec2::254 fe80::1
    fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1
    2002:7f00:1:: 2002:a00:1::1 100::1
"""
PUBLIC = """
    1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 193.0.0.1 223.255.255.254
    ::ffff:8.8.8.8 2606:4700:4700::1111 2a00:1450:4001::1 64:ff9b::808:808 2002:808:808::1
"""


@pytest.mark.parametrize("host", INSIDE.split())
def test_an_inner_address_is_not_public(host: str) -> None:
    assert not is_public(host)


@pytest.mark.parametrize("host", PUBLIC.split())
def test_a_public_address_is_public(host: str) -> None:
    assert is_public(host)


def test_a_wrapped_address_is_within_the_network_it_wraps() -> None:
    networks = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8"))
    assert is_within("10.1.2.3", networks)
    assert is_within("::ffff:10.1.2.3", networks)
    assert is_within("fd12::1%eth0", networks)
    assert not is_within("10.2.0.1", networks)
    assert not is_within("10.1.2.3", ())


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="localhost"):
        parse_address("localhost")
