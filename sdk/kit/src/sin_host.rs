//! The orders that run a plugin, in a build without what runs it: they are known, and say how to get it.
use anyhow::{Error, anyhow};
use std::ffi::OsString;

#[derive(clap::Subcommand)]
pub enum Order {
    /// Prueba un complemento compilado con los casos de una carpeta. No está en esta compilación.
    Test(Rest),
    /// Prueba lo que todo complemento de su mundo debe cumplir. No está en esta compilación.
    Conformance(Rest),
    /// Compila y carga un complemento con cada cambio, y deja probarlo en una página. No está en esta compilación.
    Dev(Rest),
    /// Hace una llamada de verdad y la guarda como un caso. No está en esta compilación.
    Record(Rest),
    /// Repite una corrida de una regla y compara lo que da. No está en esta compilación.
    Replay(Rest),
}

/// Whatever it was given.
#[derive(clap::Args)]
pub struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<OsString>,
}

impl Order {
    fn name(&self) -> &'static str {
        match self {
            Self::Test(_) => "test",
            Self::Conformance(_) => "conformance",
            Self::Dev(_) => "dev",
            Self::Record(_) => "record",
            Self::Replay(_) => "replay",
        }
    }
}

/// What to type to have it.
pub fn missing(order: &Order) -> Error {
    anyhow!(
        "«{}» ejecuta complementos, y esta huella-plugin se compiló sin el anfitrión que los ejecuta. Para tenerlo, desde la carpeta de Huella:\n  \
         cargo build --package kit\n  cargo build --package huella-compilar\ny después, otra vez, huella-plugin {0} …",
        order.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Arguments {
        #[command(subcommand)]
        order: Order,
    }

    #[test]
    fn whatever_it_is_given_it_says_exactly_what_to_type() {
        let typed = [
            &["test", "plugins/dist/vacunas.wasm", "--cases", "plugins/vacunas/casos"][..],
            &["conformance", "canal.wasm", "--settings", "ajustes.json"],
            &["dev", "datos/pesos", "--target-dir", "target/plugins"],
            &["dev", "--puerto", "0"],
            &["record"],
            &["replay", "pesos.wasm", "corrida.json", "--config", "config.json"],
        ];
        for words in typed {
            let line = [&["huella-plugin"][..], words].concat();
            let asked = Arguments::try_parse_from(line).unwrap_or_else(|error| panic!("{words:?}: {error}"));
            let said = missing(&asked.order).to_string();
            assert!(said.starts_with(&format!("«{}» ejecuta complementos", words[0])), "{said}");
            assert!(said.contains("\n  cargo build --package kit\n  cargo build --package huella-compilar\n"), "{said}");
        }
    }

    /// An order of the other build that this one did not know would be a mistake of whoever types it.
    #[cfg(feature = "host")]
    #[test]
    fn both_builds_know_the_same_orders() {
        use clap::CommandFactory;
        let names = |command: clap::Command| command.get_subcommands().map(|one| one.get_name().to_owned()).collect::<Vec<_>>();
        let always = ["new", "build", "check", "pack", "sign", "keygen"];
        let mut with = names(crate::Arguments::command());
        with.retain(|name| !always.contains(&name.as_str()));
        assert_eq!(names(Arguments::command()), with);
    }
}
