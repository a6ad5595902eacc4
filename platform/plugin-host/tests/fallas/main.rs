//! Plugins that mean harm, or are broken, against the real host: compiled by `huella-compilar`, sealed, loaded and
//! called. What they must not reach is really there.
mod cerrado;
mod certificado;
mod codigo;
mod compilador;
mod conformidad;
mod exportaciones;
mod frontera;
mod hostil;
mod limites;
mod mundo;
mod red;
mod servidores;
mod vecinos;
mod vistas;

/// Where the contract is.
const CONTRATO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/wit");
