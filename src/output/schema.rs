use std::borrow::Cow;
use std::net::IpAddr;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::model::{
    Announcement, Announcer, Cause, Confidence, EventId, Finding, Kind, Mac, Origin, Phase,
    Severity, Timestamp,
};
use crate::vendor::{Administered, MacClass};

use super::terms;

/// The version of the event format. It changes only when a consumer could break.
pub const SCHEMA_NAME: &str = "doppelmac/1";

/// One event of doppelmac on one line, its keys in this order and absent when unknown.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event", deny_unknown_fields)]
pub(super) struct EventLine<'a> {
    /// Version of this format.
    pub(super) schema: Version,
    /// Stable identity: the same capture gives the same ids, and an incident keeps its id.
    pub(super) id: Id,
    /// What is said.
    pub(super) kind: Word<Kind>,
    /// `observed` at one moment; `raised`, `updated`, `cleared` for what lasts.
    pub(super) phase: Word<Phase>,
    /// How much it matters, least first.
    pub(super) severity: Word<Severity>,
    /// Packet time at which this could be said, UTC.
    pub(super) time: Time,
    /// Who watched, when it was told its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub(super) sensor: Option<&'a str>,
    /// Broadcast domain: `untagged`, `vlan10`, `vlan100.10`, `vni5010`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub(super) segment: Option<String>,
    /// The address it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Hardware")]
    pub(super) mac: Option<Hardware>,
    /// Whom the IEEE assigned the block of `mac` to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub(super) vendor: Option<&'a str>,
    /// What kind of assignment `mac` comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<MacClass>")]
    pub(super) mac_class: Option<Word<MacClass>>,
    /// Who assigned `mac`, by its U/L bit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Administered>")]
    pub(super) administered: Option<Word<Administered>>,
    /// The IP address it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr")]
    pub(super) ip: Option<IpAddr>,
    /// The earlier or rightful side.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SideObject<'a>")]
    pub(super) from: Option<SideObject<'a>>,
    /// The later or disputing side.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SideObject<'a>")]
    pub(super) to: Option<SideObject<'a>>,
    /// Form of the announcement.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Announcement>")]
    pub(super) announcement: Option<Word<Announcement>>,
    /// Who announced, by form and timing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Announcer>")]
    pub(super) announcer: Option<Word<Announcer>>,
    /// How many announcements.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub(super) announcements: Option<u32>,
    /// Last frame on the old port to first on the new, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub(super) blackout_ms: Option<f64>,
    /// Transitions, or frames of a storm, that were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub(super) moves: Option<u32>,
    /// The window they were counted in, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub(super) window_s: Option<f64>,
    /// How sure the verdict is, least first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Confidence>")]
    pub(super) confidence: Option<Word<Confidence>>,
    /// Why the address flaps or is heard twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Cause>")]
    pub(super) cause: Option<Word<Cause>>,
    /// Where the duplicated address probably came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Word<Origin>")]
    pub(super) origin: Option<Word<Origin>>,
    /// What proves it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<EvidenceObject<'a>>,
    /// Earlier events that this one explains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related: Vec<Id>,
    /// One sentence a person can act on.
    pub(super) message: String,
    /// The next step.
    pub(super) advice: &'a str,
}

/// Where and when one claimant was heard.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Side", deny_unknown_fields)]
pub(super) struct SideObject<'a> {
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub(super) port: Option<String>,
    /// Its MAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Hardware")]
    pub(super) mac: Option<Hardware>,
    /// First frame of this presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    pub(super) first_seen: Option<Time>,
    /// Last frame of this presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    pub(super) last_seen: Option<Time>,
    /// Frames of this presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub(super) frames: Option<u64>,
    /// IPs it used there.
    #[serde(skip_serializing_if = "<[IpAddr]>::is_empty")]
    pub(super) ips: &'a [IpAddr],
    /// The name it gave itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    pub(super) hostname: Option<String>,
}

/// One fact that speaks for the verdict, and the frame that shows it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence", deny_unknown_fields)]
pub(super) struct EvidenceObject<'a> {
    /// What was found.
    pub(super) what: What,
    /// Packet time of the proving frame, UTC.
    pub(super) time: Time,
    /// The input it is in.
    pub(super) source: &'a str,
    /// Its number there, from 1, as Wireshark counts.
    pub(super) frame: u64,
    /// The finding as a sentence.
    pub(super) detail: String,
}

/// A closed vocabulary of the model or the vendor room.
pub(super) trait Vocabulary: Copy + 'static {
    const TITLE: &'static str;
    const ALL: &'static [Self];
    fn word(self) -> &'static str;
}

macro_rules! vocabularies {
    ($($name:ident,)+) => {
        $(impl Vocabulary for $name {
            const TITLE: &'static str = stringify!($name);
            const ALL: &'static [Self] = $name::ALL;
            fn word(self) -> &'static str {
                self.name()
            }
        })+
    };
}

vocabularies! {
    Kind, Phase, Severity, Announcement, Announcer, Confidence, Cause, Origin,
    MacClass, Administered,
}

/// A word of a closed vocabulary.
pub(super) struct Word<T>(pub(super) T);

impl<T: Vocabulary> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<T: Vocabulary> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        T::TITLE.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = T::ALL.iter().map(|word| word.word()).collect();
        json_schema!({ "type": "string", "enum": words })
    }
}

/// Declares a value that is written as a string of a known form.
macro_rules! strings {
    ($($(#[$doc:meta])* $name:ident($inner:ty), $show:expr, $schema:tt;)+) => {
        $(
            $(#[$doc])*
            pub(super) struct $name(pub(super) $inner);

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let show: fn($inner) -> String = $show;
                    serializer.serialize_str(&show(self.0))
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )+
    };
}

strings! {
    /// The identity of an event.
    Id(EventId), |id| id.to_string(), { "type": "string", "pattern": "^[0-9a-f]{16}$" };
    /// A point of packet time.
    Time(Timestamp), terms::time, { "type": "string", "format": "date-time" };
    /// A MAC address, lower case with colons.
    Hardware(Mac), |mac| mac.to_string(),
        { "type": "string", "pattern": "^([0-9a-f]{2}:){5}[0-9a-f]{2}$" };
    /// What was found.
    What(&'static str), str::to_owned, { "type": "string", "enum": Finding::NAMES };
    /// The version of the format.
    Version(&'static str), str::to_owned, { "type": "string", "const": SCHEMA_NAME };
}

/// The JSON Schema (draft 2020-12) of one event line, made from the types that write it.
pub fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    generator
        .into_root_schema_for::<EventLine<'static>>()
        .into()
}
