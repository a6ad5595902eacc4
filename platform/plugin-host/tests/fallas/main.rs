//! Plugins that mean harm, or are broken, against the real host: compiled by `huella-compilar`, sealed, loaded and
//! called. What they must not reach is really there.
mod codigo;
mod frontera;
mod limites;
mod mundo;
mod red;
mod servidores;
mod vecinos;

/// Where the contract is.
const CONTRATO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/wit");
