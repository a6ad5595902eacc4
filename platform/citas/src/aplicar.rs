//! The agenda's part of a chain's files: opening hours, vets' plans, what owners book themselves, and the platform's holidays.
mod autoreservas;
mod feriados;

pub use autoreservas::AutoreservaSeccion;
pub use feriados::{FeriadoSeccion, aplicar_feriados};

use crate::{
    abrir,
    model::{HorarioSede, NuevoFeriado, Semana, hora},
    store,
};
use kernel::{
    Problem, Tx,
    apply::{Diff, Fault, Report, Verdict},
    ids::{SedeId, ServicioId, UsuarioId},
};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// The sections `[[horarios]]`, `[[planes]]`, `[[autoreservas]]` and `[[feriados]]`.
#[derive(Debug, Default)]
pub struct AgendaSeccion {
    pub horarios: Vec<HorarioSeccion>,
    pub planes: Vec<PlanSeccion>,
    pub autoreservas: Vec<AutoreservaSeccion>,
    pub feriados: Vec<NuevoFeriado>,
}

/// What other sections of the file made, by the words by which it is named here.
#[derive(Debug, Clone, Copy)]
pub struct Conocidos<'a> {
    /// By e-mail, in lower case.
    pub medicos: &'a HashMap<String, UsuarioId>,
    /// By code.
    pub servicios: &'a HashMap<String, ServicioId>,
}

macro_rules! semana {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(pub $field: String,)*
            #[serde(default)] #[schema(max_items = 6)] pub lunes: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub martes: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub miercoles: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub jueves: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub viernes: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub sabado: Vec<String>,
            #[serde(default)] #[schema(max_items = 6)] pub domingo: Vec<String>,
        }
        impl $name {
            fn semana(&self, clave: &str, faults: &mut Vec<Fault>) -> Semana {
                let days = [&self.lunes, &self.martes, &self.miercoles, &self.jueves, &self.viernes, &self.sabado, &self.domingo];
                read_week(days, clave, faults)
            }
        }
    };
}

semana!(
    /// Weekly opening hours of a sede (its `codigo`).
    HorarioSeccion { sede }
);
semana!(
    /// Weekly plan of a vet (an e-mail of `[[personal]]`) in a sede.
    PlanSeccion { medico, sede }
);

/// `["08:00-13:00", "15:00-20:00"]`, seven times.
fn read_week(days: [&Vec<String>; 7], clave: &str, faults: &mut Vec<Fault>) -> Semana {
    let mut tramos = Vec::new();
    for (dia, texts) in (1..).zip(days) {
        for text in texts {
            let ends = text.split_once('-').and_then(|(a, b)| Some((hora::parse(a)?, hora::parse(b)?)));
            match ends {
                Some((desde, hasta)) => tramos.push(HorarioSede { dia, desde, hasta }),
                None => faults.push(Fault::new(clave, format!("«{text}» no es un tramo HH:MM-HH:MM"))),
            }
        }
    }
    let semana = Semana { tramos };
    faults.extend(semana.check().into_iter().map(|e| Fault::new(clave, e.detail)));
    semana
}

/// One week of the file with where it goes.
struct Destino {
    clave: String,
    sede: SedeId,
    medico: Option<UsuarioId>,
    semana: Semana,
}

/// Applies hours, plans and what owners book themselves.
pub async fn aplicar(tx: &mut Tx, seccion: &AgendaSeccion, conocidos: Conocidos<'_>, report: &mut Report) -> Result<Vec<Fault>, Problem> {
    let sedes: HashMap<String, SedeId> = store::sedes(tx).await?.into_iter().collect();
    let mut faults = Vec::new();
    let mut horarios = Vec::new();
    for (index, entry) in seccion.horarios.iter().enumerate() {
        let at = format!("horarios[{index}]");
        let semana = entry.semana(&at, &mut faults);
        match sedes.get(&entry.sede) {
            Some(sede) => horarios.push(Destino { clave: entry.sede.clone(), sede: *sede, medico: None, semana }),
            None => faults.push(Fault::new(format!("{at}.sede"), "no hay una sede con este código")),
        }
    }
    let mut planes = Vec::new();
    for (index, entry) in seccion.planes.iter().enumerate() {
        let at = format!("planes[{index}]");
        let semana = entry.semana(&at, &mut faults);
        match (sedes.get(&entry.sede), conocidos.medicos.get(&entry.medico.to_lowercase())) {
            (Some(sede), Some(medico)) => {
                planes.push(Destino { clave: format!("{medico}@{}", entry.sede), sede: *sede, medico: Some(*medico), semana })
            }
            (None, _) => faults.push(Fault::new(format!("{at}.sede"), "no hay una sede con este código")),
            (_, None) => faults.push(Fault::new(format!("{at}.medico"), "no hay un médico con este correo")),
        }
    }
    let propias = autoreservas::leer(&seccion.autoreservas, &sedes, &conocidos, &mut faults);
    if faults.is_empty() {
        escribir(tx, "horario", horarios, report).await?;
        escribir(tx, "plan", planes, report).await?;
        autoreservas::escribir(tx, propias, report).await?;
        faults.extend(feriados::escribir(tx, &seccion.feriados, report).await?);
    }
    Ok(faults)
}

async fn escribir(tx: &mut Tx, tipo: &'static str, destinos: Vec<Destino>, report: &mut Report) -> Result<(), Problem> {
    let mut diff = Diff::load(tx, tipo).await?;
    let esperan = store::alguien_espera(tx).await?;
    for destino in destinos {
        let antes = match destino.medico {
            Some(medico) => store::planes(tx, destino.sede, medico).await?,
            None => store::horarios(tx, destino.sede).await?,
        };
        let current = (!antes.is_empty()).then(|| Semana { tramos: antes.clone() });
        if diff.entry(&destino.clave, &destino.clave, &destino.semana, current.as_ref()) == Verdict::Dejar {
            continue;
        }
        match destino.medico {
            Some(medico) => store::reemplazar_planes(tx, destino.sede, medico, &destino.semana.tramos).await?,
            None => store::reemplazar_horarios(tx, destino.sede, &destino.semana.tramos).await?,
        }
        // Who comes to wait later sees what is free by then: a week that nobody waited for opens nothing.
        let tramos = &destino.semana.tramos;
        abrir::semana(tx, destino.sede, destino.medico, if esperan { &antes } else { tramos }, tramos);
    }
    diff.save(tx, report).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_read_with_all_their_faults() {
        let text = "sede = 'LIM'\nlunes = ['09:00-13:00', '12:00-14:00']\nmartes = ['9 a 5']\n";
        let seccion: HorarioSeccion = toml::from_str(text).expect("toml");
        let mut faults = Vec::new();
        let semana = seccion.semana("horarios[0]", &mut faults);
        assert_eq!((semana.tramos.len(), faults.len()), (2, 2));
    }
}
