//! Frames that a mirror shows many times, as a loop would.

use crate::lab::{Feed, scenario};

#[test]
fn a_mirror_of_a_whole_switch_is_no_loop() {
    scenario("mirrored-switch", &[Feed::Both(49)], |lab| {
        let gateway = lab.host(48);
        for port in 0..48 {
            let host = lab.host(port);
            for _ in 0..4 {
                let time = lab.about(0.0, 20.0);
                lab.resolve(time, &host, &gateway);
                lab.say(time + 0.01, &host, &gateway);
            }
        }
    });
}
