//! Measurements of the production build: `cargo xtask bench <name> [--json]`.
mod agenda;
mod almacen;
mod arranque;
mod bench;
mod chains;
#[cfg(feature = "complementos")]
mod complementos;
mod escala;
mod gente;
#[cfg(feature = "complementos")]
mod hostil;
#[cfg(feature = "complementos")]
#[path = "../../platform/plugin-host/tests/fallas/codigo.rs"]
#[expect(dead_code, reason = "most of these guests are for tests")]
mod huespedes;
mod idle;
mod importar;
mod instancias;
mod jornada;
mod maximum;
mod measure;
mod medida;
mod memory;
mod mix;
mod multiplicar;
mod names;
#[cfg(feature = "complementos")]
mod noche;
mod offers;
mod open_loop;
mod pgbench;
mod place;
mod profile;
mod push;
mod queries;
mod race;
mod reads;
mod remembered;
mod reservar;
mod series;
mod server;
mod slots;
mod turns;

use anyhow::{Result, bail};

/// Where the contract is.
#[cfg(feature = "complementos")]
const CONTRATO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/wit");
/// What a night is promised for.
#[cfg(feature = "complementos")]
const MASCOTAS: usize = 200_000;

/// One thread: the examiner must not take both cores.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let seconds = arguments.windows(2).find(|pair| pair[0] == "--segundos").and_then(|pair| pair[1].parse().ok()).unwrap_or(60.0);
    let profile = arguments.iter().any(|argument| argument == "--perfil");
    let only = arguments.windows(2).find(|pair| pair[0] == "--solo").map(|pair| pair[1].as_str());
    match (arguments.first().map(String::as_str), only) {
        (Some("reservar"), None) => reservar::run(seconds, json, profile).await,
        (Some("reservar"), Some(part)) => {
            let rate = arguments.windows(2).find(|pair| pair[0] == "--ritmo").and_then(|pair| pair[1].parse().ok());
            reservar::run_part(part, reservar::Offered::new(rate, seconds), profile).await
        }
        (Some("escala"), _) => escala::run(&arguments[1..]).await,
        (Some("arranque"), None) => arranque::run(json).await,
        (Some("agenda"), None) => agenda::run(seconds, json).await,
        (Some("agenda"), Some(part)) => agenda::run_part(part, seconds).await,
        #[cfg(feature = "complementos")]
        (Some("plugins"), only) => {
            let given = arguments.windows(2).find(|pair| pair[0] == "--mascotas").and_then(|pair| pair[1].parse().ok());
            complementos::run(given.unwrap_or(MASCOTAS), json, only).await
        }
        _ => bail!(
            "uso: carga reservar|agenda|escala|arranque|plugins [--segundos N] [--mascotas N] [--solo reservas|mezcla|lecturas|carrera|importar|noche|hostil] [--perfil] [--json]"
        ),
    }
}
