//! Sources without end, and many that are real.

use serde_json::json;

use crate::frames::{
    ACK, ALL, DISCOVER, Dhcp, NO_IP, NONE, OFFER, Packet, REQUEST, garp, option, probe,
};
use crate::lab::{Feed, Lab, scenario};

/// A connection attempt from nobody to nobody, as dsniff's macof sends it.
fn macof(lab: &mut Lab, time: f64, mask: u8) {
    let mut from = lab.random.octets::<6>();
    from[0] &= mask;
    let mut to = lab.random.octets::<6>();
    to[0] &= !1;
    let (source, target) = (lab.random.octets(), lab.random.octets());
    let packet = Packet {
        eth: (to, from),
        from: source,
        to: target,
        id: 77,
        ttl: 64,
    };
    let ports: [u8; 4] = lab.random.octets();
    let syn = [
        &ports[..],
        &[
            0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0x50, 2, 2, 0, 0, 0, 0, 0,
        ],
    ];
    lab.send(time, 0, packet.ipv4(6, &syn.concat()));
}

#[test]
fn random_sources_by_the_thousand_are_a_flood() {
    scenario("macof", &[Feed::In, Feed::Mirror], |lab| {
        let (host, peer) = (lab.host(1), lab.host(2));
        lab.talk(&host, &peer, (0.0, 10.0), 0.2);
        for n in 0..7000 {
            macof(lab, 2.0 + f64::from(n) * 0.0005, !1);
        }
        lab.expect(json!({"kind": "mac.flood", "severity": "critical"}));
    });
}

#[test]
fn a_flood_with_group_sources_is_one_flood_and_few_others() {
    scenario("macof-groups", &[Feed::In, Feed::Mirror], |lab| {
        for n in 0..14000 {
            macof(lab, 2.0 + f64::from(n) * 0.00025, 0xff);
        }
        lab.expect(json!({"kind": "mac.flood"}));
        lab.allow(json!({"kind": "frame.invalid_source"}));
        lab.at_most(3, json!({"kind": "frame.invalid_source"}));
    });
}

#[test]
fn the_first_seconds_of_a_large_network_are_no_flood() {
    scenario("busy-start", &[Feed::In, Feed::Mirror], |lab| {
        let gateway = lab.host(5);
        for n in 0..3000 {
            let mut host = lab.host(n % 5);
            host.ip = [
                10,
                0,
                lab.random.octets::<1>()[0],
                u8::try_from(n % 250).unwrap_or(0),
            ];
            let mut time = lab.about(0.0, 1.6);
            for _ in 0..4 {
                lab.say(time, &host, &gateway);
                time += lab.about(0.05, 0.4);
            }
        }
    });
}

/// A DISCOVER for a client that is none.
fn starve(lab: &mut Lab, time: f64, source: Option<[u8; 6]>) {
    let mut mac = lab.random.octets::<6>();
    mac[0] &= !1;
    let transaction = u32::from_be_bytes(lab.random.octets());
    let dhcp = Dhcp {
        mac,
        transaction,
        client: NO_IP,
        options: option(12, b"win"),
    };
    let mut frame = dhcp.ask(DISCOVER, (ALL, [255; 4]));
    frame[6..12].copy_from_slice(&source.unwrap_or(mac));
    lab.send(time, 0, frame);
    let server = ([0, 0x1b, 0x21, 1, 1, 1], lab.ip_of(1));
    let [number] = lab.random.octets();
    let offered = lab.ip_of(20 + number % 200);
    lab.send(time + 0.002, 3, dhcp.answer(OFFER, server, offered));
}

#[test]
fn starving_a_dhcp_server_claims_no_address() {
    scenario("dhcp-starvation", Feed::ANY, |lab| {
        let attacker = lab.host(0);
        for n in 0..600 {
            let source = (n % 2 == 0).then_some(attacker.mac);
            starve(lab, 1.0 + f64::from(n) * 0.02, source);
        }
        lab.forbid(json!({"kind": ["ip.duplicate", "ip.moved", "mac.duplicate"]}));
    });
}

#[test]
fn a_classroom_that_boots_is_quiet() {
    scenario("classroom", Feed::ANY, |lab| {
        let server = lab.host(5);
        for n in 0..60 {
            let host = lab.host(n % 4);
            let time = lab.about(1.0, 6.0);
            let transaction = u32::from_be_bytes(lab.random.octets());
            let mut options = option(61, &[&[1], &host.mac[..]].concat());
            options.extend(option(12, format!("pc{n}").as_bytes()));
            let dhcp = Dhcp {
                mac: host.mac,
                transaction,
                client: NO_IP,
                options,
            };
            lab.send(time, host.port, dhcp.ask(DISCOVER, server.id()));
            lab.send(time + 0.01, 5, dhcp.answer(OFFER, server.id(), host.ip));
            lab.send(time + 0.02, host.port, dhcp.ask(REQUEST, server.id()));
            lab.send(time + 0.03, 5, dhcp.answer(ACK, server.id(), host.ip));
            for asked in 0..3 {
                lab.send(
                    time + 0.5 + f64::from(asked),
                    host.port,
                    probe(host.mac, host.ip),
                );
            }
            for told in 0..2 {
                lab.send(
                    time + 5.5 + 2.0 * f64::from(told),
                    host.port,
                    garp(host.id(), NONE),
                );
            }
            lab.resolve(time + 8.0, &host, &server);
            lab.talk(&host, &server, (time + 8.1, time + 20.0), 2.0);
        }
    });
}
