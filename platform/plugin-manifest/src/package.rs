//! The component with what it carries: manifest and configuration schema, and last the signatures.
use crate::{Fault, Manifest, Signatures, faults};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, ops::Range, str::FromStr};
use wasm_encoder::{CustomSection, Section};
use wasmparser::{Encoding, Parser, Payload};

/// No component is larger, whatever a manifest asks for.
pub const MAX_COMPONENT: usize = 32 << 20;
const MANIFEST: &str = "huella:manifest";
const SIGNATURE: &str = "huella:signature";
/// A signature is two keys and two signatures; a manifest is text for people.
const MAX_SECTION: usize = 512 << 10;
const MAX_CUSTOM: usize = 64;

/// sha256 of everything but the signatures: the plugin's identity, however often it is signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(out)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl FromStr for Digest {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("«{text}» no es un sha256");
        let mut out = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(bad());
        }
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| bad())?;
        }
        Ok(Self(out))
    }
}

impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUse {
    /// Only by `credential-ref`: the guest names it and never sees it.
    Host,
    /// The guest may read it.
    Guest,
}

/// What the section `huella:manifest` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    pub manifest: Manifest,
    /// JSON Schema of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_schema: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_ui: Option<Value>,
}

/// Bytes that are not a plugin.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("no es un componente WebAssembly: {0}")]
    NotAComponent(String),
    #[error("pesa {0} bytes; puede pesar como máximo {MAX_COMPONENT}")]
    TooLarge(usize),
    #[error("la sección «{0}» falta")]
    Missing(&'static str),
    #[error("la sección «{0}» está repetida, es muy grande o no está en su lugar")]
    Misplaced(&'static str),
    #[error("tiene más de {MAX_CUSTOM} secciones propias")]
    TooManySections,
    #[error("el manifiesto no sirve: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Manifest(Vec<Fault>),
    #[error("la firma no se puede leer")]
    Signature,
}

impl Package {
    /// Reads manifest and schema out of a component, and checks both.
    pub fn read(component: &[u8]) -> Result<Self, Unreadable> {
        let sections = Sections::find(component)?;
        let range = sections.manifest.ok_or(Unreadable::Missing(MANIFEST))?;
        let one = |detail: String| Unreadable::Manifest(vec![Fault::new("", detail)]);
        let mut value: Value = serde_json::from_slice(&component[range]).map_err(|error| one(error.to_string()))?;
        let manifest = Manifest::from_json(value["manifest"].take()).map_err(Unreadable::Manifest)?;
        let part = |value: &mut Value| Some(value.take()).filter(|value| !value.is_null());
        let package = Self { manifest, config_schema: part(&mut value["config-schema"]), config_ui: part(&mut value["config-ui"]) };
        match package.faults() {
            none if none.is_empty() => Ok(package),
            found => Err(Unreadable::Manifest(found)),
        }
    }

    /// The component with this inside, in the place of what it carried before. Signatures are over, and go.
    pub fn write(&self, component: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let sections = Sections::find(component)?;
        let mut out = component[..sections.signed_end(component)].to_vec();
        if let Some(section) = sections.manifest_section {
            out.drain(section);
        }
        let text = serde_json::to_vec(self).map_err(|error| Unreadable::Manifest(vec![Fault::new("", error.to_string())]))?;
        append(&mut out, MANIFEST, &text);
        Ok(out)
    }

    fn faults(&self) -> Vec<Fault> {
        let Some(schema) = &self.config_schema else {
            let missing = self.manifest.config.is_some().then(|| Fault::new("/config/schema", "el esquema no está en el paquete"));
            return missing.into_iter().chain(self.unknown_handshakes()).collect();
        };
        match jsonschema::meta::validate(schema) {
            Ok(()) => self.unknown_handshakes(),
            Err(error) => vec![Fault::new(format!("/config-schema{}", error.instance_path()), "no es un esquema JSON")],
        }
    }

    fn unknown_handshakes(&self) -> Vec<Fault> {
        let secrets = self.secrets();
        let named = self.manifest.webhooks.iter().enumerate().filter_map(|(at, hook)| Some((at, hook.handshake.as_deref()?)));
        let unknown = named.filter(|(_, name)| !secrets.contains_key(name));
        unknown
            .map(|(at, name)| Fault::new(format!("/webhooks/{at}/handshake"), format!("«{name}» no es un secreto de la configuración")))
            .collect()
    }

    /// A configuration against the plugin's schema. Secrets are kept elsewhere: they may be missing here, and must not be here.
    pub fn check_config(&self, config: &Value) -> Vec<Fault> {
        let Some(schema) = &self.config_schema else { return Vec::new() };
        let mut schema = schema.clone();
        let elsewhere: Vec<String> = self.secrets().into_keys().chain(self.key_slots().into_keys()).map(str::to_owned).collect();
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| !elsewhere.iter().any(|secret| name == secret));
        }
        let shown = elsewhere.iter().filter(|name| !config[name.as_str()].is_null());
        let shown = shown.map(|name| Fault::new(format!("/{name}"), "es un secreto y se guarda aparte"));
        faults(&schema, config).into_iter().chain(shown).collect()
    }

    /// The configuration's secrets by name, and who may see each.
    pub fn secrets(&self) -> BTreeMap<&str, SecretUse> {
        let kind = |property: &Value| match property["x-secret"].as_str() {
            Some("host") => Some(SecretUse::Host),
            Some("guest") => Some(SecretUse::Guest),
            _ => None,
        };
        self.properties().filter_map(|(name, property)| Some((name, kind(property)?))).collect()
    }

    /// The configuration's key slots, and the kind of key that each takes.
    pub fn key_slots(&self) -> BTreeMap<&str, &str> {
        self.properties().filter_map(|(name, property)| Some((name, property["x-key-slot"].as_str()?))).collect()
    }

    fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        let properties = self.config_schema.as_ref().and_then(|schema| schema["properties"].as_object());
        properties.into_iter().flatten().map(|(name, property)| (name.as_str(), property))
    }
}

/// Of a component, signed or not.
pub fn identity(component: &[u8]) -> Result<Digest, Unreadable> {
    signed(component).map(|(content, _)| Digest::of(content))
}

/// What is signed, and how it is.
pub(crate) fn signed(component: &[u8]) -> Result<(&[u8], Option<Signatures>), Unreadable> {
    let sections = Sections::find(component)?;
    let signatures = match &sections.signature {
        Some(range) => Some(serde_json::from_slice(&component[range.clone()]).map_err(|_| Unreadable::Signature)?),
        None => None,
    };
    Ok((&component[..sections.signed_end(component)], signatures))
}

pub(crate) fn with_signatures(component: &[u8], signatures: &Signatures) -> Result<Vec<u8>, Unreadable> {
    let (content, _) = signed(component)?;
    let mut out = content.to_vec();
    append(&mut out, SIGNATURE, &serde_json::to_vec(signatures).map_err(|_| Unreadable::Signature)?);
    Ok(out)
}

fn append(out: &mut Vec<u8>, name: &str, data: &[u8]) {
    CustomSection { name: name.into(), data: data.into() }.append_to(out);
}

/// Where ours lie among the sections of the component itself (those of what is nested in it are not ours).
#[derive(Default)]
struct Sections {
    /// The contents, and the section with its header.
    manifest: Option<Range<usize>>,
    manifest_section: Option<Range<usize>>,
    signature: Option<Range<usize>>,
    signature_from: Option<usize>,
}

impl Sections {
    fn find(component: &[u8]) -> Result<Self, Unreadable> {
        if component.len() > MAX_COMPONENT {
            return Err(Unreadable::TooLarge(component.len()));
        }
        let mut found = Self::default();
        let (mut depth, mut custom, mut end) = (0_usize, 0, 8);
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(|error| Unreadable::NotAComponent(error.to_string()))? {
                Payload::Version { encoding, .. } => {
                    if depth == 0 && encoding != Encoding::Component {
                        return Err(Unreadable::NotAComponent("es un módulo".into()));
                    }
                    depth += 1;
                }
                Payload::End(at) => {
                    depth -= 1;
                    end = at;
                }
                Payload::CustomSection(section) if depth == 1 => {
                    custom += 1;
                    if custom > MAX_CUSTOM {
                        return Err(Unreadable::TooManySections);
                    }
                    found.take(section.name(), section.data_offset()..section.range().end, end)?;
                    end = section.range().end;
                }
                other => end = other.as_section().map_or(end, |(_, range)| range.end),
            }
        }
        if found.signature.as_ref().is_some_and(|range| range.end != component.len()) {
            return Err(Unreadable::Misplaced(SIGNATURE));
        }
        Ok(found)
    }

    /// `from`: where the section before it ended, so where its header begins.
    fn take(&mut self, name: &str, data: Range<usize>, from: usize) -> Result<(), Unreadable> {
        let fits = data.len() <= MAX_SECTION;
        match name {
            MANIFEST if fits && self.manifest.is_none() => {
                self.manifest_section = Some(from..data.end);
                self.manifest = Some(data);
            }
            SIGNATURE if fits && self.signature.is_none() => {
                self.signature_from = Some(from);
                self.signature = Some(data);
            }
            MANIFEST => return Err(Unreadable::Misplaced(MANIFEST)),
            SIGNATURE => return Err(Unreadable::Misplaced(SIGNATURE)),
            _ => {}
        }
        Ok(())
    }

    fn signed_end(&self, component: &[u8]) -> usize {
        self.signature_from.unwrap_or(component.len())
    }
}
