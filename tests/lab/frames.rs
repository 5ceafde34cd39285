//! Frames, byte by byte. Checksums are zero, as a sender with offloading leaves them; frames are
//! not padded, as on a virtual link.

pub(crate) type Mac = [u8; 6];
pub(crate) type Ip = [u8; 4];
pub(crate) type Ip6 = [u8; 16];

pub(crate) const ALL: Mac = [0xff; 6];
pub(crate) const NONE: Mac = [0; 6];
pub(crate) const NO_IP: Ip = [0; 4];

fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes)
        .expect("frames are short")
        .to_be_bytes()
}

pub(crate) fn ethernet(to: Mac, from: Mac, kind: u16, payload: &[u8]) -> Vec<u8> {
    [&to[..], &from, &kind.to_be_bytes(), payload].concat()
}

/// The frame in a VLAN.
pub(crate) fn tagged(vlan: u16, frame: &[u8]) -> Vec<u8> {
    let (addresses, rest) = frame.split_at(12);
    [addresses, &[0x81, 0], &vlan.to_be_bytes(), rest].concat()
}

/// An ARP frame: destination and source of the frame, operation, sender, target.
pub(crate) fn arp(eth: (Mac, Mac), op: u8, sender: (Mac, Ip), target: (Mac, Ip)) -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, op];
    let body = [&head[..], &sender.0, &sender.1, &target.0, &target.1].concat();
    ethernet(eth.0, eth.1, 0x0806, &body)
}

/// Who has `ip`?
pub(crate) fn who_has(from: (Mac, Ip), ip: Ip) -> Vec<u8> {
    arp((ALL, from.0), 1, from, (NONE, ip))
}

/// An answer.
pub(crate) fn is_at(from: (Mac, Ip), to: (Mac, Ip)) -> Vec<u8> {
    arp((to.0, from.0), 2, from, to)
}

/// A gratuitous request; `target` is what the announcer writes there.
pub(crate) fn garp(from: (Mac, Ip), target: Mac) -> Vec<u8> {
    arp((ALL, from.0), 1, from, (target, from.1))
}

/// A gratuitous reply to all.
pub(crate) fn garp_reply(from: (Mac, Ip), target: Mac) -> Vec<u8> {
    arp((ALL, from.0), 2, from, (target, from.1))
}

/// An ARP probe (RFC 5227, 2.1.1).
pub(crate) fn probe(mac: Mac, ip: Ip) -> Vec<u8> {
    who_has((mac, NO_IP), ip)
}

/// What a hypervisor sends for a guest: a reverse ARP request of 60 bytes.
pub(crate) fn rarp(mac: Mac) -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, 3];
    let mut body = [&head[..], &mac, &NO_IP, &mac, &NO_IP].concat();
    body.resize(46, 0);
    ethernet(ALL, mac, 0x8035, &body)
}

/// A header's worth of what differs between IPv4 packets.
#[derive(Clone, Copy)]
pub(crate) struct Packet {
    pub(crate) eth: (Mac, Mac),
    pub(crate) from: Ip,
    pub(crate) to: Ip,
    pub(crate) id: u16,
    pub(crate) ttl: u8,
}

impl Packet {
    pub(crate) fn ipv4(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let total = length(20 + payload.len());
        let id = self.id.to_be_bytes();
        let head = [
            &[0x45, 0],
            &total[..],
            &id,
            &[0, 0, self.ttl, protocol, 0, 0],
        ]
        .concat();
        let body = [&head[..], &self.from, &self.to, payload].concat();
        ethernet(self.eth.0, self.eth.1, 0x0800, &body)
    }

    pub(crate) fn udp(&self, ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
        self.ipv4(17, &datagram(ports, payload))
    }

    pub(crate) fn echo(&self, kind: u8, id: u16, sequence: u16) -> Vec<u8> {
        let head = [
            &[kind, 0, 0, 0],
            &id.to_be_bytes()[..],
            &sequence.to_be_bytes(),
        ]
        .concat();
        self.ipv4(1, &[&head[..], &[0x61; 32]].concat())
    }
}

fn datagram(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let head = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    [&head[..], &length(8 + payload.len()), &[0, 0], payload].concat()
}

/// A packet to an IPv4 group.
pub(crate) fn multicast(mac: Mac, from: Ip, group: Ip, ttl: u8) -> Packet {
    let to = [1, 0, 0x5e, group[1] & 0x7f, group[2], group[3]];
    Packet {
        eth: (to, mac),
        from,
        to: group,
        id: 0,
        ttl,
    }
}

/// DHCP as one client sends it, with its options.
#[derive(Clone)]
pub(crate) struct Dhcp {
    pub(crate) mac: Mac,
    pub(crate) transaction: u32,
    pub(crate) client: Ip,
    pub(crate) options: Vec<u8>,
}

pub(crate) const DISCOVER: u8 = 1;
pub(crate) const OFFER: u8 = 2;
pub(crate) const REQUEST: u8 = 3;
pub(crate) const DECLINE: u8 = 4;
pub(crate) const ACK: u8 = 5;
pub(crate) const RELEASE: u8 = 7;

/// An option of DHCP.
pub(crate) fn option(code: u8, value: &[u8]) -> Vec<u8> {
    let len = u8::try_from(value.len()).expect("options are short");
    [&[code, len], value].concat()
}

impl Dhcp {
    fn message(&self, op: u8, your: Ip, kind: u8, options: &[u8]) -> Vec<u8> {
        let mut body = vec![op, 1, 6, 0];
        body.extend(self.transaction.to_be_bytes());
        body.extend([0; 4]);
        body.extend([self.client, your, NO_IP, NO_IP].concat());
        body.extend(self.mac);
        body.resize(236, 0);
        body.extend([99, 130, 83, 99, 53, 1, kind]);
        body.extend(options);
        body.push(255);
        body.resize(body.len().max(300), 0);
        body
    }

    /// From the client; to all while it has no address.
    pub(crate) fn ask(&self, kind: u8, server: (Mac, Ip)) -> Vec<u8> {
        let (eth, to) = match self.client {
            NO_IP => (ALL, [255; 4]),
            _ => server,
        };
        let eth = (eth, self.mac);
        let packet = Packet {
            eth,
            from: self.client,
            to,
            id: 0,
            ttl: 64,
        };
        packet.udp((68, 67), &self.message(1, NO_IP, kind, &self.options))
    }

    /// From the server.
    pub(crate) fn answer(&self, kind: u8, server: (Mac, Ip), your: Ip) -> Vec<u8> {
        let eth = (self.mac, server.0);
        let packet = Packet {
            eth,
            from: server.1,
            to: your,
            id: 0,
            ttl: 64,
        };
        let lease = [option(54, &server.1), option(51, &3600_u32.to_be_bytes())].concat();
        packet.udp((67, 68), &self.message(2, your, kind, &lease))
    }
}

/// HSRP version 1 (RFC 2281): active as the virtual MAC, or standby.
pub(crate) fn hsrp(op: u8, state: u8, from: (Mac, Ip), group: u8, priority: u8, ip: Ip) -> Vec<u8> {
    let head = [0, op, state, 3, 10, priority, group, 0];
    let body = [&head[..], b"cisco\0\0\0", &ip].concat();
    multicast(from.0, from.1, [224, 0, 0, 2], 1).udp((1985, 1985), &body)
}

/// HSRP version 2.
pub(crate) fn hsrp2(state: u8, from: (Mac, Ip), group: u16, priority: u8, ip: Ip) -> Vec<u8> {
    let head = [&[1, 40, 2, 0, state, 4], &group.to_be_bytes()[..], &from.0].concat();
    let times = [0, 0, 0, priority, 0, 0, 0x0b, 0xb8, 0, 0, 0x27, 0x10];
    let body = [&head[..], &times, &ip, &[0; 12]].concat();
    multicast(from.0, from.1, [224, 0, 0, 102], 1).udp((1985, 1985), &body)
}

/// A GLBP hello, and the forwarder that its sender is.
pub(crate) fn glbp(from: (Mac, Ip), group: u8, state: u8, ip: Ip, forwarder: u8) -> Vec<u8> {
    let mut body = vec![1, 4, 0, group, 0, 0];
    body.extend(from.0);
    body.extend([
        1, 28, 0, state, 0, 100, 0, 0, 0, 0, 0x0b, 0xb8, 0, 0, 0x27, 0x10,
    ]);
    body.extend([2, 0x58, 0x38, 0x40, 0, 0, 1, 4]);
    body.extend(ip);
    body.extend([2, 20, forwarder, 32, 0, 0xa7, 0x64, 0, 0, 0, 0, 0]);
    body.extend([0, 0x07, 0xb4, 0, group, forwarder, 0, 0]);
    multicast(from.0, from.1, [224, 0, 0, 102], 255).udp((3222, 3222), &body)
}

/// A VRRP version 2 advertisement, from the virtual MAC as the RFC asks.
pub(crate) fn vrrp(from: Ip, group: u8, priority: u8, ips: &[Ip]) -> Vec<u8> {
    let count = u8::try_from(ips.len()).expect("a few");
    let head = [0x21, group, priority, count, 0, 1, 0, 0];
    let body = [&head[..], &ips.concat(), &[0; 8]].concat();
    multicast([0, 0, 0x5e, 0, 1, group], from, [224, 0, 0, 18], 255).ipv4(112, &body)
}

/// A VRRP version 3 advertisement for IPv6.
pub(crate) fn vrrp6(from: Ip6, group: u8, priority: u8, ip: Ip6) -> Vec<u8> {
    let body = [&[0x31, group, priority, 1, 0, 100, 0, 0], &ip[..]].concat();
    let mac = [0, 0, 0x5e, 0, 2, group];
    let mut to = [0; 16];
    (to[0], to[1], to[15]) = (0xff, 2, 0x12);
    ipv6(([0x33, 0x33, 0, 0, 0, 0x12], mac), (from, to), 112, &body)
}

fn ipv6(eth: (Mac, Mac), ips: (Ip6, Ip6), next: u8, payload: &[u8]) -> Vec<u8> {
    let head = [&[0x60, 0, 0, 0], &length(payload.len())[..], &[next, 255]].concat();
    let body = [&head[..], &ips.0, &ips.1, payload].concat();
    ethernet(eth.0, eth.1, 0x86dd, &body)
}

/// The link-local address that a MAC makes for itself (RFC 4291, appendix A).
pub(crate) fn link_local([a, b, c, d, e, f]: Mac) -> Ip6 {
    [
        0xfe,
        0x80,
        0,
        0,
        0,
        0,
        0,
        0,
        a ^ 2,
        b,
        c,
        0xff,
        0xfe,
        d,
        e,
        f,
    ]
}
