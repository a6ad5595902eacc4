//! What owners may book themselves, sede by sede.
use super::Conocidos;
use crate::{model::Autoreserva, store};
use kernel::{
    Change, Problem, Tx,
    apply::{Diff, Fault, Report, Verdict},
    ids::SedeId,
    schema,
};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// What a sede (its `codigo`) lets owners book themselves; what is missing is as proposed, and what is said has the bounds of
/// [`Autoreserva`].
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoreservaSeccion {
    pub sede: String,
    /// Codes of `[[servicios]]`.
    #[schema(min_items = 1)]
    pub servicios: Vec<String>,
    /// E-mails of `[[personal]]`; every vet if there are none.
    #[serde(default)]
    pub medicos: Vec<String>,
    #[serde(default)]
    pub elige_medico: bool,
    /// Keys of species; all if there are none.
    #[serde(default)]
    pub especies: Vec<String>,
    pub antelacion_min: Option<i32>,
    pub dias_max: Option<i32>,
    pub retencion_min: Option<i32>,
    #[serde(default)]
    pub aprobar: bool,
    pub aprobar_horas: Option<i32>,
    pub abiertas_max: Option<i32>,
    pub por_dia_max: Option<i32>,
    pub instrucciones: Option<String>,
    pub condiciones: String,
    pub condiciones_version: String,
}

impl AutoreservaSeccion {
    fn datos(&self, at: &str, conocidos: &Conocidos<'_>, faults: &mut Vec<Fault>) -> Autoreserva {
        let mut missing = |campo: &str, index: usize, why: &str| faults.push(Fault::new(format!("{at}.{campo}[{index}]"), why));
        let mut servicios = Vec::with_capacity(self.servicios.len());
        for (index, codigo) in self.servicios.iter().enumerate() {
            match conocidos.servicios.get(codigo) {
                Some(id) if servicios.contains(id) => missing("servicios", index, "está repetido"),
                Some(id) => servicios.push(*id),
                None => missing("servicios", index, "no hay un servicio con este código"),
            }
        }
        let mut medicos = Vec::with_capacity(self.medicos.len());
        for (index, correo) in self.medicos.iter().enumerate() {
            match conocidos.medicos.get(&kernel::text::email(correo)) {
                Some(id) => medicos.push(*id),
                None => missing("medicos", index, "no hay un médico con este correo"),
            }
        }
        let propuesta = Autoreserva::propuesta(servicios, self.condiciones.clone(), self.condiciones_version.clone());
        let datos = Autoreserva {
            medicos,
            elige_medico: self.elige_medico,
            especies: self.especies.clone(),
            antelacion_min: self.antelacion_min.unwrap_or(propuesta.antelacion_min),
            dias_max: self.dias_max.unwrap_or(propuesta.dias_max),
            retencion_min: self.retencion_min.unwrap_or(propuesta.retencion_min),
            aprobar: self.aprobar,
            aprobar_horas: self.aprobar_horas.unwrap_or(propuesta.aprobar_horas),
            abiertas_max: self.abiertas_max.unwrap_or(propuesta.abiertas_max),
            por_dia_max: self.por_dia_max.unwrap_or(propuesta.por_dia_max),
            instrucciones: self.instrucciones.clone(),
            ..propuesta
        };
        let wrong = schema::violations::<Autoreserva>(&serde_json::to_value(&datos).unwrap_or_default());
        faults.extend(wrong.into_iter().map(|error| Fault::of_field(at, error)));
        datos
    }
}

/// Reads the section against what the chain has; nothing is written.
pub fn leer(
    secciones: &[AutoreservaSeccion],
    sedes: &HashMap<String, SedeId>,
    conocidos: &Conocidos<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<(String, SedeId, Autoreserva)> {
    let mut read: Vec<(String, SedeId, Autoreserva)> = Vec::new();
    for (index, seccion) in secciones.iter().enumerate() {
        let at = format!("autoreservas[{index}]");
        let datos = seccion.datos(&at, conocidos, faults);
        match sedes.get(&seccion.sede) {
            Some(sede) if read.iter().any(|(_, other, _)| other == sede) => faults.push(Fault::new(format!("{at}.sede"), "está repetida")),
            Some(sede) => read.push((seccion.sede.clone(), *sede, datos)),
            None => faults.push(Fault::new(format!("{at}.sede"), "no hay una sede con este código")),
        }
    }
    read
}

pub async fn escribir(tx: &mut Tx, leidas: Vec<(String, SedeId, Autoreserva)>, report: &mut Report) -> Result<(), Problem> {
    let mut diff = Diff::load(tx, "autoreserva").await?;
    for (codigo, sede, datos) in leidas {
        let antes = store::autoreserva(tx, sede).await?;
        if diff.entry(&codigo, &codigo, &datos, antes.as_ref().map(|antes| &antes.autoreserva)) == Verdict::Dejar {
            continue;
        }
        store::guardar_autoreserva(tx, sede, &datos).await?;
        tx.audit(Change::new("configurar", "autoreserva", sede).sede(sede).antes(&antes).despues(&datos));
    }
    diff.save(tx, report).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::{ServicioId, UsuarioId};

    #[test]
    fn what_the_chain_does_not_have_is_named() {
        let text = "sede = 'CUS'\nservicios = ['CONS', 'NADA', 'CONS']\nmedicos = ['Leo@Prueba.pe', 'otro@prueba.pe']\ncondiciones = 'Sus datos.'\ncondiciones_version = '2026-01'";
        let seccion: AutoreservaSeccion = toml::from_str(text).expect("toml");
        let (servicio, medico) = (ServicioId::new(), UsuarioId::new());
        let servicios = HashMap::from([("CONS".to_owned(), servicio)]);
        let medicos = HashMap::from([("leo@prueba.pe".to_owned(), medico)]);
        let conocidos = Conocidos { medicos: &medicos, servicios: &servicios };
        let mut faults = Vec::new();
        let datos = seccion.datos("autoreservas[0]", &conocidos, &mut faults);
        assert_eq!((datos.servicios, datos.medicos, datos.antelacion_min, datos.activa), (vec![servicio], vec![medico], 120, true));
        assert_eq!(faults.len(), 3, "{faults:?}");
        let sedes = HashMap::from([("LIM".to_owned(), SedeId::new())]);
        let mut faults = Vec::new();
        assert!(leer(&[seccion], &sedes, &conocidos, &mut faults).is_empty());
        assert!(faults.iter().any(|fault| fault.to_string().contains("autoreservas[0].sede")), "{faults:?}");
    }

    #[test]
    fn what_is_beyond_the_bounds_is_named() {
        let text =
            "sede = 'CUS'\nservicios = ['CONS']\ndias_max = 366\nretencion_min = 4\ncondiciones = ''\ncondiciones_version = '2026-01'";
        let seccion: AutoreservaSeccion = toml::from_str(text).expect("toml");
        let (medicos, servicios) = (HashMap::new(), HashMap::from([("CONS".to_owned(), ServicioId::new())]));
        let mut faults = Vec::new();
        seccion.datos("autoreservas[0]", &Conocidos { medicos: &medicos, servicios: &servicios }, &mut faults);
        let mut named: Vec<&str> = faults.iter().map(|fault| fault.clave.as_str()).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named, ["autoreservas[0].condiciones", "autoreservas[0].dias_max", "autoreservas[0].retencion_min"], "{faults:?}");
    }
}
