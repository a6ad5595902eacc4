//! The developer's commands. `cargo xtask help` lists them.
//!
//! Few dependencies on purpose: this builds in seconds on a fresh machine, and only then says what else it needs.
mod bench;
mod coverage;
mod demo;
mod e2e;
mod job;
mod lint;
mod node;
mod packages;
mod paths;
mod plugins;
mod portal;
mod prepare;
mod recorrido;
mod redis;
mod test;
mod tutorial;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
Uso: cargo xtask ORDEN

  demo [--port 8080] [--data DIR] [--fresh] [--sin-portal]
                     Compila y arranca Huella con datos de muestra y todo lo que necesita, sin tocar
                     los servicios del sistema. DIR es ./datos/demo; --fresh empieza de nuevo;
                     --sin-portal no construye el portal y por eso no necesita Node.
  test [FILTRO]      Todas las pruebas, contra un PostgreSQL y un Redis propios que desaparecen al final.
                     Lo que siga a -- pasa al programa de pruebas. Con «e2e», solo las del navegador, también
                     las largas: cada pantalla en cada ancho; lo que siga pasa a Playwright.
  recorrido          El recorrido del README, tal como está escrito, contra una demostración propia. También
                     es parte de «test».
  tutorial [en]      El tutorial de quien escribe complementos, tal como está en docs/complementos.md (o el inglés),
                     contra una demostración propia, y cuánto tarda: son diez minutos.
  plugins            Compila los complementos de plugins/ a plugins/dist/*.wasm, con su manifiesto. Con «ejemplos», en cambio,
                     los de sdk/ejemplos, en Python y JavaScript, y los prueba: trae componentize-py y componentize-js.
  portal [--check]   Construye el portal web y renueva sus tipos de la API; con --check, falla si cambiaron.
  screenshots        Capturas de todas las pantallas del portal, con datos de muestra.
  imagenes           Renueva en docs/imagenes las del README: agenda, sala, un paciente y donde reservan los tutores.
  lint               Formato y clippy sin advertencias.
  sqlx [--check]     Renueva .sqlx, lo que el compilador sabe de cada consulta; con --check solo compara.
  coverage [FILTRO]  Las pruebas, y qué parte de las líneas de platform/ recorren.
  bench NOMBRE [--segundos N] [--solo PARTE] [--ritmo N] [--perfil] [--json]
                     Mide con PostgreSQL durable y el servidor compilado para producción:
                     reservar, agenda o plugins (que tiene partes: llamadas, noche, hostil). «escala» mide lo que cuesta una
                     solicitud con 50, 500 y 5 000 sedes y lo que dan 1, 2 y 4 instancias: un cuarto de hora y 9 GB de disco
                     ([--solo tamanos|instancias] [--tamanos 50,500] [--ritmo N]; con --corto, una prueba de un minuto).
                     «arranque» mide cuánto tarda la demostración la primera vez y la segunda, y el servidor, y falla si es
                     más de lo prometido. «reservar --perfil» dice además en qué se va el minuto de reservas.
  deny               Avisos de seguridad y licencias de las dependencias.
  help               Esto.

Lo que falte se instala solo en Debian 12 y 13 y Ubuntu 24.04 (como root o con sudo).";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            // As a shell reports an interrupted program.
            if job::interrupted() { ExitCode::from(130) } else { ExitCode::FAILURE }
        }
    }
}

fn run() -> Result<ExitCode> {
    job::listen_to_signals()?;
    let words: Result<Vec<String>, _> = std::env::args_os().skip(1).map(std::ffi::OsString::into_string).collect();
    let Ok(words) = words else { bail!("los argumentos deben estar en UTF-8") };
    let (command, rest) = words.split_first().map_or((None, &[][..]), |(command, rest)| (Some(command), rest));
    match command.map(String::as_str) {
        Some("--help" | "-h") | None => help(rest),
        Some(name) => match ORDERS.iter().find(|(order, _)| *order == name) {
            Some((_, run)) => run(rest),
            None => bail!("no existe la orden «{name}»\n\n{HELP}"),
        },
    }
}

type Order = fn(&[String]) -> Result<ExitCode>;

const ORDERS: [(&str, Order); 14] = [
    ("demo", demo::run),
    ("test", test::run),
    ("recorrido", recorrido::run),
    ("tutorial", tutorial::run),
    ("plugins", plugins::run),
    ("portal", portal::run),
    ("screenshots", e2e::screenshots),
    ("imagenes", e2e::imagenes),
    ("lint", lint::lint),
    ("sqlx", prepare::run),
    ("coverage", coverage::run),
    ("bench", bench::run),
    ("deny", lint::deny),
    ("help", help),
];

fn help(_: &[String]) -> Result<ExitCode> {
    println!("{HELP}");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_explained_and_every_explained_one_exists() {
        let line = |line: &str| Some(line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split(' ').next()?.to_owned());
        let explained: Vec<String> = HELP.lines().filter_map(line).collect();
        assert_eq!(explained, ORDERS.map(|(order, _)| order.to_owned()));
    }
}
