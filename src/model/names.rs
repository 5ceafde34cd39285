use super::{Port, PortId, SourceId};

/// What the numbers of a run are called: ports, inputs and the sensor itself.
///
/// The engine works on numbers; whoever shows an event brings this along.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Port names by [`PortId`].
    pub ports: Vec<String>,
    /// Input names by [`SourceId`].
    pub sources: Vec<String>,
    /// What this sensor calls itself, when it was told.
    pub sensor: Option<String>,
}

impl Names {
    /// The name of a port as reports and JSON write it: `swp3`, `vtep:10.0.0.1`,
    /// `erspan:10.0.0.9/7/12`.
    pub fn port(&self, port: Port) -> String {
        match port {
            Port::Capture(id) => self.capture(id),
            Port::Ifindex(id, index) => format!("{}/if{index}", self.capture(id)),
            Port::Stamp(id, vlan) => format!("{}/stamp{vlan}", self.capture(id)),
            Port::Vif(id, vif) => format!("{}/vif{vif}", self.capture(id)),
            Port::Vtep(address) => format!("vtep:{address}"),
            Port::Erspan {
                source,
                session,
                index,
            } => {
                format!("erspan:{source}/{session}/{index}")
            }
        }
    }

    /// The name of an input.
    pub fn source(&self, source: SourceId) -> &str {
        self.sources
            .get(usize::from(source.0))
            .map_or("?", String::as_str)
    }

    fn capture(&self, id: PortId) -> String {
        self.ports
            .get(usize::from(id.0))
            .cloned()
            .unwrap_or_else(|| format!("port{}", id.0))
    }
}
