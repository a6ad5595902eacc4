//! What a component would touch, from its bytes: nothing is compiled or run.
use crate::{
    Fault, MAX_COMPONENT, World,
    world::{is_kept, is_wasi, qualified},
};
use std::collections::BTreeSet;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// The WebAssembly that a plugin may use: what compilers emit today, and nothing that the host's engine has switched off.
pub const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::COMPONENT_MODEL)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::TAIL_CALL)
    .difference(WasmFeatures::GC_TYPES);

/// Memories of all modules of a component together. Compilers make one; each sets gibibytes of addresses aside.
pub const MAX_MEMORIES: u32 = 2;

/// The names at a component's edge, and what within it would be too much.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Audit {
    pub imports: BTreeSet<String>,
    pub exports: BTreeSet<String>,
    memories: u32,
}

/// Reads and validates all of it, and compares its edge with `world`. A full parse first, because an engine that meets
/// bytes that are none may panic.
pub fn audit(component: &[u8], world: World) -> Result<Audit, Vec<Fault>> {
    let one = |detail: String| vec![Fault::new("", detail)];
    if component.len() > MAX_COMPONENT {
        return Err(one(format!("pesa {} bytes; puede pesar como máximo {MAX_COMPONENT}", component.len())));
    }
    let invalid = |error: wasmparser::BinaryReaderError| one(format!("no es un componente válido: {error}"));
    Validator::new_with_features(FEATURES).validate_all(component).map_err(invalid)?;
    let found = edge(component).map_err(invalid)?;
    match found.faults(world) {
        none if none.is_empty() => Ok(found),
        faults => Err(faults),
    }
}

fn edge(component: &[u8]) -> Result<Audit, wasmparser::BinaryReaderError> {
    let mut found = Audit::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    found.imports.insert(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    found.exports.insert(export?.name.name.to_owned());
                }
            }
            Payload::MemorySection(memories) => found.memories = found.memories.saturating_add(memories.count()),
            _ => {}
        }
    }
    Ok(found)
}

impl Audit {
    fn faults(&self, world: World) -> Vec<Fault> {
        let known =
            |name: &str, among: &[&str]| qualified(name).is_some_and(|(short, version)| among.contains(&short) && is_kept(&version));
        let closed = |name: &str| is_wasi(name).is_some_and(|short| world.wasi().contains(&short));
        let unknown = self.imports.iter().filter(|name| !known(name, world.imports()) && !closed(name));
        let imports = unknown.map(|name| Fault::new("/imports", refused(name, world)));
        let missing = world.exports().iter().filter(|wanted| !self.exports.iter().any(|name| known(name, &[wanted])));
        let missing = missing.map(|wanted| Fault::new("/exports", format!("falta huella:plugin/{wanted}@{}", crate::CONTRACT)));
        let many = (self.memories > MAX_MEMORIES)
            .then(|| Fault::new("/memorias", format!("tiene {} memorias; puede tener como máximo {MAX_MEMORIES}", self.memories)));
        imports.chain(missing).chain(many).collect()
    }
}

fn refused(name: &str, world: World) -> String {
    let offer = world.imports().join(", ");
    match (name.starts_with("wasi:"), world.is_pure()) {
        (false, _) => format!("«{name}» no existe para el mundo {world}, que ofrece: {offer}"),
        (true, true) => format!("«{name}» no existe para una regla, que no tiene WASI: compílela para wasm32-unknown-unknown; hay {offer}"),
        (true, false) => {
            format!(
                "«{name}» no existe para el mundo {world}: de WASI 0.2 hay, sin nada detrás, {}; además hay {offer}",
                world.wasi().join(", ")
            )
        }
    }
}
