use crate::model::{LacpFact, Mac, Reject};

const LACP: u8 = 1;
const ACTOR: [u8; 2] = [1, 20];
const PARTNER: [u8; 2] = [2, 20];

/// Reads a slow protocol frame (IEEE 802.3 annex 57A); `Ok(None)` for any but LACP.
///
/// A LACPDU (IEEE 802.1AX-2020, 6.4.2.3) has fixed places: subtype, version, then actor and
/// partner with 20 bytes each: type, length, system priority 2, system 6, key 2, port priority 2,
/// port 2, state, reserved 3.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<LacpFact>, Reject> {
    let Some((&[LACP, _version], bytes)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let (actor, rest) = side(bytes, ACTOR).ok_or(Reject::LinkProtocolMalformed)?;
    let partner = side(rest, PARTNER).map_or(Mac::ZERO, |(partner, _)| partner.system);
    Ok(Some(LacpFact { partner, ..actor }))
}

fn side(bytes: &[u8], expected: [u8; 2]) -> Option<(LacpFact, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<20>()?;
    let [
        kind,
        length,
        p0,
        p1,
        a,
        b,
        c,
        d,
        e,
        f,
        k0,
        k1,
        _,
        _,
        n0,
        n1,
        ..,
    ] = *head;
    let fact = LacpFact {
        system: Mac::new([a, b, c, d, e, f]),
        priority: u16::from_be_bytes([p0, p1]),
        key: u16::from_be_bytes([k0, k1]),
        port: u16::from_be_bytes([n0, n1]),
        partner: Mac::ZERO,
    };
    ([kind, length] == expected).then_some((fact, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: [u8; 42] = [
        1, 1, 1, 20, 0x80, 0, 2, 0, 0, 0, 0, 1, 0, 9, 0, 0xff, 0, 3, 0x3d, 0, 0, 0, // actor
        2, 20, 0x7f, 0xff, 2, 0, 0, 0, 0, 2, 0, 9, 0, 0xff, 0, 4, 0x3d, 0, 0, 0, // partner
    ];

    #[test]
    fn a_unit_names_both_systems() {
        let fact = parse(&UNIT).expect("valid").expect("a LACPDU");
        assert_eq!(fact.system, Mac::new([2, 0, 0, 0, 0, 1]));
        assert_eq!((fact.priority, fact.key, fact.port), (0x8000, 9, 3));
        assert_eq!(fact.partner, Mac::new([2, 0, 0, 0, 0, 2]));
    }

    #[test]
    fn a_cut_unit_needs_its_actor() {
        for length in 2..UNIT.len() {
            let fact = parse(&UNIT[..length]);
            assert_eq!(fact.is_ok(), length >= 22, "{length}");
        }
    }

    #[test]
    fn other_slow_protocols_are_passed_over() {
        assert_eq!(parse(&[2, 1, 1, 20]), Ok(None));
        assert_eq!(parse(&[]), Ok(None));
    }
}
