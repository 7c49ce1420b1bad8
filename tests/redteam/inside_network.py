"""Attacks of a notebook in Python on the network: to an address, by a name, through a socket of any kind."""

from __future__ import annotations

import array
import base64
import contextlib
import fcntl
import os
import socket
import struct
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from .inside import inside
from .inside_tools import Blocked, ancestors, found, run


@inside(101, "TCP to an address of the host", needs=("address",), reference="connect(2)")
def tcp(facts: dict[str, Any]) -> str:
    with socket.create_connection((facts["address"], facts["tcp"]), 3) as out:
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(102, "TCP to the host's loopback")
def tcp_loopback(facts: dict[str, Any]) -> str:
    with socket.create_connection(("127.0.0.1", facts["tcp_loopback"]), 3) as out:
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(103, "TCP over IPv6", needs=("address6",))
def tcp6(facts: dict[str, Any]) -> str:
    with socket.create_connection((facts["address6"], facts["tcp6"]), 3) as out:
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(104, "TCP to the host's loopback over IPv6", needs=("tcp6_loopback",))
def tcp6_loopback(facts: dict[str, Any]) -> str:
    with socket.create_connection(("::1", facts["tcp6_loopback"]), 3) as out:
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(105, "TCP to a link-local IPv6 address", needs=("link_local",), reference="RFC 4291")
def tcp_link_local(facts: dict[str, Any]) -> str:
    place = socket.getaddrinfo(facts["link_local"], facts["tcp_link_local"])[0][4]
    with socket.socket(socket.AF_INET6) as out:
        out.settimeout(3)
        out.connect(place)
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(106, "HTTP with requests", needs=("http",))
def http_requests(facts: dict[str, Any]) -> str:
    import requests

    reply = requests.get(f"http://{facts['address']}:{facts['http']}/seen/{facts['mark']}", timeout=3)
    return found(facts["mark"], reply.text, "the page comes")


@inside(107, "A POST with urllib", needs=("http",))
def http_urllib(facts: dict[str, Any]) -> str:
    url = f"http://{facts['address']}:{facts['http']}/x"
    with urllib.request.urlopen(url, facts["mark"].encode(), timeout=3) as reply:
        return found(facts["mark"], reply.read(), "the server takes the bytes")


@inside(108, "HTTP with curl", needs=("http",))
def http_curl(facts: dict[str, Any]) -> str:
    url = f"http://{facts['address']}:{facts['http']}/seen/{facts['mark']}"
    return found(facts["mark"], run("curl", "-sS", "--max-time", "4", url), "the page comes")


@inside(109, "pip takes a package from an index", needs=("http",), reference="lab_channels 36")
def pip_download(facts: dict[str, Any]) -> str:
    index = f"http://{facts['address']}:{facts['http']}/simple/"
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-cache-dir", "--retries=0", "--timeout=3", f"--trusted-host={facts['address']}", "-d", folder]
        run(sys.executable, "-m", "pip", "download", "-q", f"--index-url={index}", *options, "hdh-canary")
        if not os.listdir(folder):
            raise Blocked("nothing came")
    return "the package comes"


@inside(110, "git clones over HTTP", needs=("http",), reference="lab_channels 35")
def git_clone(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        run("git", "clone", "-q", f"http://{facts['address']}:{facts['http']}/canary.git", f"{folder}/clone")
        with open(f"{folder}/clone/readme", encoding="utf-8") as file:
            return found("cloned", file.read(), "the repository comes")


@inside(111, "A UDP datagram", needs=("udp",))
def udp(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(3)
        out.sendto(facts["mark"].encode(), (facts["address"], facts["udp"]))
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(112, "A name through the system's resolver", absent=("gaierror", "EAI"), reference="DNS tunnels")
def resolver(facts: dict[str, Any]) -> str:
    return found(".", str(socket.getaddrinfo("example.org", 443, socket.AF_INET)[0][4][0]), "the name resolves")


@inside(113, "A question of DNS, sent by hand to port 53", needs=("dns",), reference="RFC 1035")
def dns_by_hand(facts: dict[str, Any]) -> str:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in (facts["mark"], "example", "org"))
    question = b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(3)
        out.sendto(question, (facts["address"], 53))
        reply = out.recv(512)
    return f"the name resolves to {socket.inet_ntoa(reply[-4:])}"


@inside(114, "DNS over HTTP", needs=("http",), reference="RFC 8484")
def dns_over_http(facts: dict[str, Any]) -> str:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in (facts["mark"], "example", "org"))
    question = b"\0\0\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    url = f"http://{facts['address']}:{facts['http']}/dns-query"
    wanted = urllib.request.Request(url, question, {"Content-Type": "application/dns-message"})
    with urllib.request.urlopen(wanted, timeout=3) as reply:
        return f"the name resolves to {socket.inet_ntoa(reply.read()[-4:])}"


@inside(115, "An ICMP echo through a raw socket", needs=("address",), root=True, reference="raw(7)")
def icmp(facts: dict[str, Any]) -> str:
    data = facts["mark"].encode()[:40].ljust(40, b".")
    draft = struct.pack("!BBHHH", 8, 0, 0, 7, 7) + data
    total = sum(struct.unpack(f"!{len(draft) // 2}H", draft))
    total = (total >> 16) + (total & 0xFFFF)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as out:
        out.settimeout(3)
        out.sendto(struct.pack("!BBHHH", 8, 0, checksum, 7, 7) + data, (facts["address"], 0))
        return found(data.decode()[:30], out.recv(500), "the echo comes back")


@inside(116, "A way to the cloud's metadata address", needs=("address",), reference="169.254.169.254")
def metadata(facts: dict[str, Any]) -> str:
    # Asks the kernel for a way; the network of this machine is not troubled with a packet.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("169.254.169.254", 80))
        return "there is a route"


@inside(117, "A multicast datagram", needs=("address",), reference="ip(7)")
def multicast(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(3)
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        out.sendto(facts["mark"].encode(), (facts["multicast"], facts["everywhere"]))
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(118, "A datagram to everybody on the network", needs=("address",), reference="ip(7)")
def broadcast(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(3)
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        out.sendto(facts["mark"].encode(), (facts["broadcast"], facts["everywhere"]))
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(119, "TCP as MPTCP", needs=("address",), absent=("EPROTONOSUPPORT", "ENOPROTOOPT"), reference="RFC 8684")
def mptcp(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as out:
        out.settimeout(3)
        out.connect((facts["address"], facts["tcp"]))
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(120, "An association of SCTP", needs=("address",), absent=("EPROTONOSUPPORT",), reference="RFC 9260")
def sctp(facts: dict[str, Any]) -> str:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132) as out,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132) as other,
    ):
        other.bind((facts["address"], 0))
        other.listen(1)
        out.settimeout(3)
        out.connect(other.getsockname())
        return "associated"


@inside(
    121, "A socket that the hypervisor's host can call (vsock)", absent=("EAFNOSUPPORT", "ENODEV"), reference="vsock(7)"
)
def vsock(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listener:
        listener.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
        listener.listen(1)
        return "it listens"


@inside(122, "Listening to every packet (packet socket)", root=True, absent=("EAFNOSUPPORT",), reference="packet(7)")
def packet(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)):
        return "it listens"


@inside(123, "The kernel's own cryptography by a socket", absent=("EAFNOSUPPORT", "ENOENT"), reference="AF_ALG")
def alg(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as out:
        out.bind(("hash", "sha256"))
        return "bound"


@inside(124, "A socket of any other family (Bluetooth, CAN, XDP, TIPC, SMC, KCM...)", reference="socket(2)")
def families(facts: dict[str, Any]) -> str:
    opened = []
    for family in [*range(3, 10), *range(11, 16), *range(17, 38), *range(41, 64)]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            with contextlib.suppress(OSError):
                socket.socket(family, kind).close()
                opened.append(family)
    if not opened:
        raise Blocked("EAFNOSUPPORT for each")
    return "at least one opens"


@inside(125, "Changing a network interface", root=True, reference="netdevice(7)")
def interface(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        request = bytearray(struct.pack("16sI20x", b"lo", 0))
        fcntl.ioctl(out, 0x8921, request)
        # Sets the size of packets to what it is.
        fcntl.ioctl(out, 0x8922, request)
    return "its settings can be written"


@inside(126, "Making a network interface (veth)", root=True, reference="rtnetlink(7)")
def veth(facts: dict[str, Any]) -> str:
    name = facts["tag"][-8:]
    kinds = ("veth", "dummy", "bridge", "ifb")
    for kind in kinds:
        with contextlib.suppress(Blocked):
            run("ip", "link", "add", f"x{name}", "type", kind)
            run("ip", "link", "delete", f"x{name}")
            return "made, and removed"
    raise Blocked("ip link add fails")


@inside(127, "A tunnel of one's own (TUN)", root=True, absent=("ENODEV",), reference="Documentation/networking/tuntap")
def tun(facts: dict[str, Any]) -> str:
    with open("/dev/net/tun", "r+b", buffering=0) as device:
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"hdh%d", 0x1001))
        return "made"


@inside(128, "Seeing the host's connections in /proc/net", needs=("tcp",), reference="proc(5)")
def proc_net(facts: dict[str, Any]) -> str:
    with open("/proc/net/tcp", encoding="ascii") as file:
        return found(f":{facts['tcp']:04X} ", file.read(), "the listener shows")


@inside(129, "Seeing the host's sockets by netlink", needs=("tcp",), reference="sock_diag(7)")
def sock_diag(facts: dict[str, Any]) -> str:
    request = struct.pack("BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + bytes(48)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as out:
        out.settimeout(3)
        out.send(struct.pack("IHHII", 16 + len(request), 20, 0x301, 1, 0) + request)
        seen, kind = b"", 0
        while kind != 3:  # the end of the list
            part = out.recv(1 << 20)
            kind = struct.unpack_from("IH", part)[1]
            seen += part
    if struct.pack("!H", facts["tcp"]) not in seen:
        raise Blocked("the listener does not show")
    return "the listener shows"


@inside(130, "A unix socket in the host's /tmp", reference="unix(7)")
def unix_tmp(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(3)
        out.connect(facts["unix_tmp"])
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(131, "A service's socket below /run, as D-Bus's or Docker's", needs=("unix_run",))
def unix_run(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(3)
        out.connect(facts["unix_run"])
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(132, "The socket of the person's screen (X11)", needs=("unix_x11",))
def unix_x11(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(3)
        out.connect(facts["unix_x11"])
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(133, "An abstract unix socket", reference="unix(7), CVE-2020-15257")
def unix_abstract(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(3)
        out.connect(facts["unix_abstract"])
        out.sendall(facts["mark"].encode())
        return found(facts["mark"], out.recv(200), "the listener answers")


@inside(134, "The hub's own socket")
def hub_socket(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(5)
        out.connect(facts["hub_socket"])
        out.sendall(b"GET /hub/api HTTP/1.0\r\n\r\n")
        return found("HTTP/1.1", out.recv(200), "the hub answers")


@inside(135, "The gateway's own socket, whose word others believe")
def gateway_socket(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(5)
        out.connect(facts["gateway_socket"])
        out.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return found("HTTP/1.1", out.recv(200), "the gateway answers")


@inside(136, "The proxy's control socket, which routes everybody")
def proxy_socket(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(5)
        out.connect(facts["proxy_socket"])
        out.sendall(b"GET /api/routes HTTP/1.0\r\n\r\n")
        return found("HTTP/1.1", out.recv(200), "the proxy answers")


@inside(137, "The socket of another project's server")
def neighbour_socket(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(5)
        out.connect(facts["neighbour_socket"])
        out.sendall(b"GET /user/prj-voisin/api HTTP/1.0\r\n\r\n")
        return found("HTTP/1.", out.recv(200), "the server answers")


@inside(138, "The platform's public port from inside")
def public_port(facts: dict[str, Any]) -> str:
    url = f"http://127.0.0.1:{facts['port']}/hub/health"
    wanted = urllib.request.Request(url, headers={"Host": f"hdh.localhost:{facts['port']}"})
    with urllib.request.urlopen(wanted, timeout=3) as reply:
        return f"it answers {reply.status}"


@inside(139, "A descriptor that the kernel or the server inherited leads out", reference="CVE-2024-21626")
def descriptors(facts: dict[str, Any]) -> str:
    for pid in ancestors(3):
        folder = f"/proc/{pid}/fd"
        with contextlib.suppress(PermissionError, FileNotFoundError):
            for name in os.listdir(folder):
                # Pipes and sockets stay unread: others wait at their ends.
                for path in (f"{folder}/{name}", f"{folder}/{name}/secret", f"{folder}/{name}/decoy/secret"):
                    with contextlib.suppress(OSError):
                        if os.path.isfile(path) and facts["secret"] in Path(path).read_text("latin-1"):
                            return "the secret is read through one"
    raise Blocked("none leads out")


@inside(140, "A descriptor passed by a listener in the host's /tmp", reference="SCM_RIGHTS, unix(7)")
def passed(facts: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as out:
        out.settimeout(3)
        out.connect(facts["unix_tmp"])
        with open("/dev/null", "rb") as given:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [given.fileno()]))
            out.sendmsg([base64.b64encode(facts["mark"].encode())], [rights])
        return found("seen", out.recv(200), "a descriptor goes out")
