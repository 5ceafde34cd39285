//! Healthy networks that look odd through a mirror.

use serde_json::json;

use crate::frames::{Packet, is_at, tagged, who_has};
use crate::lab::{Feed, scenario};

#[test]
fn a_router_with_one_mac_in_ten_vlans_is_quiet() {
    scenario("router-on-a-stick", Feed::ANY, |lab| {
        let router = lab.host(0);
        let hosts: Vec<_> = (0..10)
            .map(|n| (100 + n, lab.host(1 + usize::from(n) % 5)))
            .collect();
        for (n, (vlan, host)) in (0_u8..).zip(&hosts) {
            let (host, gateway) = (host.with_ip([10, 99, n, 9]), router.with_ip([10, 99, n, 1]));
            lab.send(
                1.0,
                host.port,
                tagged(*vlan, &who_has(host.id(), gateway.ip)),
            );
            lab.send(1.001, 0, tagged(*vlan, &is_at(gateway.id(), host.id())));
        }
        for step in 0..400_u16 {
            let (a, b) = (usize::from(step % 10), usize::from(step * 7 % 10));
            if a == b {
                continue;
            }
            let time = 2.0 + f64::from(step) * 0.1 + lab.about(0.0, 0.05);
            let ip = |n: usize| [10, 99, u8::try_from(n).unwrap_or(0), 9];
            let ((from_vlan, from), (to_vlan, to)) = (hosts[a], hosts[b]);
            let packet = from.packet(time, &router);
            let load: [u8; 16] = lab.random.octets();
            let sent = Packet {
                from: ip(a),
                to: ip(b),
                ..packet
            };
            lab.send(time, from.port, tagged(from_vlan, &sent.udp((7, 7), &load)));
            let onward = Packet {
                eth: (to.mac, router.mac),
                ttl: 63,
                ..sent
            };
            lab.send(
                time + 0.0001,
                0,
                tagged(to_vlan, &onward.udp((7, 7), &load)),
            );
        }
    });
}

#[test]
fn a_router_that_answers_for_others_is_quiet() {
    scenario("proxy-arp", Feed::ANY, |lab| {
        let router = lab.host(0);
        for n in 0..8_u8 {
            let host = lab.host(1 + usize::from(n % 5));
            for m in 0..4_u8 {
                let time = 1.0 + lab.about(0.0, 20.0);
                let far = router.with_ip([192, 0, 2, 10 + m]);
                lab.resolve(time, &host, &far);
                lab.say(time + 0.1, &host, &far);
                let back = Packet {
                    ttl: 61,
                    ..far.packet(time + 0.12, &host)
                };
                lab.send(time + 0.12, 0, back.echo(0, 9, u16::from(n)));
            }
        }
        lab.forbid(json!({"kind": ["ip.shared", "ip.moved"]}));
    });
}

#[test]
fn tagged_and_untagged_copies_of_the_same_frames_are_quiet() {
    scenario("tagged-copies", &[Feed::Mirror], |lab| {
        let hosts = [lab.host(0), lab.host(1), lab.host(2)];
        for step in 0..300_u16 {
            let (a, b) = (usize::from(step % 3), usize::from((step + 1) % 3));
            let time = f64::from(step) * 0.07 + lab.about(0.0, 0.02);
            let load: [u8; 20] = lab.random.octets();
            let frame = match step % 5 {
                0 => who_has(hosts[a].id(), hosts[b].ip),
                1 => is_at(hosts[a].id(), hosts[b].id()),
                _ => hosts[a].packet(time, &hosts[b]).udp((1, 2), &load),
            };
            lab.send(time, 0, frame.clone());
            let copied = time + lab.about(0.000_001, 0.000_020);
            lab.send(copied, 0, tagged(20, &frame));
        }
    });
}

#[test]
fn both_directions_of_a_mirror_are_quiet() {
    scenario("both-directions", &[Feed::Both(6), Feed::Ports], |lab| {
        let hosts: Vec<_> = (0..6).map(|port| lab.host(port)).collect();
        for (n, host) in hosts.iter().enumerate() {
            let peer = hosts[(n + 1) % hosts.len()];
            lab.resolve(0.5, host, &peer);
            lab.talk(host, &peer, (1.0, 30.0), 0.2);
        }
    });
}
