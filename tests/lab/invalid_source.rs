//! Sources that no station can have, and those that are excused.

use serde_json::json;

use crate::frames::{ALL, Mac, NONE, Packet, garp, multicast};
use crate::lab::{Feed, scenario, text};

#[test]
fn group_and_zero_sources_are_invalid() {
    for (name, source) in [
        ("group", [1, 0, 0x5e, 1, 2, 3]),
        ("zero", NONE),
        ("all", ALL),
    ] {
        scenario(&format!("source-{name}"), Feed::ANY, |lab| {
            let (host, peer) = (lab.host(0), lab.host(3));
            lab.talk(&host, &peer, (0.5, 20.0), 0.5);
            let bad: Mac = source;
            let time = lab.about(5.0, 8.0);
            lab.send(time, 0, garp((bad, host.ip), NONE));
            lab.send(
                9.0,
                0,
                Packet {
                    eth: (peer.mac, bad),
                    ..host.packet(9.0, &peer)
                }
                .echo(8, 1, 1),
            );
            lab.expect(json!({"kind": "frame.invalid_source", "mac": text(bad)}));
            lab.at_most(
                1,
                json!({"kind": "frame.invalid_source", "phase": "raised"}),
            );
        });
    }
}

#[test]
fn queries_for_groups_and_loopback_captures_are_excused() {
    scenario("excused-sources", Feed::SINGLE, |lab| {
        let host = lab.host(0);
        for n in 0..5_u8 {
            let time = 1.0 + 10.0 * f64::from(n) + lab.about(0.0, 1.0);
            let query = multicast(NONE, [0; 4], [224, 0, 0, 1], 1);
            lab.send(time, 0, query.ipv4(2, &[0x11, 100, 0, 0, 0, 0, 0, 0]));
            let own = Packet {
                eth: (NONE, NONE),
                from: [127, 0, 0, 1],
                ..host.packet(time, &host)
            };
            lab.send(time + 0.5, 0, own.udp((4000, 53), &[n; 20]));
        }
    });
}
