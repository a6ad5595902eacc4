//! `huella-plugin`: from an empty folder to a signed plugin.
mod build;
mod check;
#[cfg(feature = "host")]
mod host;
mod new;
mod pack;
mod sign;
#[cfg(any(test, not(feature = "host")))]
mod sin_host;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(name = "huella-plugin", version, about = "Hace complementos de Huella: componentes WebAssembly con su manifiesto dentro")]
struct Arguments {
    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Un complemento nuevo, que ya compila y se prueba.
    New(new::Options),
    /// Compila los complementos de una carpeta.
    Build(build::Options),
    /// Revisa un componente sin ejecutarlo: manifiesto, esquema, qué importa y exporta.
    Check {
        #[arg(required = true)]
        components: Vec<PathBuf>,
    },
    /// Prueba un complemento compilado con los casos de una carpeta.
    #[cfg(feature = "host")]
    Test(host::casos::Options),
    /// Prueba lo que todo complemento de su mundo debe cumplir.
    #[cfg(feature = "host")]
    Conformance(host::conformance::Options),
    /// Vigila la carpeta de un complemento: lo compila y lo carga con cada cambio, y deja probarlo en una página.
    #[cfg(feature = "host")]
    Dev(host::dev::Options),
    /// Hace una llamada de verdad y la guarda como un caso, sin secretos ni datos de personas.
    #[cfg(feature = "host")]
    Record(host::record::Options),
    /// Repite una corrida de una regla y compara lo que da.
    #[cfg(feature = "host")]
    Replay(host::replay::Options),
    #[cfg(not(feature = "host"))]
    #[command(flatten)]
    SinHost(sin_host::Order),
    /// Pone el manifiesto en un módulo o componente que ya está compilado.
    Pack(pack::Options),
    /// Firma componentes con la clave de quien los publica.
    Sign(sign::Options),
    /// Una clave nueva para firmar, en un archivo que solo lee su dueño.
    Keygen { file: PathBuf },
}

fn main() -> ExitCode {
    match run(Arguments::parse().order) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(order: Order) -> Result<ExitCode> {
    match order {
        Order::New(options) => new::run(&options)?,
        Order::Build(options) => build::run(&options)?,
        Order::Check { components } => return check::run(&components),
        #[cfg(feature = "host")]
        Order::Test(options) => return host::casos::run(&options),
        #[cfg(feature = "host")]
        Order::Conformance(options) => return host::conformance::run(&options),
        #[cfg(feature = "host")]
        Order::Dev(options) => return host::dev::run(options),
        #[cfg(feature = "host")]
        Order::Record(options) => return host::record::run(&options),
        #[cfg(feature = "host")]
        Order::Replay(options) => return host::replay::run(&options),
        #[cfg(not(feature = "host"))]
        Order::SinHost(order) => return Err(sin_host::missing(&order)),
        Order::Pack(options) => pack::run(&options)?,
        Order::Sign(options) => sign::run(&options)?,
        Order::Keygen { file } => sign::keygen(&file)?,
    }
    Ok(ExitCode::SUCCESS)
}
