//! Plugins that mean harm, through the whole server: uploaded, reviewed, installed and set off over HTTP as people do it,
//! on the real engine and a real PostgreSQL. Each is refused at the door or contained, says why in the chain's list of runs,
//! and is nothing that another chain would notice.
mod arranque;
#[path = "../../platform/plugin-host/tests/fallas/codigo.rs"]
mod codigo;
mod efectos;
mod entrada;
mod exportaciones;
mod frontera;
#[path = "../../platform/plugin-host/tests/fallas/hostil.rs"]
mod hostil;
mod huespedes;
mod instancias;
mod limites;
mod mundo;
mod red;
mod repetir;
#[path = "../../platform/plugin-host/tests/fallas/servidores.rs"]
mod servidores;
mod trampas;
mod vecinos;

/// Where the contract is.
const CONTRATO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk/wit");
