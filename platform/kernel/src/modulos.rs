//! The parts of the platform that a chain can do without, a line each, and whose operations go with them.
use crate::{Problem, problem::kinds};

/// A line of the catalogue of modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modulo {
    pub clave: &'static str,
    pub nombre: &'static str,
    /// Whether this release has it: what is not there can be neither switched off nor on.
    pub existe: bool,
    /// Its operations: each a route below `/api/v1`, with all below it.
    pub rutas: &'static [&'static str],
}

macro_rules! modules {
    ($($key:literal, $name:literal, [$($route:literal),* $(,)?];)*) => {
        pub const CATALOGUE: &[Modulo] =
            &[$(Modulo { clave: $key, nombre: $name, existe: { const ROUTES: &[&str] = &[$($route),*]; !ROUTES.is_empty() }, rutas: &[$($route),*] }),*];
    };
}

modules! {
    "agenda", "Agenda, citas, sala y reservas de los tutores", [
        "/ajustes/citas", "/ajustes/lista-de-espera", "/autoreservas", "/bloqueos", "/calendarios", "/citas", "/disponibilidad", "/esperas",
        "/excepciones", "/feriados", "/ofertas", "/publico", "/reservas", "/retenciones", "/sedes/{id}/autoreserva", "/sedes/{id}/bloqueos",
        "/sedes/{id}/de-turno", "/sedes/{id}/excepciones", "/sedes/{id}/horarios", "/sedes/{id}/hoy", "/sedes/{id}/medicos", "/sedes/{id}/planes", "/sedes/{id}/rol",
        "/sedes/{id}/sala", "/sedes/{id}/turnos", "/sedes/{id}/turnos-asignados", "/sedes/{id}/visitas", "/traslados", "/turnos",
        "/turnos-asignados", "/tutores/{id}/faltas", "/visitas",
    ];
    "historias", "Historial clínico: vacunas, desparasitaciones, problemas, alergias y tratamientos", [
        "/antigenos", "/hechos-clinicos", "/pacientes/{id}/alergias", "/pacientes/{id}/desparasitaciones", "/pacientes/{id}/hechos",
        "/pacientes/{id}/historial", "/pacientes/{id}/problemas", "/pacientes/{id}/tratamientos", "/pacientes/{id}/vacunaciones", "/vacunas",
    ];
    "alertas", "Correos, recordatorios y alertas a los tutores", ["/ajustes/correos", "/mensajes", "/plantillas-correo"];
    "importacion", "Traer datos de otro sistema", ["/importaciones"];
    "integraciones", "Avisos a otros sistemas", ["/webhooks"];
    "farmacia", "Farmacia: stock, lotes y pedidos", [];
    "facturacion", "Comprobantes, caja y pagos", [];
    "video", "Teleconsulta", [];
    "analitica", "Indicadores y comparación de sedes", [];
}

/// The modules that a chain switched off, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Apagados(u32);

const _: () = assert!(CATALOGUE.len() <= 32);

/// Index of a key such as `agenda` in the catalogue.
pub fn index_of(clave: &str) -> Option<usize> {
    CATALOGUE.iter().position(|modulo| modulo.clave == clave)
}

/// The module that a route belongs to. What belongs to none is always there.
pub fn de_ruta(ruta: &str) -> Option<usize> {
    // The page for owners is nothing without what it asks.
    let ruta = if is_below(ruta, "/reservar") { "/publico" } else { ruta.strip_prefix("/api/v1")? };
    CATALOGUE.iter().position(|modulo| modulo.rutas.iter().any(|root| is_below(ruta, root)))
}

fn is_below(ruta: &str, root: &str) -> bool {
    ruta.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Apagados {
    /// Keys that this release does not know are another's, and switch nothing off.
    pub fn of<T: AsRef<str>>(claves: impl IntoIterator<Item = T>) -> Self {
        Self(claves.into_iter().filter_map(|clave| index_of(clave.as_ref())).fold(0, |set, index| set | 1 << index))
    }
    pub fn contains(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
    /// Refuses a route of a module that is off. Nearly all chains have none, which costs a comparison.
    pub fn check(self, ruta: Option<&str>) -> Result<(), Problem> {
        if self.0 == 0 {
            return Ok(());
        }
        match ruta.and_then(de_ruta).filter(|index| self.contains(*index)) {
            None => Ok(()),
            Some(index) => Err(apagado(&CATALOGUE[index])),
        }
    }
}

/// What an operation of a module that is off answers.
pub fn apagado(modulo: &Modulo) -> Problem {
    let detail = format!("«{}» está desactivado en la cadena. Quien administra los complementos puede activarlo.", modulo.nombre);
    Problem::new(kinds::MODULE_OFF).detail(detail).with("modulo", modulo.clave)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/api/v1/citas/{id}/estado", Some("agenda"))]
    #[case("/api/v1/citas", Some("agenda"))]
    #[case("/api/v1/pacientes/{id}/historial", Some("historias"))]
    #[case("/api/v1/pacientes/{id}", None)]
    #[case("/api/v1/sedes/{id}", None)]
    #[case("/api/v1/sedes/{id}/rol", Some("agenda"))]
    #[case("/api/v1/vacunaciones", None)]
    #[case("/reservar/{cadena}", Some("agenda"))]
    #[case("/healthz", None)]
    fn a_route_belongs_to_one_module_or_to_none(#[case] ruta: &str, #[case] modulo: Option<&str>) {
        assert_eq!(de_ruta(ruta).map(|index| CATALOGUE[index].clave), modulo);
    }

    #[test]
    fn only_what_is_off_is_refused() {
        let off = Apagados::of(["agenda", "de_otra_version"]);
        assert_eq!(off, Apagados::of(["agenda"]));
        let refused = off.check(Some("/api/v1/citas")).expect_err("off");
        assert_eq!(refused.status(), axum::http::StatusCode::FORBIDDEN);
        assert!(off.check(Some("/api/v1/pacientes/{id}/historial")).is_ok() && off.check(Some("/api/v1/sedes")).is_ok());
        assert!(Apagados::default().check(Some("/api/v1/citas")).is_ok());
    }
}
