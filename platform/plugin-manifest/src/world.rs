//! The worlds of the contract: what each may import and has to export.
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use semver::Version;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

/// The contract that this host keeps. While it is 0.x, another minor is another contract.
pub const CONTRACT: Version = Version::new(0, 1, 0);

/// The oldest version of the contract that this host still keeps.
pub fn oldest_contract() -> Version {
    Version::new(CONTRACT.major, if CONTRACT.major == 0 { CONTRACT.minor } else { 0 }, 0)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    Payment,
    Fiscal,
    Delivery,
    Notification,
    Alerts,
}

impl World {
    pub const ALL: [Self; 5] = [Self::Payment, Self::Fiscal, Self::Delivery, Self::Notification, Self::Alerts];

    pub fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Fiscal => "fiscal",
            Self::Delivery => "delivery",
            Self::Notification => "notification",
            Self::Alerts => "alerts",
        }
    }

    /// The interfaces that it may import. `types` holds types only.
    pub fn imports(self) -> &'static [&'static str] {
        match self {
            Self::Alerts => &["types", "log"],
            _ => &["types", "http", "state", "config", "crypto", "log", "clock", "random", "events"],
        }
    }

    /// The interfaces of WASI 0.2 that it may import besides, for what the runtimes of languages want and nobody gets.
    pub fn wasi(self) -> &'static [&'static str] {
        if self.is_pure() { &[] } else { &WASI }
    }

    /// The interfaces that it has to export.
    pub fn exports(self) -> &'static [&'static str] {
        match self {
            Self::Payment => &["lifecycle", "payment-provider"],
            Self::Fiscal => &["lifecycle", "fiscal-issuer"],
            Self::Delivery => &["lifecycle", "delivery-provider"],
            Self::Notification => &["lifecycle", "notification-channel"],
            Self::Alerts => &["alert-rules"],
        }
    }

    /// Pure: no call leaves it, so it is measured in fuel too and can be repeated exactly.
    pub fn is_pure(self) -> bool {
        self == Self::Alerts
    }
}

impl fmt::Display for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

const WASI: [&str; 27] = [
    "cli/environment",
    "cli/exit",
    "cli/stdin",
    "cli/stdout",
    "cli/stderr",
    "cli/terminal-input",
    "cli/terminal-output",
    "cli/terminal-stdin",
    "cli/terminal-stdout",
    "cli/terminal-stderr",
    "clocks/monotonic-clock",
    "clocks/wall-clock",
    "filesystem/preopens",
    "filesystem/types",
    "io/error",
    "io/poll",
    "io/streams",
    "random/insecure",
    "random/insecure-seed",
    "random/random",
    "sockets/instance-network",
    "sockets/ip-name-lookup",
    "sockets/network",
    "sockets/tcp",
    "sockets/tcp-create-socket",
    "sockets/udp",
    "sockets/udp-create-socket",
];

/// The name without package and version, `cli/stdout`, of an interface of WASI 0.2 that a host closes off.
pub fn is_wasi(import: &str) -> Option<&str> {
    let (name, version) = import.strip_prefix("wasi:")?.split_once('@')?;
    let version: Version = version.parse().ok()?;
    ((version.major, version.minor) == (0, 2) && version.pre.is_empty() && WASI.contains(&name)).then_some(name)
}

/// A world of one version of the contract: `huella:plugin/payment@0.1.0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorldRef {
    pub world: World,
    pub version: Version,
}

/// `huella:plugin/NAME@VERSION` in its two parts.
pub(crate) fn qualified(text: &str) -> Option<(&str, Version)> {
    let (name, version) = text.strip_prefix("huella:plugin/")?.split_once('@')?;
    Some((name, version.parse().ok()?))
}

/// Whether this host keeps what was written against `version`.
pub(crate) fn is_kept(version: &Version) -> bool {
    (version.major, version.minor) == (CONTRACT.major, CONTRACT.minor) && version.pre.is_empty() && *version <= CONTRACT
}

impl FromStr for WorldRef {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = qualified(text).ok_or_else(|| format!("«{text}» no es un mundo como huella:plugin/payment@{CONTRACT}"))?;
        let world = World::ALL.into_iter().find(|world| world.name() == name).ok_or_else(|| format!("el mundo «{name}» no existe"))?;
        Ok(Self { world, version })
    }
}

impl TryFrom<String> for WorldRef {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WorldRef> for String {
    fn from(world: WorldRef) -> Self {
        format!("huella:plugin/{}@{}", world.world, world.version)
    }
}

impl JsonSchema for WorldRef {
    fn schema_name() -> Cow<'static, str> {
        "WorldRef".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^huella:plugin/(payment|fiscal|delivery|notification|alerts)@[0-9]+\\.[0-9]+\\.[0-9]+" })
    }
}
